"""Whatever stops a campaign, what it was answered is kept, and the end is the same."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from certiball import FunctionClassifier, Gaussian, Grid, TorchClassifier
from certiball.attacks.attacked import Status
from certiball.attacks.endpoint import Endpoint
from certiball.attacks.eot_pgd import EOTPGD
from certiball.attacks.judging.judgement import Judging, Level
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.rays import RayS
from certiball.attacks.search.ask import Ask
from certiball.attacks.square import Square
from certiball.balls import Norm, distance_up
from certiball.campaigns import execute, keep
from certiball.campaigns.read import read_stored
from certiball.errors import EndpointError, SpecMismatchError, StoreError
from certiball.samplers.streams import Phase
from certiball.smoothed import Smoothed


def _told(folder):
    """All that a campaign came to, as values that compare."""
    (stored,) = read_stored(folder)
    assert stored.complete
    return {
        number: (
            o.status, o.queries, o.forwards, o.distance, o.history, o.point.tolist(),
            v.level, v.distance, v.forwards, v.point.tolist(),
        )
        for (number, o), v in zip(stored.outcomes.items(), stored.verdicts.values(), strict=True)
    }  # fmt: skip


@pytest.fixture
def keeping(monkeypatch):
    """Store after every round, and go in waves of four inputs."""
    monkeypatch.setattr(keep, "SECONDS", 0.0)
    monkeypatch.setattr(execute, "WAVE", 4)


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize("answers", ["labels", "shares"])
def test_a_campaign_that_is_interrupted_ends_as_one_that_is_not(
    tmp_path, job, carry, monkeypatch, answers
):
    """However often, it asks no question twice; noise hangs on the question's number alone."""
    job = job if answers == "labels" else replace(job, attack=Square(epsilon=0.3), max_queries=25)
    carry(tmp_path / "whole", job, inputs=4)
    asked, stops = [], 0
    original = SmoothedOracle.counts

    def counts(self, questions):
        if self.phase is Phase.ATTACK:
            if len(asked) > 30 * (stops + 1):
                raise KeyboardInterrupt
            asked.extend(zip(questions.owners.tolist(), questions.numbers.tolist(), strict=True))
        return original(self, questions)

    monkeypatch.setattr(SmoothedOracle, "counts", counts)
    for _ in range(50):
        try:
            carry(tmp_path / "parts", job, inputs=4, seed=None if stops else 7)
            break
        except KeyboardInterrupt:
            stops += 1
    assert stops >= 2
    assert len(asked) == len(set(asked))
    assert _told(tmp_path / "parts") == _told(tmp_path / "whole")


def test_points_and_distances_are_what_they_say(tmp_path, job, carry, dataset):
    carry(tmp_path, job)
    (stored,) = read_stored(tmp_path)
    space = dataset.space
    for number, outcome in stored.outcomes.items():
        x = space.levels(dataset[number][0])
        assert outcome.distance == distance_up(x, outcome.point, Norm.LINF, space.step)
        verdict = stored.verdicts[number]
        far = distance_up(x, verdict.point, Norm.LINF, space.step)
        assert verdict.distance == (far if far or number == 3 else math.inf)
        assert outcome.forwards == 5 * outcome.queries
        assert outcome.queries <= 80
    assert stored.outcomes[3].status is Status.MISCLASSIFIED  # its label is wrong
    assert stored.outcomes[3].distance == stored.verdicts[3].distance == 0
    assert {o.status for n, o in stored.outcomes.items() if n != 3} == {Status.FOUND}


def test_without_noise_the_boundary_is_found_and_verified(tmp_path, plain, carry):
    """The sum of four pixels passes 510 levels: from 110 each, eighteen levels on each."""
    carry(tmp_path, plain)
    (stored,) = read_stored(tmp_path)
    assert stored.verdicts[2].distance == pytest.approx(18 / 255, abs=1.1 / 255)
    assert stored.verdicts[2].distance >= 18 / 255 - 1e-12


@pytest.mark.parametrize(("queries", "status"), [(2, Status.BUDGET), (None, Status.NOT_FOUND)])
def test_what_cannot_be_found_is_a_status(tmp_path, plain, carry, dataset, queries, status):
    """A model that never changes its label, and a budget that is too small to start."""
    still = FunctionClassifier(lambda x: np.zeros(len(x), dtype=int), num_classes=2, name="still")
    job = replace(plain, oracle=BaseOracle(still, dataset.space), max_queries=queries)
    carry(tmp_path, replace(job, attack=RayS(queries=50)), inputs=5)
    (stored,) = read_stored(tmp_path)
    told = {number: outcome.status for number, outcome in stored.outcomes.items()}
    found = {number: outcome.distance for number, outcome in stored.outcomes.items()}
    assert told == {**dict.fromkeys(range(4), status), 4: Status.MISCLASSIFIED}
    assert found == {**dict.fromkeys(range(4), math.inf), 4: 0.0}
    assert [v.distance for v in stored.verdicts.values()] == [*found.values()]


def test_more_inputs_are_added_and_none_is_done_again(tmp_path, job, carry, monkeypatch):
    carry(tmp_path, job, inputs=1)
    first = read_stored(tmp_path)[0].outcomes
    carry(tmp_path, job, inputs=3)
    later = read_stored(tmp_path)[0].outcomes
    assert [*first] == [0]
    assert all(np.array_equal(later[n].point, first[n].point) for n in first)
    assert _told(tmp_path) is not None
    carry(tmp_path / "all", job, inputs=3)
    assert _told(tmp_path) == _told(tmp_path / "all")
    monkeypatch.setattr(SmoothedOracle, "counts", lambda self, questions: 1 / 0)
    carry(tmp_path, job, inputs=3)  # nothing is asked again


@pytest.mark.usefixtures("keeping")
def test_inputs_that_are_added_are_attacked_by_gradients_as_if_at_once(tmp_path, job, carry):
    layer = torch.nn.Linear(4, 2)
    layer.weight.data[:], layer.bias.data[:] = torch.tensor([[0.0], [1.0]]), torch.tensor([2.0, 0])
    model = torch.nn.Sequential(torch.nn.Flatten(), layer)
    g = Smoothed(TorchClassifier(model, num_classes=2), Gaussian(sigma=0.25), space=Grid.uint8())
    attack = EOTPGD(steps=2, samples=4, random_start=True)
    job = replace(job, attack=attack, oracle=SmoothedOracle(g, n=5), max_queries=None, epsilon=0.9)
    carry(tmp_path / "parts", job, inputs=1)
    carry(tmp_path / "parts", job)
    carry(tmp_path / "all", job)
    assert _told(tmp_path / "parts") == _told(tmp_path / "all")
    assert any(math.isfinite(row[3]) and row[3] > 0 for row in _told(tmp_path / "all").values())


@pytest.mark.usefixtures("keeping")
def test_progress_counts_inputs_and_the_questions_underway(tmp_path, job, carry):
    told = []
    carry(tmp_path, job, tell=told.append)
    assert (told[-1].done, told[-1].total, told[-1].underway) == (6, 6, 0)
    (stored,) = read_stored(tmp_path)
    first = [stored.outcomes[n].queries for n in range(4)]  # of the first wave
    assert max(each.underway for each in told if not each.done) == sum(first)
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_several_campaigns_share_a_folder(tmp_path, job, carry):
    carry(tmp_path, job, inputs=1)
    carry(tmp_path, replace(job, max_queries=40), inputs=1)
    carry(tmp_path, replace(job, name="another name of the same"), inputs=1)
    assert [each.spec.max_queries for each in read_stored(tmp_path)] == [80, 40]


@pytest.mark.usefixtures("keeping")
def test_an_endpoint_that_fails_midway_stops_the_campaign_which_goes_on(tmp_path, job, carry):
    up, asked = [True], []

    def ask(inputs):
        if len(asked) > 20 and up[0]:
            raise ConnectionResetError("gone")
        asked.append(len(inputs))
        return (inputs.sum((1, 2, 3)) > 2).astype(int)

    service = Endpoint(ask=ask, num_classes=2, space=Grid.uint8(), random=False)
    job = replace(job, oracle=service, level=Level(judging=Judging.CALLS))
    with pytest.raises(EndpointError, match="the endpoint failed .ConnectionResetError: gone."):
        carry(tmp_path, job)
    spent = sum(asked)
    up[0] = False
    carry(tmp_path, job, seed=None)
    asked_in_parts = sum(asked)
    asked.clear()
    carry(tmp_path / "whole", job)
    assert 0 < spent < asked_in_parts == sum(asked)
    assert _told(tmp_path) == _told(tmp_path / "whole")


def test_answers_of_an_endpoint_that_is_always_the_same_say_nothing_of_one_that_is_not(
    tmp_path, job, carry
):
    """One lucky answer proves a point of the one, and would be the verdict of the other."""
    coins = np.random.default_rng(0)
    service = Endpoint(
        ask=lambda inputs: (coins.random(len(inputs)) < 0.3).astype(int),
        num_classes=2,
        space=Grid.uint8(),
        random=False,
    )
    job = replace(job, oracle=service, level=Level(P_a=0.8, judging=Judging.CALLS, votes=100))
    carry(tmp_path, job, inputs=4, seed=None)
    carry(tmp_path, replace(job, oracle=replace(service, random=True)), inputs=4, seed=None)
    one, other = read_stored(tmp_path)
    assert any(verdict.distance < math.inf for verdict in one.verdicts.values())
    judged = [verdict for n, verdict in other.verdicts.items() if other.outcomes[n].queries > 15]
    assert judged
    assert all(verdict.level < 0.8 for verdict in judged)
    assert all(verdict.distance == math.inf for verdict in other.verdicts.values())


def test_another_model_and_other_data_are_refused(tmp_path, job, plain, carry, dataset):
    carry(tmp_path, plain, inputs=1)
    other = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.4, num_classes=2, name="v2")
    changed = replace(plain, oracle=BaseOracle(other, dataset.space))
    with pytest.raises(SpecMismatchError, match=r"attacks on another model .*model\.digest: .* → "):
        carry(tmp_path, changed)
    relabelled = replace(dataset, labels=1 - dataset.labels)
    with pytest.raises(SpecMismatchError, match=r"on other data .*data\.digest: .* → "):
        carry(tmp_path, plain, dataset=relabelled)
    with pytest.raises(SpecMismatchError, match=r"data\.count: 6 → 3"):
        carry(tmp_path, plain, inputs=3, every=2)
    with pytest.raises(SpecMismatchError, match="was begun in .* leave --seed out"):
        carry(tmp_path, plain, seed=8)
    with pytest.raises(ValueError, match="there are 6 inputs to attack, not 7"):
        carry(tmp_path, plain, inputs=7)


@pytest.mark.usefixtures("keeping")
def test_a_search_that_has_changed_does_not_go_on(tmp_path, plain, carry, monkeypatch):
    """Of another version of certiball, say: its answers would be told to other questions."""
    original, left = BaseOracle.counts, [30]

    def counts(self, questions):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return original(self, questions)

    monkeypatch.setattr(BaseOracle, "counts", counts)
    with pytest.raises(KeyboardInterrupt):
        carry(tmp_path, plain)
    monkeypatch.setattr(RayS, "search", lambda self, task: _hasty(task))
    with pytest.raises(StoreError, match="the search of input 0 goes other ways"):
        carry(tmp_path, plain)


@pytest.mark.usefixtures("keeping")
def test_answers_are_not_told_to_a_search_of_another_version(tmp_path, plain, carry, monkeypatch):
    """One that asks as many questions at a time would take them for answers to its own."""
    original, left = BaseOracle.counts, [30]

    def counts(self, questions):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return original(self, questions)

    monkeypatch.setattr(BaseOracle, "counts", counts)
    with pytest.raises(KeyboardInterrupt):
        carry(tmp_path, plain)
    now = execute.environment()
    monkeypatch.setattr(execute, "environment", lambda: {**now, "numpy": "3.0.0"})
    with pytest.raises(StoreError, match=r"numpy: .* → 3\.0\.0"):
        carry(tmp_path, plain)
    monkeypatch.setattr(execute, "environment", lambda: {**now, "torch": "3.0.0"})
    carry(tmp_path, plain)
    (stored,) = read_stored(tmp_path)
    assert stored.complete


def _hasty(task):
    while True:
        yield Ask(points=np.repeat(task.x[None], 64, axis=0))
