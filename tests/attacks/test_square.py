"""The Square Attack: its windows, its schedule, its ball, and half-spaces that it must cross."""

import math
from itertools import pairwise

import numpy as np
import pytest

from attacks.half_spaces import drive
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.linear import LinearOracle
from certiball.attacks.search.ask import Task
from certiball.attacks.square import Square, bumps
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.spaces import Grid

NORMS = (Norm.LINF, Norm.L2)


def task(x, **rest):
    known = {"low": 0.0, "high": 1.0, "label": 0, "target": None, "budget": 300}
    return Task(x=x, rng=np.random.default_rng(0), **(known | rest))


def asked(attack, given, shares, most=10_000):
    """The points of all asks, where `shares` answers each by its number."""
    number = iter(range(10**6))
    asks, found = drive(attack.search(given), lambda _: np.array([shares(next(number))]), most)
    return [ask.points[0] for ask in asks], found


def better(number):
    return [1 - number / 1e6, number / 1e6]


def length(norm, change):
    return np.abs(change).max() if norm is Norm.LINF else float(np.sqrt((change**2).sum()))


@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("epsilon", [0.05, 8 / 255, 3.0])
@pytest.mark.parametrize("step", [0.0, 1 / 255])
def test_every_question_is_shown_inside_of_the_ball_and_of_the_box(norm, epsilon, step):
    x = np.random.default_rng(1).integers(0, 256, (3, 9, 7)) / 255
    x = x if step else x.astype(np.float32).astype(np.float64)
    luck = np.random.default_rng(2)
    points, _ = asked(
        Square(epsilon=epsilon, norm=norm, ahead=0.99),
        task(x, step=step, budget=60),
        lambda _: luck.dirichlet((1, 1)),
    )
    assert len(points) == 60
    for point in points:
        shown = np.rint(point * 255) / 255 if step else point.astype(np.float32)
        assert shown == pytest.approx(point, abs=1e-12)
        assert point.min() >= 0
        assert point.max() <= 1
        assert length(norm, point - x) <= epsilon * (1 + 1e-9)
    changes = [length(norm, point - x) for point in points]
    if norm is Norm.LINF and epsilon < 1:
        assert min(changes) > 0.9 * epsilon  # and the ball is used


def test_in_linf_every_number_moves_as_far_as_it_may():
    x = np.rint(np.random.default_rng(1).uniform(0.2, 0.8, (3, 8, 8)) * 2**20) / 2**20
    luck = np.random.default_rng(2)
    points, _ = asked(
        Square(epsilon=0.1, ahead=0.99), task(x, step=2.0**-20), lambda _: luck.dirichlet((1, 1))
    )
    for point in points:
        assert np.abs(point - x) == pytest.approx(0.1, rel=2e-4)


def test_the_first_point_has_stripes_in_linf():
    x = np.full((3, 8, 6), 0.5)
    points, _ = asked(Square(epsilon=0.25), task(x, budget=1), lambda _: [1.0, 0.0])
    assert (points[0] == points[0][:, :1, :]).all()
    assert set(np.unique(points[0])) == {0.25, 0.75}


def test_a_step_in_linf_changes_one_square_of_each_channel_to_one_value():
    x = np.full((3, 20, 20), 0.5)
    points, _ = asked(Square(epsilon=0.25), task(x, budget=10_000), better, most=1)
    before, after = points[0], points[1]
    rows, columns = np.nonzero((before != after).any(0))
    side = round(math.sqrt(0.05 * 400))
    assert np.ptp(rows) < side
    assert np.ptp(columns) < side
    assert {len(np.unique(c[rows.min() : rows.max() + 1, :][:, columns])) for c in after} == {1}


def test_squares_shrink_as_published_in_proportion_to_the_budget():
    """p is halved at 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of 10,000 queries."""
    x = np.full((1, 40, 40), 0.5)
    worse = lambda i: [1.0, 0.0] if i else [0.9, 0.1]  # noqa: E731 (nothing is kept)
    for budget in (1000, 200):
        points, found = asked(Square(epsilon=0.1, share=1.0), task(x, budget=budget), worse)
        assert (len(points), found) == (budget, None)
        for number in range(1, budget, 3):
            rows, columns = np.nonzero((points[number] != points[0])[0])
            place = number * 10_000 / budget
            times = sum(place > at for at in (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000))
            side = round(40 * math.sqrt(0.5**times))
            assert max(np.ptp(rows), np.ptp(columns), -1) < side if len(rows) else side < 40


def test_bumps_are_those_of_equation_2():
    def pyramid(rows, columns):
        n = rows // 2
        places = np.arange(1, columns + 1)
        return [
            [
                sum(1 / (n + 1 - k) ** 2 for k in range(n - max(abs(r - n - 1), abs(s)) + 1))
                for s in places - columns // 2 - 1
            ]
            for r in range(1, rows + 1)
        ]

    for side in range(2, 9):
        half = side // 2
        expected = np.hstack([pyramid(side, half), -np.array(pyramid(side, side - half))])
        found = [bumps(side, np.random.default_rng(seed)) for seed in range(8)]
        upright = [np.allclose(one, expected) for one in found]
        assert all(u or np.allclose(one.T, expected) for u, one in zip(upright, found, strict=True))
        assert 0 < sum(upright) < 8


def test_a_step_in_l2_moves_length_and_loses_none():
    wide = task(np.full((3, 12, 12), 0.5), step=2.0**-30, low=-9.0, high=9.0, budget=100)
    points, _ = asked(Square(epsilon=0.5, norm=Norm.L2), wide, better)
    for before, after in pairwise(points):
        assert length(Norm.L2, after - wide.x) == pytest.approx(0.5, rel=2e-4)
        moved = np.abs(after - before) > 1e-4
        assert moved.any(0).sum() <= 2 * 4**2  # two squares of a tenth


@pytest.mark.parametrize("norm", NORMS, ids=str)
def test_a_half_space_is_crossed_where_the_ball_allows_it_and_only_there(norm):
    weights = np.random.default_rng(5).standard_normal((1, 8, 8))
    x = np.rint(np.random.default_rng(0).uniform(0.3, 0.7, (4, 1, 8, 8)) * 255) / 255
    sizes = (x * weights).reshape(4, -1).sum(1)
    dual = np.abs(weights).sum() if norm is Norm.LINF else np.linalg.norm(weights)
    bias = 0.05 * dual - sizes.min()
    truth = (sizes + bias) / dual
    oracle = LinearOracle(
        weights=weights, bias=float(bias), sigma=0.25, n=10**7, seed=1, space=Grid.uint8()
    )
    far, near = float(4 * truth.max()), float(0.95 * truth.min())
    found = Square(epsilon=far, norm=norm, ahead=0.01)(
        oracle, x, [1] * 4, epsilons=far, max_queries=300, seed=0
    )
    assert found.success.all()
    assert (oracle.distance(found.raw) < 0).all()
    assert (found.distance >= truth * (1 - 1e-9)).all()
    hopeless = Square(epsilon=near, norm=norm, ahead=0.01)(
        oracle, x, [1] * 4, epsilons=near, max_queries=100, seed=0
    )
    assert not hopeless.success.any()
    assert hopeless.queries.tolist() == 4 * [100]


def test_only_what_is_no_worse_is_kept():
    """Each question changes one square of the best point so far."""
    x = np.full((1, 20, 20), 0.5)
    shares = [[0.6, 0.4], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3], [0.5, 0.5], [0.4, 0.6]]
    points, found = asked(Square(epsilon=0.1), task(x), lambda i: shares[i])
    kept = {1: 0, 2: 0, 3: 2, 4: 2, 5: 4}  # the point that each question starts from
    for number, start in kept.items():
        rows, columns = np.nonzero((points[number] != points[start])[0])
        assert max(np.ptp(rows), np.ptp(columns), 0) < 5 if len(rows) else True
    assert len(points) == 6
    assert np.array_equal(found, points[5])


def test_a_tie_is_not_adversarial_and_a_lead_can_be_asked_for():
    x = np.full((1, 6, 6), 0.5)
    for lead, end in ((0.0, 3), (0.15, 4), (0.5, 50)):
        shares = {0: [0.6, 0.4], 1: [0.5, 0.5], 2: [0.45, 0.55], 3: [0.4, 0.6]}
        points, found = asked(
            Square(epsilon=0.1, ahead=lead), task(x, budget=50), lambda i, s=shares: s.get(i, s[0])
        )
        assert len(points) == end
        assert np.array_equal(found, points[min(end, 4) - 1])  # the one that was farthest ahead


def test_targets_have_to_lead_themselves():
    x = np.full((1, 6, 6), 0.5)
    shares = [[0.1, 0.5, 0.4], [0.1, 0.4, 0.5]]
    points, _ = asked(Square(epsilon=0.1), task(x, target=2), lambda i: shares[i])
    assert len(points) == 2


def test_targets_through_the_scheduler():
    oracle = LinearOracle(weights=np.ones((4, 4)), bias=-8.5, sigma=0.25, n=10**6)
    wanted = TargetedMisclassification([1])
    found = Square(epsilon=0.2)(oracle, np.full((1, 4, 4), 0.5), wanted, max_queries=200, seed=0)
    assert found.status == (Status.FOUND,)
    assert found.raw.shape == (1, 4, 4)


def test_results_depend_on_the_seed_and_not_on_the_batch():
    weights = np.random.default_rng(5).standard_normal((1, 6, 6))
    x = np.random.default_rng(0).uniform(0.3, 0.7, (4, 1, 6, 6)).astype(np.float32)
    oracle = LinearOracle(weights=weights, bias=50.0, sigma=0.25, n=100, seed=1)
    labels = (oracle.distance(x) > 0).astype(int)
    attack = Square(epsilon=0.1)
    together = attack(oracle, x, labels, max_queries=40, seed=1)
    first = attack(oracle, x[:1], labels[:1], max_queries=40, seed=1)
    assert np.array_equal(first.raw[0], together.raw[0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, r"give the length of the perturbation, such as Square\(epsilon=8 / 255\)"),
        ({"epsilon": 0.0}, "epsilon must be finite and > 0, not 0"),
        ({"epsilon": 0.1, "norm": Norm.L1}, "Square measures in L∞ or L2, not in L1"),
        ({"epsilon": 0.1, "share": 1.5}, "share must be above 0 and at most 1, not 1.5"),
        ({"epsilon": 0.1, "ahead": 1.0}, "ahead is a share of the votes"),
    ],
    ids=["no-epsilon", "epsilon", "norm", "share", "ahead"],
)
def test_wrong_numbers_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Square(**wrong)


def test_inputs_that_are_no_pictures_are_refused():
    oracle = LinearOracle(weights=np.ones(16), bias=-4.0, sigma=0.25)
    with pytest.raises(InputError, match=r"Square changes squares of pictures .* shape \[16\]"):
        Square(epsilon=0.1)(oracle, np.full((1, 16), 0.9), [1], max_queries=50, seed=0)
