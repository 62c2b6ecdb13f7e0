"""Certificates are computed when a run is read; the status says how it came about."""

import pytest

from certiball.certificate import Abstention, Certificate, Rule
from certiball.certification.judge import judge
from certiball.runs.read import read_run
from certiball.runs.status import read_status
from certiball.statistics.binomial import class_lower_bound


def test_each_input_gets_what_its_votes_support(tmp_path, job, carry):
    carry(tmp_path, job())
    results = read_run(tmp_path)
    assert results.complete
    dark, *_, light = results.outcomes
    assert isinstance(dark.result, Certificate)
    assert (dark.result.label, light.result.label) == (0, 1)
    assert [outcome.clean for outcome in results.outcomes] == [0, 0, 0, 1, 1, 1]
    assert dark.seconds > 0
    votes = dark.result.estimation
    assert votes.total == 2100
    assert dark.result.selection.total == 40
    assert dark.result.p_lower == class_lower_bound(votes, 0, 0.001)
    [draw] = results.draws.values()
    assert dark.result == judge(results.spec.claim, draw, dark.result.selection, votes, 4)


def test_the_claim_of_the_run_decides(tmp_path, job, carry):
    carry(tmp_path, job(rule=Rule.TWO_CLASS))
    assert all(o.result.p_upper is not None for o in read_run(tmp_path).outcomes)


def test_votes_that_do_not_decide_are_an_abstention(tmp_path, job, carry):
    carry(tmp_path, job(sigma=5.0))
    results = [outcome.result for outcome in read_run(tmp_path).outcomes]
    assert any(isinstance(result, Abstention) for result in results)


@pytest.mark.usefixtures("small_bundles")
def test_the_status_of_a_run_that_was_stopped(tmp_path, job, carry):
    carry(tmp_path, job(), bundles=3)
    status = read_status(tmp_path)
    assert 0 < status.progress.done < status.progress.total == 6 * 2140
    assert status.progress.rate > 0
    [part] = status.parts
    assert (part.done, part.total) == (status.progress.done, status.progress.total)
    assert str(status.attempts[0]).endswith(f"stopped early {status.attempts[0].ended}")


def test_the_status_of_a_run_without_votes(tmp_path, job, carry):
    carry(tmp_path, job(), bundles=0)
    status = read_status(tmp_path)
    assert status.progress.rate == 0
    assert status.progress.left is None
