"""Plans that stop by the votes, in runs: the same votes whatever interrupts or divides them."""

import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from certiball.certificate import Certificate, Verdict
from certiball.certification.looks import looks
from certiball.certification.plan import FixedSamples
from certiball.certification.precision import Precision
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound
from certiball.errors import SpecMismatchError, StoreError
from certiball.execution import Block
from certiball.executors.serial import Serial
from certiball.executors.work import draw
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.runs.spec import canonical, differences, from_json, to_json
from certiball.samplers.streams import Phase, random_word, run_key
from certiball.sampling import count_votes
from certiball.smoothed import encode
from certiball.statistics.randomized import randomized_lower_bound
from certiball.votes import Design, Votes

PLANS = [
    TargetRadius(radii=(0.2, 0.4), max_n=5000),
    Precision(rel=0.1, max_n=3000, radius_cap=0.45),
]


@pytest.fixture(params=PLANS, ids=lambda plan: type(plan).__name__)
def plan(request):
    return request.param


@pytest.mark.usefixtures("small_bundles")
@pytest.mark.parametrize("bundles", [1, 3, 20])
def test_a_resumed_run_has_the_votes_of_an_uninterrupted_one(
    tmp_path, job, carry, stored, plan, bundles
):
    carry(tmp_path / "whole", job(plan=plan))
    asked = job(plan=plan)
    for _ in range(3):
        carry(tmp_path / "parts", asked, bundles=bundles)
    assert carry(tmp_path / "parts", asked)[-1].complete
    assert stored(tmp_path / "parts") == stored(tmp_path / "whole")
    whole, parts = (read_run(tmp_path / name) for name in ("whole", "parts"))
    assert [o.result for o in parts.outcomes] == [o.result for o in whole.outcomes]


@contextmanager
def last_first(work):
    """An executor that finishes what came last before all else."""

    class Stack(Serial):
        def collect(self):
            return draw(self.work, self.waiting.pop())

    yield Stack(work=work, slots=5)


@pytest.mark.usefixtures("small_bundles")
def test_the_order_of_work_changes_nothing(tmp_path, job, carry, stored, plan):
    asked = job(plan=plan)
    carry(tmp_path / "usual", asked)
    with attempt(tmp_path / "other", prepare(tmp_path / "other", asked)) as run:
        reports = list(execute(run, asked.g, asked.dataset, executor=last_first))
    assert reports[-1].complete
    assert stored(tmp_path / "other") == stored(tmp_path / "usual")


def drawn(job, results, number, phase, sizes):
    """Votes of one input after so many samples each, from noise drawn piece by piece."""
    spec = results.spec
    [draw] = results.draws.values()
    x = encode(job.g.space, job.dataset[number][0][None])[0]
    total = np.zeros(spec.model.classes, dtype=np.int64)
    for size in sizes:
        block = Block(
            input=number, phase=phase, first=int(total.sum()) // 32, samples=size - int(total.sum())
        )
        key = run_key(draw.seed, spec.digest)
        total = total + count_votes(job.g, {number: x}, [block], key, spec.execution)[0].sum(0)
        yield Votes(counts=tuple(total.tolist()))


def test_votes_stop_as_they_would_one_input_and_one_look_at_a_time(tmp_path, job, carry, plan):
    asked = job(plan=plan)
    carry(tmp_path, asked)
    results = read_run(tmp_path)
    question, totals = results.spec.question, set()
    for outcome in results.outcomes:
        number, result = outcome.item.input, outcome.result
        [selection] = drawn(asked, results, number, Phase.SELECTION, [64])
        for votes in drawn(asked, results, number, Phase.ESTIMATION, looks(plan.max_n)):
            if plan.wanted(question, selection, votes) == (64, votes.total):
                break
        assert result.selection == selection
        assert result.estimation == replace(votes, design=Design.STOPPED)
        totals.add(votes.total)
    assert len(totals) > 1


def test_verdicts_are_read_from_the_store(tmp_path, job, carry):
    carry(tmp_path, job(plan=PLANS[0]))
    outcomes = read_run(tmp_path).outcomes
    darkest, brightest = outcomes[0].result, outcomes[-1].result
    for result in (darkest, brightest):
        assert isinstance(result, Certificate)
        assert [t.verdict for t in result.targets] == [Verdict.CERTIFIED] * 2
        assert result.radius >= 0.4
    verdicts = {t.verdict for o in outcomes for t in o.result.targets}
    assert Verdict.NOT_CERTIFIED in verdicts


def test_looks_fall_on_the_ends_of_chunks(tmp_path, job, monkeypatch, plan):
    monkeypatch.setattr("certiball.tuning.LARGEST_CHUNK", 1024)
    fixed = prepare(tmp_path / "a", job(plan=FixedSamples(n0=40, n=500))).spec.execution
    stopped = prepare(tmp_path / "b", job(plan=plan)).spec.execution
    assert (fixed.chunk, stopped.chunk) == (1024, 32)
    assert replace(stopped, chunk=1024) == fixed


def test_json_and_back(tmp_path, job, plan):
    spec = prepare(tmp_path, job(plan=plan)).spec
    text = canonical(to_json(spec))
    assert from_json(json.loads(text)) == spec
    assert from_json(json.loads(text)).digest == spec.digest
    kind = {"TargetRadius": "target-radius", "Precision": "precision"}[type(plan).__name__]
    assert json.loads(text)["plan"]["kind"] == kind
    assert from_json(json.loads(text)).claim.bound is Bound.MIXTURE


def test_a_randomized_bound_survives_the_store(tmp_path, job):
    plan = FixedSamples(n0=40, n=500, bound=Bound.RANDOMIZED)
    spec = prepare(tmp_path, job(plan=plan)).spec
    assert from_json(json.loads(canonical(to_json(spec)))) == spec
    plain = prepare(tmp_path, job(plan=FixedSamples(n0=40, n=500))).spec
    assert differences(plain, spec) == ["plan.bound: absent → randomized"]


def test_another_target_is_another_run(tmp_path, job, carry):
    carry(tmp_path, job(plan=PLANS[0]), bundles=1)
    other = replace(PLANS[0], radii=(0.2, 0.5))
    with pytest.raises(SpecMismatchError, match=r"plan.radii: \[0.2, 0.4\] → \[0.2, 0.5\]"):
        carry(tmp_path, job(plan=other))


def test_votes_beyond_the_stop_are_damage(tmp_path, job, carry, monkeypatch):
    carry(tmp_path, job(plan=PLANS[0]))
    monkeypatch.setattr(TargetRadius, "wanted", lambda self, question, a, b: (64, 32))
    with pytest.raises(StoreError, match=r"the store is damaged \(input 0 has 64 and"):
        read_run(tmp_path)


def test_each_input_of_a_stored_run_has_its_own_random_word(tmp_path, job, carry):
    carry(tmp_path, job(plan=FixedSamples(n0=40, n=500, bound=Bound.RANDOMIZED)))
    results = read_run(tmp_path)
    [draw] = results.draws.values()
    key = run_key(draw.seed, results.spec.digest)
    for outcome in results.outcomes:
        found, number = outcome.result, outcome.item.input
        k, n = found.estimation.counts[found.label], found.estimation.total
        word = random_word(key, number)
        assert found.p_lower == randomized_lower_bound(k, n, 1e-3, word=word)
