"""Inputs for which a model gives no vote: kept as failed, while the others go on."""

from dataclasses import replace

import numpy as np
import pytest

from certiball.certificate import Certificate
from certiball.errors import BackendError, MissingExtraError, ModelError
from certiball.execution import Block
from certiball.executors import Bundle, Drawn
from certiball.report.from_run import study_of_run
from certiball.runs.flow import flow, spread
from certiball.runs.merge import merge
from certiball.runs.read import read_run
from certiball.runs.shards import Shard
from certiball.runs.status import read_status
from certiball.samplers.streams import Phase
from runs.conftest import bright


def broken_at(*greys, value=np.nan, times=None):
    """Scores like those of `bright`, but not for some greys: without noise, or under it too."""
    calls = []

    def answer(batch):
        calls.append(len(batch))
        scores = np.eye(2, dtype=np.float32)[bright(batch)]
        if times is None or len(calls) > times:
            for grey in greys:
                near = np.abs(batch.mean((1, 2, 3)) - grey / 255) < 0.04
                scores[near] = value
        return scores

    return answer


def _study(folder):
    return study_of_run(read_run(folder))


@pytest.mark.parametrize("grey", [0, 110, 255])
def test_an_input_that_fails_clean_is_kept_as_not_certified(tmp_path, job, carry, stored, grey):
    wanted = job(function=broken_at(grey), sigma=0.01)
    last = carry(tmp_path / "run", wanted)[-1]
    assert last.complete
    assert last.total == 5 * 2140
    results = read_run(tmp_path / "run")
    assert results.complete
    [failed] = [o for o in results.outcomes if o.failure is not None]
    assert (failed.result, failed.clean) == (None, None)
    assert f"input {failed.item.input} without noise have NaN" in failed.failure
    assert sum(isinstance(o.result, Certificate) for o in results.outcomes) == 5
    study = _study(tmp_path / "run")
    assert study.size == 6
    entry = study.entries[failed.item.position]
    assert (entry.predicted, entry.radius, entry.answer.label) == (None, 0.0, None)
    assert "have NaN" in entry.reason
    assert study.notes[0].startswith("1 of 6 inputs failed")
    assert results.attempts[0].outcome == "done, 1 inputs failed"
    assert list(read_status(tmp_path / "run").failures) == [failed.item.input]


@pytest.mark.parametrize("bundle", [1, 2**19])
def test_an_input_that_fails_under_noise_leaves_the_others_votes_as_they_are(
    tmp_path, job, carry, stored, monkeypatch, bundle
):
    """Nothing fails without noise, and then the first of all inputs does.

    Eight calls come before: one for the digest, six to see that nothing changes, and the labels.
    """
    monkeypatch.setattr("certiball.certification.single_input.CALLS", 2)
    monkeypatch.setattr("certiball.runs.execute.LARGEST_BUNDLE", bundle)
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", bundle)
    carry(tmp_path / "whole", job(sigma=0.01))
    carry(tmp_path / "run", job(sigma=0.01, function=broken_at(0, times=8)))
    whole, found = (stored(tmp_path / name) for name in ("whole", "run"))
    assert found == {key: row for key, row in whole.items() if key[:2] != ("votes", 0)}
    assert "input 0 under noise have NaN" in read_run(tmp_path / "run").outcomes[0].failure
    assert _study(tmp_path / "run").entries[0].clean == 0


@pytest.mark.usefixtures("small_bundles")
def test_going_on_asks_no_more_of_what_failed(tmp_path, job, carry, stored):
    carry(tmp_path, job(function=broken_at(0), sigma=0.01), bundles=3)
    assert not read_run(tmp_path).complete
    asked = []

    def watched(batch):
        asked.extend(batch.mean((1, 2, 3)))
        return np.eye(2, dtype=np.float32)[bright(batch)]

    assert carry(tmp_path, job(function=watched, sigma=0.01))[-1].complete
    outcomes = read_run(tmp_path).outcomes
    assert outcomes[0].failure is not None
    assert outcomes[0].result is None
    assert not any(key[:2] == ("votes", 0) for key in stored(tmp_path))
    assert carry(tmp_path, job(function=watched, sigma=0.01))[-1].complete


def test_a_failure_after_votes_drops_the_certificate(tmp_path, job, carry):
    """Votes that were stored before stay, and certify nothing."""
    from certiball.runs.attempt import attempt
    from certiball.runs.prepare import prepare
    from certiball.runs.tables import write_failures

    carry(tmp_path, job())
    with attempt(tmp_path, prepare(tmp_path, job())) as run:
        write_failures(run.connection, {5: "broke"}, run.environment)
    assert read_run(tmp_path).outcomes[5].result is None
    assert read_status(tmp_path).progress.complete


@pytest.mark.parametrize("times", [1, 2, 10])
def test_a_model_that_breaks_for_every_input_stops_the_run(
    tmp_path, job, carry, times, monkeypatch
):
    monkeypatch.setattr("certiball.certification.single_input.CALLS", 2)
    everything = broken_at(*range(0, 256, 5), times=times)
    with pytest.raises(ModelError, match="have NaN"):
        carry(tmp_path, job(function=everything, sigma=0.01))
    assert read_status(tmp_path).failures == {}
    assert carry(tmp_path, job(sigma=0.01))[-1].complete


def test_a_class_that_does_not_exist_is_a_failure_as_well(tmp_path, job, carry):
    def answer(batch):
        return np.where(np.abs(batch.mean((1, 2, 3)) - 50 / 255) < 0.04, 7, bright(batch))

    carry(tmp_path, job(function=answer, sigma=0.01))
    assert "is not one of 0…1" in read_run(tmp_path).outcomes[1].failure


def test_failures_are_merged(tmp_path, job, carry):
    for number in (1, 2):
        shard = Shard(number=number, of=2)
        carry(tmp_path / str(number), job(function=broken_at(50), sigma=0.01, shard=shard))
    assert merge([tmp_path / "1", tmp_path / "2"], tmp_path / "joined").complete
    joined = read_run(tmp_path / "joined")
    assert [o.item.input for o in joined.outcomes if o.failure is not None] == [1]
    assert _study(tmp_path / "joined").size == 6


class Scripted:
    """An executor whose answers are known before."""

    def __init__(self, slots, answers):
        self.slots, self.answers, self.bundles = slots, answers, []

    @property
    def submitted(self):
        return [bundle.number for bundle in self.bundles]

    def submit(self, bundle):
        self.bundles.append(bundle)

    def collect(self):
        return self.answers.pop(0)


def _failed(number):
    return Drawn(bundle=number, failed={7: "no"}, error=f"no {number}")


def _bundles(count):
    left = [Bundle(number=number, inputs={}) for number in range(count)]
    return lambda: left.pop(0) if left else None


def test_the_first_error_is_passed_on_where_nobody_answers():
    workers = Scripted(2, [_failed(1), Drawn(bundle=0, labels={3: 0}), _failed(9)])
    answers = flow(workers, _bundles(2), lambda drawn: Bundle(number=9, inputs={}))
    assert next(answers).bundle == 0  # the doubtful one is not passed on yet
    with pytest.raises(ModelError, match="no 1"):
        next(answers)
    assert workers.submitted == [0, 1, 9]


def test_failures_count_once_others_have_answered():
    witness = Drawn(bundle=9, labels={3: 0})
    workers = Scripted(1, [_failed(0), witness, Drawn(bundle=1, labels={4: 1})])
    found = list(flow(workers, _bundles(2), lambda drawn: Bundle(number=9, inputs={})))
    assert [drawn.bundle for drawn in found] == [0, 1]
    assert found[0].failed == {7: "no"}


def test_a_model_without_witnesses_is_broken():
    with pytest.raises(ModelError, match="no 0"):
        list(flow(Scripted(1, [_failed(0)]), _bundles(1), lambda drawn: None))


def _blocks(*inputs):
    return tuple(Block(input=n, phase=Phase.ESTIMATION, first=0, samples=5) for n in inputs)


def _two_inputs():
    left = [Bundle(number=0, inputs={7: np.zeros(1), 8: np.ones(1)}, blocks=_blocks(7, 8, 7))]
    return lambda: left.pop(0) if left else None


def test_what_one_worker_fails_on_another_is_asked():
    """Their bundle is of the inputs that failed alone, and what the others said holds at once."""
    half = Drawn(bundle=0, votes=((_blocks(8)[0], np.ones(1)),), failed={7: "no"}, worker=3)
    rest = Drawn(bundle=0, votes=((_blocks(7)[0], np.ones(1)),), worker=4)
    workers = Scripted(1, [half, rest])
    first, second = flow(workers, _two_inputs(), lambda drawn: pytest.fail("no witness"))
    assert (first.votes, first.failed) == (half.votes, {})
    assert second is rest
    again = workers.bundles[1]
    assert (again.avoid, list(again.inputs), again.blocks) == (3, [7], _blocks(7, 7))


def test_what_two_workers_fail_on_has_failed():
    half = Drawn(bundle=0, votes=((_blocks(8)[0], np.ones(1)),), failed={7: "no"}, worker=3)
    rest = Drawn(bundle=0, failed={7: "never"}, worker=4)
    workers = Scripted(1, [half, rest])
    first, second = flow(workers, _two_inputs(), lambda drawn: pytest.fail("no witness"))
    assert (first.failed, second.failed) == ({}, {7: "never"})


def test_what_two_workers_fail_on_altogether_is_doubtful():
    none = [Drawn(bundle=0, failed={7: "no", 8: "no"}, error=f"by {n}", worker=n) for n in (3, 4)]
    witness = Drawn(bundle=9, labels={1: 0}, worker=3)
    workers = Scripted(1, [*none, witness])
    found = list(flow(workers, _two_inputs(), lambda drawn: Bundle(number=9, inputs={})))
    assert found == none[1:]
    workers = Scripted(1, [*none, replace(witness, labels={}, failed={1: "no"})])
    with pytest.raises(ModelError, match="by 4"):
        list(flow(workers, _two_inputs(), lambda drawn: Bundle(number=9, inputs={})))


@pytest.mark.parametrize("error", [BackendError("no compiler"), MissingExtraError("no onnx")])
def test_what_the_machine_lacks_stops_the_run_and_fails_no_input(tmp_path, job, carry, error):
    calls = []

    def lacking(batch):
        calls.append(1)
        if len(calls) > 2 and batch.max() > 0.9:
            raise error
        return bright(batch)

    with pytest.raises(type(error), match=str(error)):
        carry(tmp_path, job(function=lacking, sigma=0.01))
    assert read_status(tmp_path).failures == {}


@pytest.mark.parametrize("size", [0, 1, 16, 17, 1000])
def test_witnesses_come_from_everywhere(size):
    found = spread(list(range(size)))
    assert len(found) <= 16
    assert len(set(found)) == len(found)
    assert bool(found) == bool(size)
