"""HopSkipJump against half-spaces, of which the distance is known."""

import math
from itertools import pairwise

import numpy as np
import pytest

from attacks.half_spaces import BOX, drive, gaussian_weights, half_space
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import Misclassification
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.search import hops
from certiball.attacks.search.ask import Task
from certiball.attacks.search.scheduler import advance, gather, hunts_of, key_of, tasks_of
from certiball.attacks.search.subspaces import Everything
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.spaces import Grid


def task(x, low=0.0, high=1.0, seed=0, start=None):
    rng = np.random.default_rng(seed)
    return Task(x=x, low=low, high=high, rng=rng, label=0, target=None, budget=10**9, start=start)


@pytest.mark.parametrize("constraint", ["l2", "linf"])
def test_without_noise_the_true_distance_is_approached(constraint):
    half = half_space(gaussian_weights(96), apart=0.3)
    attack = HopSkipJump(constraint=constraint)
    found = attack(half.oracle, half.inputs, half.labels, max_queries=3000, seed=1)
    truth = half.oracle.distance(half.inputs)
    if constraint == "linf":
        truth = truth / np.abs(half.oracle.weights).sum()  # the weights have length 1
        assert attack.norm is Norm.LINF
    ratio = found.distance / truth
    assert (ratio >= 1).all(), ratio
    assert (ratio < 1.2).all(), ratio
    assert (half.oracle.distance(found.raw) <= 0).all()
    assert found.status == (Status.FOUND,) * 4


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 10])
def test_with_noise_the_published_probes_fail_and_probes_as_large_as_the_noise_do_not(n):
    half = half_space(gaussian_weights(768), count=6 if n == 1 else 2, sigma=0.25, n=n)
    fails, succeeds = (
        half.times(
            HopSkipJump(probe_deviation=deviation)(
                half.oracle, half.inputs, half.labels, max_queries=2000, seed=1
            )
        )
        for deviation in (0.0, 0.25)
    )
    assert np.mean(fails[0]) > 5, fails
    assert np.mean(succeeds[0]) < 2, succeeds
    assert np.mean(succeeds[1]) < 3, succeeds


def test_in_linf_as_well():
    half = half_space(gaussian_weights(384), count=2, sigma=0.25, n=10)
    published, adaptive = (
        HopSkipJump(constraint="linf", probe_deviation=deviation)(
            half.oracle, half.inputs, half.labels, max_queries=1000, seed=1
        ).distance.mean()
        for deviation in (0.0, 0.25)
    )
    assert published > 3 * adaptive


def test_a_grid_does_not_swallow_the_probes():
    """In published units they are far below its step; all would be rounded to one point."""
    real, rounded = (
        half_space(gaussian_weights(768), count=2, space=space) for space in (BOX, Grid.uint8())
    )
    times = [
        np.mean(h.times(HopSkipJump()(h.oracle, h.inputs, h.labels, max_queries=2000, seed=1))[0])
        for h in (real, rounded)
    ]
    assert times[0] < 1.5
    assert times[1] < 1.1 * times[0]


@pytest.mark.parametrize("sigma", [0.0, 0.25])
def test_what_is_found_does_not_depend_on_what_is_attacked_together(sigma):
    half = half_space(gaussian_weights(48), apart=0.2, count=32, sigma=sigma, n=5)
    attack = HopSkipJump(probe_deviation=sigma)
    together = attack(half.oracle, half.inputs, half.labels, max_queries=250, seed=7)
    for number in (0, 13, 31):
        x, wanted = half.inputs[[number]], Misclassification(half.labels[[number]])
        tasks = tasks_of(half.oracle.space, x, wanted, key_of(attack, 7), 250, None, [number])
        hunts = hunts_of(attack, half.oracle, tasks, [number])
        for _ in advance(half.oracle, hunts, wanted):
            pass
        alone = gather(attack, half.oracle, x, hunts)
        np.testing.assert_array_equal(alone.raw[0], together.raw[number])
        assert alone.queries[0] == together.queries[number]


def test_a_start_that_is_not_adversarial_is_refused_and_one_that_is_is_taken():
    half = half_space(gaussian_weights(48), apart=0.2)
    attack, points = HopSkipJump(), half.inputs.copy()
    points[0] = 1 - points[0]  # on the other side of the middle
    found = attack(
        half.oracle, half.inputs, half.labels, starting_points=points, max_queries=300, seed=1
    )
    assert found.status == (Status.FOUND, *(Status.REFUSED_START,) * 3)
    assert np.isfinite(found.distance).tolist() == [True, False, False, False]
    assert found.queries[1:].tolist() == [2, 2, 2]  # the input itself, and the start


@pytest.mark.parametrize("budget", [1, 3, 14, 120, 500])
def test_a_budget_is_kept_and_what_was_found_before_its_end_counts(budget):
    half = half_space(gaussian_weights(48), apart=0.2, sigma=0.25, n=3)
    attack = HopSkipJump(probe_deviation=0.25)
    found = attack(half.oracle, half.inputs, half.labels, max_queries=budget, seed=1)
    assert (found.queries <= budget).all()
    for story, status, distance in zip(found.history, found.status, found.distance, strict=True):
        assert (status in (Status.FOUND, Status.MISCLASSIFIED)) == bool(story)
        if story:
            distances = [length for _, length in story]
            assert all(late <= early for early, late in pairwise(distances))
            assert distance == pytest.approx(distances[-1], rel=1e-5)


def test_the_probes_are_as_many_and_as_far_as_published():
    """Without a box nothing is clipped, so the radius is seen."""
    d, x = 64, np.zeros(64)
    attack = HopSkipJump(steps=3, initial_gradient_eval_steps=10, max_gradient_eval_steps=15)
    start = np.full(d, 2.0)
    asks, best = drive(
        attack.search(task(x, -np.inf, np.inf, start=start)), lambda p: p.sum(axis=1) > 8
    )
    many = [(i, ask) for i, ask in enumerate(asks) if len(ask.points) > 1]
    assert [len(ask.points) for _, ask in many] == [10, 14, 15]  # ⌊10√t⌋, at most 15
    for t, (place, ask) in enumerate(many):
        middle = asks[place - 1].points[0]  # close to it: the end of a bisection
        radii = np.linalg.norm(ask.points - middle, axis=1)
        if t == 0:
            expected = 0.1  # of the width, here 1
        else:  # D/d, of the point from which the last bisection came back
            jumps = asks[many[t - 1][0] + 1 : place]
            far = next(a.points[0] for a in jumps if a.points[0].sum() > 8)
            expected = np.linalg.norm(far) / d
        np.testing.assert_allclose(radii, expected, rtol=0.05)
    brackets = asks[many[-1][0] :]
    assert len(brackets) > math.log2(d**1.5)
    assert best.sum() == pytest.approx(8, rel=2 / d)


def test_probes_move_each_coordinate_at_least_by_the_deviation_asked_for():
    x = np.zeros(400)
    attack = HopSkipJump(steps=2, probe_deviation=0.5)
    search = attack.search(task(x, -np.inf, np.inf, start=np.full(400, 2.0)))
    asks, _ = drive(search, lambda p: p.sum(axis=1) > 80)
    for ask in asks:
        if len(ask.points) > 1:
            spread = (ask.points - ask.points.mean(axis=0)).std()
            assert spread == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("constraint", ["l2", "linf"])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_direction_is_the_mean_of_signed_probes(constraint, share):
    """Equation 16, with the mean answer subtracted unless all agree; after clipping to the box."""
    x, point, radius, k = np.full(6, 0.1), np.full(6, 0.2), 0.4, 40
    how_task = task(x, seed=3)
    attack = HopSkipJump(constraint=constraint)
    how = hops.Hops(
        norm=attack.norm,
        steps=1,
        probes=lambda t: k,
        span=Everything(shape=(6,)),
        precision=1e-3,
        spread=0.1,
        deviation=0.0,
    )
    part = hops._direction(how_task, how, point, radius, k)
    ask = next(part)
    assert (ask.points >= 0).all()
    assert (ask.points <= 1).all()
    answers = np.arange(k) < share * k
    with pytest.raises(StopIteration) as end:
        part.send(answers)
    u, s = (ask.points - point) / radius, np.where(answers, 1.0, -1.0)
    mean = (s[:, None] * u).mean(axis=0)
    if 0 < share < 1:
        mean = ((s - s.mean())[:, None] * u).mean(axis=0)
    expected = np.sign(mean) if constraint == "linf" else mean / np.linalg.norm(mean)
    np.testing.assert_allclose(end.value.value, expected, atol=1e-12)


def test_probes_asked_in_parts_are_the_same_probes(monkeypatch):
    half = half_space(gaussian_weights(48), apart=0.2)
    ask = lambda: HopSkipJump(steps=2)(half.oracle, half.inputs, half.labels, seed=1).raw  # noqa: E731
    whole = ask()
    monkeypatch.setattr(hops, "NUMBERS", 48 * 7)
    np.testing.assert_allclose(ask(), whole, atol=1e-6)


def changing_its_mind(after):
    """Yes to so many asks, and no for ever after."""
    asked = iter(range(10**9))
    return lambda points: np.full(len(points), next(asked) < after)


def test_answers_without_sense_end_the_search_in_time():
    """A coin, and a model that after a while never or always says yes: no loop is unbounded."""
    rng, x = np.random.default_rng(0), np.full(32, 0.5)
    for answer in (
        lambda p: rng.random(len(p)) < 0.5,
        lambda p: rng.random(len(p)) < 0.05,
        lambda p: np.ones(len(p), dtype=bool),
        changing_its_mind(after=20),
    ):
        asks, best = drive(HopSkipJump(steps=6).search(task(x)), answer, most=1000)
        assert len(asks) < 1000
        assert best is not None
        assert all((ask.points >= 0).all() and (ask.points <= 1).all() for ask in asks)
    asks, best = drive(HopSkipJump().search(task(x)), lambda p: np.zeros(len(p), dtype=bool), 10**5)
    assert (len(asks), best) == (10_000, None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"initial_gradient_eval_steps": 0}, "initial_gradient_eval_steps must be at least 1"),
        ({"max_gradient_eval_steps": -1}, "max_gradient_eval_steps must be at least 1"),
        ({"gamma": 0.0}, "gamma must be finite and > 0, not 0.0"),
        ({"constraint": "l1"}, 'constraint must be "l2" or "linf", not \'l1\''),
        ({"probe_deviation": -0.1}, "probe_deviation must be finite and ≥ 0, not -0.1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_arguments_out_of_range_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        HopSkipJump(**wrong)
