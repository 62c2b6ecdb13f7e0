"""Certificates are computed when a run is read; the status says how it came about."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from certiball.certificate import Abstention, Certificate
from certiball.certification.judge import judge
from certiball.certification.plan import FixedSamples
from certiball.claim import Rule
from certiball.errors import StoreError
from certiball.runs.evidence import Kind, pack
from certiball.runs.read import read_run
from certiball.runs.status import read_status
from certiball.runs.store import FILE, open_for_reading
from certiball.runs.tables import read_evidence, read_spec
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
    assert dark.result == judge(
        results.spec.question, results.spec.plan, draw, dark.result.selection, votes
    )


def test_the_claim_of_the_run_decides(tmp_path, job, carry):
    carry(tmp_path, job(rule=Rule.TWO_CLASS))
    assert all(o.result.p_upper is not None for o in read_run(tmp_path).outcomes)


def test_votes_that_do_not_decide_are_an_abstention(tmp_path, job, carry):
    carry(tmp_path, job(sigma=5.0))
    results = [outcome.result for outcome in read_run(tmp_path).outcomes]
    assert any(isinstance(result, Abstention) for result in results)


def _edit(folder, statement, *values):
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute(statement, values)


@pytest.mark.parametrize(
    ("first", "chunk", "change"), [(0, 0, 1), (0, 31, -1), (64, 1, 1), (64, 1, -20)]
)
def test_votes_that_are_not_as_many_as_their_samples_are_damage(
    tmp_path, job, carry, first, chunk, change
):
    """The last chunk of all has 20 samples of 32."""
    carry(tmp_path, job())
    with open_for_reading(tmp_path) as connection:
        spec = read_spec(connection)
        blocks = {b.block.first: b for b in read_evidence(connection, Kind.VOTES, 0, spec)}
    counts = blocks[first].counts.copy()
    counts[chunk, 0] += change
    _edit(
        tmp_path,
        "UPDATE blocks SET counts = ? WHERE kind = 'votes' AND input = 0 AND phase = 1 "
        "AND first = ?",
        pack(counts),
        first,
    )
    with pytest.raises(StoreError, match=rf"damaged \(input 0, chunk {first}: \d+ votes for"):
        read_run(tmp_path)


def test_a_block_of_no_samples_is_damage(tmp_path, job, carry):
    carry(tmp_path, job())
    _edit(tmp_path, "UPDATE blocks SET samples = 0 WHERE input = 3 AND first = 64")
    with pytest.raises(StoreError, match="damaged"):
        read_run(tmp_path)


def test_more_votes_than_the_plan_wanted_are_damage(tmp_path, job, carry):
    """A whole further chunk, as nobody drew it: the bound is for the number of the plan."""
    carry(tmp_path, job(plan=FixedSamples(n0=40, n=1024)))
    _edit(
        tmp_path,
        "INSERT INTO blocks VALUES ('votes', 2, 1, 32, 32, ?, 0.0, 1)",
        pack(np.array([[32, 0]])),
    )
    with pytest.raises(StoreError, match=r"input 2 has 40 and 1056 votes, not 40 and 1024"):
        read_run(tmp_path)


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
