"""Budgets, batches and resumption: what is asked together changes nothing."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from attacks.searches import Line, Mean
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import Misclassification, TargetedMisclassification
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import BaseOracle, Questions
from certiball.attacks.rays import RayS
from certiball.attacks.search import scheduler
from certiball.attacks.search.scheduler import (
    advance,
    attack_all,
    gather,
    hunts_of,
    key_of,
    tasks_of,
)
from certiball.balls import Norm
from certiball.classifiers.function import FunctionClassifier
from certiball.errors import InputError, ModelError
from certiball.spaces import Grid, Reals

SHAPE = (3, 4, 4)


def oracle(sigma=0.0, n=1, space=Reals(low=0.0, high=1.0)):  # noqa: B008 (frozen)
    weights = np.random.default_rng(1).standard_normal(SHAPE)
    return LinearOracle(weights=weights, bias=0.05, sigma=sigma, n=n, seed=3, space=space)


def inputs(count=6):
    return np.random.default_rng(2).uniform(size=(count, *SHAPE)).astype(np.float32)


def labels(model, x):
    return (model.distance(x) > 0).astype(int)


@dataclass(eq=False)
class Counting:
    """Counts what is asked of whom, and fails when it is told to."""

    inner: LinearOracle
    fails_after: int = 10**9
    rounds: list[Questions] = field(default_factory=list)

    space = property(lambda self: self.inner.space)
    num_classes = property(lambda self: self.inner.num_classes)
    forwards = property(lambda self: self.inner.forwards)
    random = property(lambda self: self.inner.random)

    def counts(self, questions):
        if len(self.rounds) >= self.fails_after:
            raise ModelError("the endpoint is gone")
        self.rounds.append(questions)
        return self.inner.counts(questions)


def test_a_result_shows_itself_in_one_line_and_what_is_wrong_already_is_at_zero():
    model, x = oracle(), inputs()
    y = labels(model, x)
    y[0] = 1 - y[0]
    found = Line()(model, x, y, seed=7, max_queries=60)
    assert found.status[0] is Status.MISCLASSIFIED
    assert str(found.distance[0]) == "0.0"
    count = np.isfinite(found.distance).sum()
    assert repr(found).startswith(f"Attacked({count} of 6 inputs found, median distance ")
    assert "\n" not in repr(found)


@pytest.mark.parametrize("sigma", [0.0, 0.25])
def test_what_is_found_does_not_depend_on_what_is_attacked_together(sigma):
    model, x = oracle(sigma, n=5), inputs()
    y = labels(model, x)
    together = Line()(model, x, y, seed=7, max_queries=60)
    key = key_of(Line(), 7)
    for number in range(len(x)):
        wanted = Misclassification(y[number : number + 1])
        tasks = tasks_of(model.space, x[number : number + 1], wanted, key, 60, None, [number])
        hunts = hunts_of(Line(), model, tasks, [number])
        for _ in advance(model, hunts, wanted):
            pass
        alone = gather(Line(), model, x[number : number + 1], hunts)
        assert alone.distance[0] == together.distance[number]
        assert alone.queries[0] == together.queries[number]
        np.testing.assert_array_equal(alone.raw[0], together.raw[number])


@pytest.mark.parametrize("budget", [1, 2, 14, 15, 16, 19, 40])
@pytest.mark.parametrize("sigma", [0.0, 0.25])
def test_a_budget_is_never_overshot_and_every_question_is_counted(sigma, budget):
    model = Counting(oracle(sigma))
    x = inputs()
    found = Line()(model, x, labels(model.inner, x), seed=1, max_queries=budget)
    owners = np.concatenate([asked.owners for asked in model.rounds])
    np.testing.assert_array_equal(np.bincount(owners, minlength=len(x)), found.queries)
    assert found.queries.max() <= budget
    for number in range(len(x)):
        mine = np.concatenate([q.numbers[q.owners == number] for q in model.rounds])
        np.testing.assert_array_equal(mine, np.arange(found.queries[number]))
    np.testing.assert_array_equal(found.forwards, found.queries * model.forwards)


def test_a_budget_too_small_to_start_is_a_status():
    model, x = oracle(), inputs()
    found = Line()(model, x, labels(model, x), seed=1, max_queries=1)
    assert set(found.status) == {Status.BUDGET}
    assert np.isinf(found.distance).all()
    assert not found.success.any()


def test_a_run_that_fails_midway_goes_on_from_its_answers():
    x = inputs()
    whole = Counting(oracle(0.25))
    y = labels(whole.inner, x)
    expected = Line()(whole, x, y, seed=5, max_queries=50)
    broken = Counting(oracle(0.25), fails_after=9)
    wanted = Misclassification(y)
    tasks = lambda: tasks_of(broken.space, x, wanted, key_of(Line(), 5), 50)  # noqa: E731
    hunts = hunts_of(Line(), broken, tasks())
    with pytest.raises(ModelError, match="gone"):
        list(advance(broken, hunts, wanted))
    told = {hunt.number: hunt.transcript for hunt in hunts}
    again = Counting(oracle(0.25))
    resumed = hunts_of(Line(), again, tasks(), told=told)
    list(advance(again, resumed, wanted))
    found = gather(Line(), again, x, resumed)
    np.testing.assert_array_equal(found.raw, expected.raw)
    np.testing.assert_array_equal(found.queries, expected.queries)
    assert found.history == expected.history
    asked = sum(len(q.owners) for q in again.rounds) + sum(len(q.owners) for q in broken.rounds)
    assert asked == expected.queries.sum()  # nothing twice


def test_shares_go_on_from_their_votes():
    model, x = oracle(0.25, n=9), inputs(3)
    wanted = Misclassification(labels(model, x))
    expected = Mean()(model, x, wanted, seed=2)
    hunts = hunts_of(Mean(), model, tasks_of(model.space, x, wanted, key_of(Mean(), 2), 100))
    rounds = advance(model, hunts, wanted)
    next(rounds)
    next(rounds)
    told = {hunt.number: hunt.transcript for hunt in hunts}
    assert told[0].shape == (15 + 4, 2)
    tasks = tasks_of(model.space, x, wanted, key_of(Mean(), 2), 100)
    resumed = hunts_of(Mean(), model, tasks, told=told)
    list(advance(model, resumed, wanted))
    np.testing.assert_array_equal(gather(Mean(), model, x, resumed).raw, expected.raw)


def test_a_misclassified_input_is_reported_apart_at_distance_0():
    model, x = oracle(), inputs()
    y = labels(model, x)
    y[2] = 1 - y[2]
    found = Line()(model, x, y, seed=1)
    assert found.status[2] is Status.MISCLASSIFIED
    assert found.distance[2] == 0
    assert found.queries[2] == 1
    assert {s for i, s in enumerate(found.status) if i != 2} == {Status.FOUND}


def test_under_noise_a_majority_of_answers_says_who_is_misclassified():
    model = LinearOracle(weights=np.ones(4), bias=-2.0, sigma=0.25, n=1, seed=0)
    near = np.full((200, 4), 0.5 + 0.06, dtype=np.float32)  # 0.12 away: 32 % of answers are wrong
    found = Line()(model, near, np.ones(200, dtype=int), seed=1, max_queries=15)
    wrong = sum(s is Status.MISCLASSIFIED for s in found.status)
    assert wrong / 200 < 0.15  # P(more than 7 of 15) = .053


def test_a_model_that_never_changes_its_label_is_a_status():
    model = LinearOracle(weights=np.ones(4), bias=5.0)
    found = Line()(model, np.full((2, 4), 0.5, np.float32), [1, 1], seed=1, max_queries=100)
    assert set(found.status) == {Status.BUDGET}
    constant = BaseOracle(FunctionClassifier(lambda b: b[:, 0] * 0 > 1, 2), Grid.uint8())
    found = Mean()(constant, np.zeros((2, 4), np.uint8), [0, 0], seed=1)
    assert np.isfinite(found.distance).all()  # this search believes whatever it has


def test_a_start_that_is_not_adversarial_is_a_status():
    model, x = oracle(), inputs(2)
    found = Line()(model, x, labels(model, x), starting_points=x, seed=1)
    assert set(found.status) == {Status.REFUSED_START}
    assert np.isinf(found.distance).all()


def test_a_search_begins_where_the_user_says():
    model = LinearOracle(weights=np.array([1.0, 0.0]), bias=-0.5)
    x, start = np.array([[0.2, 0.5]], np.float32), np.array([[1.0, 0.5]], np.float32)
    found = Line()(model, x, [0], starting_points=start)
    assert found.distance[0] == pytest.approx(0.3, abs=2e-3)


def test_points_lie_on_the_grid_and_distances_are_measured_there():
    grid = Grid.uint8()
    model = oracle(space=grid)
    x = np.random.default_rng(0).integers(0, 256, (4, *SHAPE)).astype(np.uint8)
    found = Line()(model, x, labels(model, x / 255), seed=3)
    levels = found.raw.astype(np.float64) * 255
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    moved = np.rint(levels) - x
    np.testing.assert_allclose(found.distance, np.sqrt((moved**2).sum((1, 2, 3))) / 255)


def test_success_is_judged_at_each_epsilon_as_users_of_foolbox_know_it():
    model, x = oracle(), inputs()
    y = labels(model, x)
    raw, clipped, success = Line()(model, x, y, seed=1, epsilons=[0.5, 2.0, 6.5])
    plain = Line()(model, x, y, seed=1)
    assert success.shape == (3, len(x))
    np.testing.assert_array_equal(success[1], plain.distance <= 2.0)
    np.testing.assert_array_equal(raw[0], plain.raw)
    moved = np.sqrt(((clipped[1] - x) ** 2).sum((1, 2, 3)))
    assert (moved <= 2.0 + 1e-5).all()
    one = Line()(model, torch.from_numpy(x), torch.from_numpy(y), seed=1, epsilons=2.0)
    assert isinstance(one.raw, torch.Tensor)
    assert one.success.shape == (len(x),)


def test_what_lies_in_the_ball_is_not_moved():
    """In floats half of 1/255 steps are a little longer than themselves."""
    model = oracle(space=Grid.uint8())
    x = np.random.default_rng(2).integers(0, 256, (50, *SHAPE)).astype(np.uint8)
    y = labels(model, x / 255)
    raw = attack_all(Line(), model, x, y, seed=1).raw
    for part in (1.0, 0.3):
        found = attack_all(Line(), model, x, y, seed=1, epsilons=part * 6)
        inside = np.asarray(found.success)
        assert inside.any()
        np.testing.assert_array_equal(found.clipped[inside], raw[inside])
    found = RayS()(model, x, y, max_queries=200, epsilons=0.5)  # in L∞
    inside = np.asarray(found.success)
    assert inside.sum() > 10
    np.testing.assert_array_equal(found.clipped[inside], found.raw[inside])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"criterion": [0, 1]}, "criterion is for 2 inputs, and there are 6"),
        ({"criterion": [9] * 6}, "no class of a model with 2 classes"),
        ({"criterion": np.full(6, 0.5)}, "labels must be whole numbers"),
        ({"criterion": TargetedMisclassification([5] * 6)}, "target 5 is no class"),
        ({"epsilons": 8.0}, "reaches every input"),
        ({"epsilons": -1.0}, "epsilon must be > 0"),
        ({"max_queries": 0}, "max_queries must be at least 1"),
        ({"starting_points": np.zeros((2, *SHAPE), np.float32)}, "do not fit"),
        ({"model": FunctionClassifier(lambda b: b.mean((1, 2, 3)) > 0, 2)}, "is no oracle"),
        ({"inputs": 255 * inputs()}, "outside of the real interval"),
        ({"seed": -1}, "seed must be from 0"),
    ],
)
def test_mistakes_are_refused_before_anything_is_asked(change, message):
    asked = Counting(oracle())
    call = {"model": asked, "inputs": inputs(), "criterion": [0] * 6} | change
    model, x, criterion = call.pop("model"), call.pop("inputs"), call.pop("criterion")
    with pytest.raises(InputError, match=message):
        Line()(model, x, criterion, **call)
    assert asked.rounds == []


def test_rounds_are_split_where_points_would_fill_the_memory(monkeypatch):
    model, x = Counting(oracle()), inputs()
    y = labels(model.inner, x)
    expected = Line()(Counting(oracle()), x, y, seed=1)
    monkeypatch.setattr(scheduler, "AT_ONCE", 2 * x[0].size)
    found = Line()(model, x, y, seed=1)
    assert max(len(q.owners) for q in model.rounds) == 2
    np.testing.assert_array_equal(found.raw, expected.raw)


def test_an_attack_is_its_own_call():
    model, x = oracle(), inputs(2)
    y = labels(model, x)
    np.testing.assert_array_equal(
        attack_all(Line(), model, x, y, seed=1).raw, Line()(model, x, y, seed=1).raw
    )
    assert Line()(model, x, y, seed=1).norm is Norm.L2
