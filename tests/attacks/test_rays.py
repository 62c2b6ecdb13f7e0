"""RayS on half-spaces, where the nearest corner is known: it is never passed, and reached."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from attacks.half_spaces import drive, gaussian_weights
from certiball import Grid
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.linear import LinearOracle
from certiball.attacks.rays import RayS, passes
from certiball.attacks.search.ask import Task
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.spaces import Reals

WIDE = Reals(low=-10.0, high=10.0)  # where no corner of the ball is cut off


@dataclass(frozen=True, kw_only=True, eq=False)
class Half:
    """Inputs of class 1, and their distances in L∞: the margin by ‖w‖₁."""

    oracle: LinearOracle
    inputs: np.ndarray
    labels: np.ndarray
    shortest: np.ndarray


def half(weights, *, count=4, space=WIDE, sigma=0.0):
    x = np.random.default_rng(0).uniform(0.3, 0.7, (count, *weights.shape))
    if isinstance(space, Grid):
        x = (np.rint(x * 255) / 255).astype(np.float64)
    bias = 0.08 * np.abs(weights).sum() - (x * weights).reshape(count, -1).sum(1).min()
    oracle = LinearOracle(weights=weights, bias=float(bias), sigma=sigma, seed=1, space=space)
    margins = (x * weights).reshape(count, -1).sum(1) + bias
    x = x if isinstance(space, Grid) else x.astype(np.float32)
    labels = np.ones(count, dtype=np.int64)
    shortest = margins / np.abs(weights).sum()
    return Half(oracle=oracle, inputs=x, labels=labels, shortest=shortest)


def task(x, **rest):
    known = {"low": 0.0, "high": 1.0, "label": 0, "target": None, "budget": 1000}
    return Task(x=x, rng=np.random.default_rng(0), **(known | rest))


def test_the_nearest_corner_is_found_coordinate_by_coordinate_and_never_passed():
    h = half(gaussian_weights(16))
    found = RayS(tolerance=1e-5)(h.oracle, h.inputs, h.labels)
    times = found.distance / h.shortest
    assert (times > 1 - 1e-6).all()  # in single precision
    assert (times < 1.01).all()
    assert found.status == 4 * (Status.FOUND,)  # it ended by itself


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 8)])
def test_signs_in_blocks_are_found_in_few_queries(shape):
    size = int(np.prod(shape))
    weights = np.where(np.arange(size) < size // 2, 1.0, -1.0).reshape(shape)
    h = half(weights)
    found = RayS(tolerance=1e-4)(h.oracle, h.inputs, h.labels, max_queries=120)
    assert (found.distance / h.shortest < 1.01).all()


def test_the_search_is_the_same_in_both_norms():
    h = half(gaussian_weights(1, 6, 6), space=Grid.uint8())
    shown = [
        RayS(norm=norm)(h.oracle, h.inputs, h.labels, max_queries=300)
        for norm in (Norm.LINF, Norm.L2)
    ]
    assert np.array_equal(shown[0].raw, shown[1].raw)
    change = (shown[0].raw - h.inputs).astype(np.float64).reshape(4, -1)
    assert shown[0].distance == pytest.approx(np.abs(change).max(1), rel=1e-5)
    assert shown[1].distance == pytest.approx(np.linalg.norm(change, axis=1), rel=1e-5)


def test_nothing_is_left_to_chance_or_to_what_is_asked_together():
    h = half(gaussian_weights(1, 8, 8))
    together = RayS()(h.oracle, h.inputs, h.labels, max_queries=200, seed=1)
    for number in range(4):
        one = slice(number, number + 1)
        alone = RayS()(h.oracle, h.inputs[one], h.labels[one], max_queries=200, seed=2)
        assert np.array_equal(alone.raw[0], together.raw[number])
        assert alone.history[0] == together.history[number]


def test_the_first_questions_are_the_corner_of_lowest_values_and_then_half_of_it():
    asks, end = drive(RayS().search(task(np.full((2, 2), 0.25))), lambda points: [False], most=2)
    assert end is None
    assert [ask.points.reshape(-1).tolist() for ask in asks] == [
        [0, 0, 0, 0],
        [0, 0, 1, 1],
        [1, 1, 0, 0],
    ]


def test_a_flip_is_kept_and_bisected_only_where_it_is_answered_adversarially():
    x = np.zeros(4)
    search = RayS(tolerance=0.25).search(task(x, low=-1.0, high=1.0))
    answers = iter([True, False, True, False, True])  # the corner, 1/2, 3/4, and two halves
    asks, _ = drive(search, lambda points: [next(answers)], most=4)
    first = [ask.points[0].tolist() for ask in asks]
    assert first[0] == 4 * [-1.0]
    assert first[1] == 4 * [-0.5]
    assert first[2] == 4 * [-0.75]
    assert (first[3], first[4]) == ([0.75, 0.75, -0.75, -0.75], [-0.75, -0.75, 0.75, 0.75])
    assert [ask.best is None for ask in asks] == [True, *4 * [False]]


@pytest.mark.parametrize("size", [1, 5, 12, 784])
def test_every_pass_has_every_coordinate_once(size):
    for blocks, level in zip(passes(size), range(14), strict=False):
        places = np.concatenate([np.arange(size)[block] for block in blocks])
        assert places.tolist() == list(range(size))
        assert len(blocks) <= 2**level
    assert len(blocks) == size


def test_a_starting_point_gives_the_signs_to_begin_with():
    weights = np.array([1.0, -1.0] * 8)  # no block of neighbours helps
    h = half(weights, count=2)
    starts = h.inputs - np.sign(weights).astype(np.float32)
    alone, helped = (
        RayS()(h.oracle, h.inputs, h.labels, starting_points=points, max_queries=25)
        for points in (None, starts)
    )
    assert (alone.distance / h.shortest > 5).all()
    assert (helped.distance / h.shortest < 1.1).all()


def test_a_starting_point_that_is_not_adversarial_is_refused():
    h = half(gaussian_weights(16))
    found = RayS(tolerance=1e-5)(h.oracle, h.inputs, h.labels, starting_points=h.inputs)
    assert found.status == 4 * (Status.REFUSED_START,)
    assert found.queries.tolist() == [2, 2, 2, 2]


def test_a_model_that_never_changes_its_label_is_told_in_the_status():
    oracle = LinearOracle(weights=np.ones(8), bias=100.0)
    found = RayS()(oracle, np.full((2, 8), 0.5), [1, 1])
    assert found.status == (Status.NOT_FOUND, Status.NOT_FOUND)
    assert found.queries.tolist() == 2 * [1 + 1 + 2 + 4 + 8]
    short = RayS(queries=5)(oracle, np.full((2, 8), 0.5), [1, 1])
    assert short.queries.tolist() == [6, 6]


def test_where_the_space_has_no_bounds_rays_grow_until_something_is_found():
    oracle = LinearOracle(weights=np.ones(4), bias=4000.0, space=Reals())  # ‖w‖₁ is 4
    found = RayS()(oracle, np.zeros((1, 4)), [1], max_queries=100)
    assert found.distance[0] == pytest.approx(1000.0, rel=0.01)
    hopeless = LinearOracle(weights=np.ones(4), bias=1e9, space=Reals())
    assert RayS()(hopeless, np.zeros((1, 4)), [1]).status == (Status.NOT_FOUND,)


def test_a_target_is_a_class_like_any_other():
    h = half(gaussian_weights(16))
    wanted = TargetedMisclassification([0, 0, 0, 0])
    targeted = RayS()(h.oracle, h.inputs, wanted, max_queries=400)
    plain = RayS()(h.oracle, h.inputs, h.labels, max_queries=400)
    assert np.array_equal(targeted.raw, plain.raw)


def test_on_a_grid_nothing_finer_than_a_step_is_asked():
    h = half(gaussian_weights(1, 6, 6), space=Grid.uint8())
    asked = []

    def answer(points):
        asked.append(np.rint(points[0] * 255))
        return h.oracle.distance(np.rint(points * 255) / 255) <= 0

    x = np.rint(h.inputs[0] * 255.0) / 255
    drive(RayS(tolerance=1e-9).search(task(x, step=1 / 255)), answer, most=300)
    twice = sum(np.array_equal(a, b) for a, b in pairwise(asked))
    assert twice <= 5


def test_luck_shortens_the_ray_for_ever():
    """Why points are judged again: at n = 1 nearly none is on the other side of the boundary."""
    h = half(gaussian_weights(3, 16, 16), count=8, sigma=5.0)
    found = RayS()(h.oracle, h.inputs, h.labels, max_queries=150, seed=0)
    believed = [status is Status.FOUND for status in found.status]
    crossed = h.oracle.distance(found.raw) <= 0
    assert sum(believed) >= 6
    assert crossed[believed].mean() < 0.2


def test_other_norms_and_tolerances_are_refused():
    with pytest.raises(
        InputError, match="RayS measures in L∞ or L2, not in L1: give Norm.LINF or Norm.L2"
    ):
        RayS(norm=Norm.L1)
    with pytest.raises(InputError, match="tolerance must be finite and > 0, not 0"):
        RayS(tolerance=0.0)
