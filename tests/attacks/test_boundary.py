"""The Boundary Attack against half-spaces and a ball, of which the distance is known."""

import math

import numpy as np
import pytest

from attacks.half_spaces import drive, gaussian_weights, half_space
from certiball.attacks.attacked import Status
from certiball.attacks.boundary import BoundaryAttack
from certiball.attacks.criterion import Misclassification
from certiball.attacks.linear import LinearOracle
from certiball.attacks.search.ask import Task
from certiball.attacks.search.scheduler import advance, gather, hunts_of, key_of, tasks_of
from certiball.errors import InputError


def task(x, low=-np.inf, high=np.inf, seed=0, start=None):
    rng = np.random.default_rng(seed)
    return Task(x=x, low=low, high=high, rng=rng, label=0, target=None, budget=10**9, start=start)


# Measured with one seed and four inputs: 1.016 to 1.041.
@pytest.mark.slow
def test_a_plane_is_approached():
    half = half_space(gaussian_weights(32), count=2, apart=0.3)
    attack = BoundaryAttack()
    found = attack(half.oracle, half.inputs, half.labels, max_queries=3000, seed=1)
    reported, rescaled = half.times(found)
    assert (reported >= 1 - 1e-6).all()
    assert (reported < 1.15).all(), reported
    assert (rescaled < 1.15).all()
    assert (half.oracle.distance(found.raw) <= 0).all()


def test_a_sphere_is_approached():
    """From inside of a ball, where every way leads out. Measured: 1.004."""
    d, radius = 32, 3.0
    centre = np.random.default_rng(3).standard_normal(d)
    away = np.random.default_rng(4).standard_normal(d)
    x = centre + away / np.linalg.norm(away) * (radius - 1)
    answers = lambda p: np.linalg.norm(p - centre, axis=1) > radius  # noqa: E731
    _, best = drive(BoundaryAttack(steps=4000).search(task(x)), answers)
    assert 1 - 1e-9 <= np.linalg.norm(best - x) < 1.05


def test_candidates_are_a_share_nearer_and_every_tenth_comes_with_its_point_on_the_sphere():
    """In a space without bounds: ‖around − x‖ = D, ‖candidate − x‖ = .99 D, a hundredth apart."""
    x = np.random.default_rng(0).standard_normal(20)
    start = x + 5.0
    asks, _ = drive(
        BoundaryAttack(steps=41).search(task(x, start=start)), lambda p: p.sum(1) > x.sum() + 3
    )
    walk = asks[-41:]
    assert [len(ask.points) for ask in walk] == [2, *[1] * 9] * 4 + [2]
    for ask in walk:
        radius = np.linalg.norm(ask.best - x)
        assert np.linalg.norm(ask.points[0] - x) == pytest.approx(0.99 * radius, rel=1e-9)
        for around in ask.points[1:]:
            assert np.linalg.norm(around - x) == pytest.approx(radius, rel=1e-9)
            cosine = (around - x) @ (ask.best - x) / radius**2
            assert math.acos(cosine) == pytest.approx(math.atan(0.01), rel=1e-6)


BEGINNING = 11  # asks for the start and the bisection back from it


def steps_after(answers, checks):
    """Both steps as the last of so many proposals shows them, all checked, as shares of D."""
    attack = BoundaryAttack(update_stats_every_k=1)
    start = np.full(20, 2.0)
    search = attack.search(task(np.zeros(20), start=start))
    asks, _ = drive(search, answers, most=BEGINNING + checks - 1)
    candidate, around = asks[-1].points
    radius = np.linalg.norm(asks[-1].best)
    turn = math.acos(around @ asks[-1].best / radius**2)
    return math.tan(turn) / 0.01, (1 - np.linalg.norm(candidate) / radius) / 0.01


# The last 100 on the sphere decide on both steps, the last 30 whole ones on that towards x; the
# proposal after that many has the new ones.
@pytest.mark.parametrize(
    ("checks", "around", "towards"), [(30, 0, 0), (31, 0, 1), (61, 0, 2), (100, 0, 3), (101, 1, 4)]
)
@pytest.mark.parametrize("succeeds", [True, False], ids=["grow", "shrink"])
def test_steps_change_by_half_when_too_many_or_too_few_succeed(succeeds, checks, around, towards):
    told = iter([True])  # the start
    answers = lambda p: np.full(len(p), next(told, succeeds))  # noqa: E731
    factor = 1.5 if succeeds else 1 / 1.5
    spherical, source = steps_after(answers, checks)
    assert spherical == pytest.approx(factor**around, rel=1e-6)
    assert source == pytest.approx(factor**towards, rel=1e-6)


def test_it_ends_when_the_step_towards_x_is_tiny():
    start, x = np.full(8, 2.0), np.zeros(8)
    told = iter([True])
    asks, best = drive(
        BoundaryAttack(update_stats_every_k=1).search(task(x, start=start)),
        lambda p: np.full(len(p), next(told, False)),
    )
    # .01/1.5ᵏ < 1e-7 at k = 29: one for each 30 checks, and one for each 100: 23 and 6 at 690.
    assert len(asks) == BEGINNING + 690
    np.testing.assert_array_equal(best, start)


def test_a_model_that_answers_adversarially_to_anything_leads_to_the_input_itself():
    x = np.random.default_rng(1).uniform(size=20)
    attack = BoundaryAttack(update_stats_every_k=1)
    for at in (x, np.zeros(20)):  # there distances underflow
        _, best = drive(attack.search(task(at)), lambda p: np.ones(len(p), dtype=bool), most=30_000)
        assert np.linalg.norm(best - at) < 1e-15
    _, best = drive(attack.search(task(x, start=x)), lambda p: np.ones(len(p), dtype=bool))
    np.testing.assert_array_equal(best, x)


def test_points_stay_in_the_box():
    x = np.random.default_rng(1).choice([0.0, 1.0], size=(1, 6, 7))
    weights = gaussian_weights(1, 6, 7)
    margin = np.sum(weights * x) + 1.0
    asks, best = drive(
        BoundaryAttack(steps=500).search(task(x, 0.0, 1.0)),
        lambda p: np.tensordot(p, weights, axes=3) > margin,
    )
    points = np.concatenate([ask.points for ask in asks])
    assert points.min() >= 0
    assert points.max() <= 1
    assert best.shape == x.shape


def test_one_number_has_only_one_way():
    _, best = drive(BoundaryAttack(steps=300).search(task(np.zeros(1))), lambda p: p[:, 0] > 0.5)
    assert 0.5 < best[0] < 0.55


@pytest.mark.parametrize("sigma", [0.0, 0.25])
def test_what_is_found_does_not_depend_on_what_is_attacked_together(sigma):
    half = half_space(gaussian_weights(1, 6, 8), count=16, sigma=sigma, n=5, apart=0.2)
    attack = BoundaryAttack()
    together = attack(half.oracle, half.inputs, half.labels, max_queries=40, seed=7)
    for number in (0, 15):
        x, wanted = half.inputs[[number]], Misclassification(half.labels[[number]])
        tasks = tasks_of(half.oracle.space, x, wanted, key_of(attack, 7), 40, None, [number])
        hunts = hunts_of(attack, half.oracle, tasks, [number])
        for _ in advance(half.oracle, hunts, wanted):
            pass
        alone = gather(attack, half.oracle, x, hunts)
        np.testing.assert_array_equal(alone.raw[0], together.raw[number])
        assert alone.queries[0] == together.queries[number]


def test_flat_inputs_are_pictures_of_one_row():
    weights = gaussian_weights(30)
    answer = lambda p: p.reshape(len(p), -1) @ weights > 2  # noqa: E731
    (_, flat), (_, row) = (
        drive(BoundaryAttack(steps=100).search(task(np.zeros(shape))), answer)
        for shape in ((30,), (2, 3, 5))
    )
    np.testing.assert_allclose(flat, row.reshape(-1), atol=1e-12)


@pytest.mark.parametrize("budget", [1, 2, 9, 40, 200])
def test_a_budget_is_kept(budget):
    half = half_space(gaussian_weights(48), sigma=0.25, n=3, apart=0.2)
    found = BoundaryAttack()(half.oracle, half.inputs, half.labels, max_queries=budget, seed=1)
    assert (found.queries <= budget).all()


def test_a_model_that_never_changes_its_label_is_a_status():
    never = LinearOracle(weights=gaussian_weights(6), bias=-100.0)
    x = np.full((1, 6), 0.5, dtype=np.float32)
    assert set(BoundaryAttack()(never, x, [0], seed=1, max_queries=50).status) == {Status.BUDGET}


def test_lucky_answers_are_kept_for_ever_as_published():
    """One vote under noise of .25: where it ends most of the way to the plane, .5, is left."""
    half = half_space(gaussian_weights(256), count=2, sigma=0.25, n=1, apart=0.5)
    found = BoundaryAttack()(half.oracle, half.inputs, half.labels, max_queries=300, seed=1)
    assert (half.oracle.distance(found.raw) > 0.1).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"update_stats_every_k": 0},
        {"spherical_step": 0.0},
        {"source_step": 1.0},
        {"source_step_convergance": -1.0},
        {"step_adaptation": 1.0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        BoundaryAttack(**wrong)
