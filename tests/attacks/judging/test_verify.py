from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import special

import certiball as cb
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import Misclassification, TargetedMisclassification
from certiball.attacks.judging.fresh import Draws, fresh, micro_decisions
from certiball.attacks.judging.judgement import Judging, Level
from certiball.attacks.judging.level import deployed_tie
from certiball.attacks.judging.verify import verify_attacked
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import BaseOracle, Questions, SmoothedOracle
from certiball.attacks.rays import RayS
from certiball.balls import Norm
from certiball.errors import InfeasibleError, InputError
from certiball.samplers.streams import Phase
from guarantees.levels import attacked_at, binary_level

GRID = cb.Grid.uint8()
BRIGHT = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
THIRDS = cb.FunctionClassifier(
    lambda x: np.clip(np.floor(3 * x.mean((1, 2))), 0, 2).astype(np.int64), num_classes=3
)


def half_space(n, d=64, seed=3):
    """1 where the mean of d numbers is above ½, at σ = .25; inputs lie 4σ from its boundary."""
    oracle = LinearOracle(weights=np.ones(d), bias=-d / 2, sigma=0.25, n=n, seed=seed)
    return oracle, np.full((6, d), 0.5 - 1 / np.sqrt(d))


@pytest.mark.parametrize("n", [1, 10])
def test_what_chance_made_an_attack_believe_is_corrected(n):
    oracle, x = half_space(n)
    labels = np.zeros(len(x), dtype=np.int64)
    found = RayS(norm=Norm.L2)(oracle, x, labels, max_queries=400, seed=1)
    assert found.status == (Status.FOUND,) * len(x)
    verified = verify_attacked(oracle, x, labels, found, level=Level(P_a=0.8))
    # Claimed points are mostly not adversarial at all; verified ones are, at that level.
    claims = special.ndtr(oracle.distance(found.raw) / 0.25)
    passed = np.isfinite(verified.distance)  # not every direction leads out of the class at all
    truths = special.ndtr(oracle.distance(verified.points[passed]) / 0.25)
    tie = deployed_tie(0)
    assert np.mean([float(binary_level(float(q), n, tie)) >= 0.8 for q in claims]) < 0.5
    assert passed.any()
    assert all(float(binary_level(float(q), n, tie)) >= 0.8 for q in truths)
    assert (verified.distance > found.distance).mean() > 0.5
    assert (verified.distance > 1.0).all()  # where the boundary is


def test_points_that_are_further_than_they_must_be_are_pulled_in():
    oracle, x = half_space(11)
    far = np.full_like(x, 0.9)
    verified = verify_attacked(oracle, x, [0] * 6, attacked_at(x, far), level=Level(P_a=0.8))
    claimed = np.linalg.norm(far - x, axis=1)
    assert (verified.attacked.verified_level > 0.99).all()
    assert (verified.distance < 0.5 * claimed).all()
    assert (verified.distance > 1.0).all()  # the boundary itself


def test_lucky_points_are_left_behind_and_said_to_be():
    oracle, x = half_space(1)
    near = x + 0.05  # q = .03
    verified = verify_attacked(oracle, x, [0] * 6, attacked_at(x, near))
    assert (verified.attacked.verified_level < 0.1).all()
    assert (verified.distance > 1.0).all()
    assert np.isfinite(verified.distance).all()


def test_nothing_is_verified_where_nothing_is_adversarial():
    dark = cb.FunctionClassifier(lambda x: np.zeros(len(x), dtype=np.int64), num_classes=2)
    g = cb.Smoothed(dark, cb.Gaussian(sigma=0.25), space=GRID)
    x = np.full((2, 4, 4), 100, np.uint8)
    found = attacked_at(x / 255, np.full((2, 4, 4), 0.8))
    found = replace(found, distance=np.array([found.distance[0], np.inf]))
    verified = verify_attacked(
        SmoothedOracle(g, n=10, seed=1), x, [0, 0], found, level=Level(votes=100)
    )
    assert verified.distance.tolist() == [np.inf, np.inf]
    assert verified.attacked.verified_level.tolist() == [0.0, 0.0]
    assert verified.forwards[1] == 0  # no point was found, so none was judged
    assert (verified.points == (x / np.float32(255))).all()


def test_an_input_that_was_misclassified_is_judged_where_it_is():
    oracle, x = half_space(5)
    bright = np.full_like(x, 0.9)
    found = attacked_at(bright, bright)
    verified = verify_attacked(oracle, bright, [0] * 6, found)
    assert verified.distance.tolist() == [0.0] * 6
    assert (verified.attacked.verified_level > 0.99).all()
    almost = np.full_like(x, 0.5 - 0.02)  # answered as class 1 now and then, and of class 0
    assert np.isinf(
        verify_attacked(oracle, almost, [0] * 6, attacked_at(almost, almost)).distance
    ).all()


def test_a_model_without_noise_is_asked_once_for_each_place():
    oracle = BaseOracle(BRIGHT, GRID)
    x = np.full((1, 8, 8), 102, np.uint8)  # .4: at distance .8 from the boundary
    found = attacked_at(x / 255, np.full((1, 8, 8), 1.0))
    verified = verify_attacked(oracle, x, [0], found, level=Level(P_a=0.99))
    assert verified.attacked.verified_level.tolist() == [1.0]
    assert 0.8 < verified.distance[0] < 0.83
    assert verified.forwards[0] <= 10
    dark = verify_attacked(oracle, x, [0], attacked_at(x / 255, np.full((1, 8, 8), 0.45)))
    assert dark.attacked.verified_level.tolist() == [0.0]
    assert 0.8 < dark.distance[0] < 0.83


def test_points_lie_on_the_grid_and_distances_are_measured_there():
    g = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=GRID)
    x = np.full((1, 8, 8), 102, np.uint8)
    found = attacked_at(x / 255, np.full((1, 8, 8), 0.7))
    verified = verify_attacked(
        SmoothedOracle(g, n=5, seed=2), x, [0], found, level=Level(votes=300)
    )
    levels = verified.points * 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-4
    moved = np.rint(levels).astype(np.int64) - 102
    exact = np.sqrt(float((moved**2).sum())) / 255
    assert exact <= verified.distance[0] <= exact * (1 + 1e-12)


def test_more_classes_are_judged_against_a_rival_of_separate_votes():
    g = cb.Smoothed(THIRDS, cb.Gaussian(sigma=0.25), space=GRID)
    x = np.full((1, 4, 4), 30, np.uint8)
    found = attacked_at(x / 255, np.full((1, 4, 4), 0.5))
    oracle = SmoothedOracle(g, n=10, seed=2)
    by_votes = verify_attacked(oracle, x, [0], found, level=Level(P_a=0.8, votes=400))
    by_calls = verify_attacked(
        oracle, x, [0], found, level=Level(P_a=0.8, judging=Judging.CALLS, votes=200)
    )
    for verified in (by_votes, by_calls):
        assert 0.8 <= verified.attacked.verified_level[0] <= 1
        # The boundary of classes 0 and 1 is at ⅓, at a distance of 4 (⅓ − 30/255).
        assert 4 * (1 / 3 - 30 / 255) < verified.distance[0] < 4 * (0.5 - 30 / 255)


def test_a_target_is_judged_by_whole_calls():
    g = cb.Smoothed(THIRDS, cb.Gaussian(sigma=0.25), space=GRID)
    x = np.full((1, 4, 4), 30, np.uint8)
    found = attacked_at(x / 255, np.full((1, 4, 4), 0.95))
    wanted = Misclassification([0]) & TargetedMisclassification([2])
    oracle = SmoothedOracle(g, n=10, seed=2)
    verified = verify_attacked(
        oracle, x, wanted, found, level=Level(judging=Judging.CALLS, votes=200)
    )
    assert 4 * (2 / 3 - 30 / 255) < verified.distance[0] < 4 * (0.95 - 30 / 255)
    with pytest.raises(InputError, match="for labels to leave alone"):
        verify_attacked(oracle, x, wanted, found)


def test_the_shortcut_proves_no_level():
    oracle, x = half_space(10)
    found = attacked_at(x, np.full_like(x, 0.8))
    verified = verify_attacked(
        oracle, x, [0] * 6, found, level=Level(P_a=0.8, judging=Judging.MAHO)
    )
    assert verified.attacked.verified_level is None
    q = special.ndtr(oracle.distance(verified.points) / 0.25)
    # It asks for q ≈ P_a, where the definition asks for .67.
    assert 0.7 < q.mean() < 0.95


def test_what_is_judged_does_not_depend_on_the_batch():
    oracle, x = half_space(3)
    x = x + np.linspace(0, 0.02, 6)[:, None]
    found = attacked_at(x, np.full_like(x, 0.55))
    together = verify_attacked(oracle, x, [0] * 6, found, seed=4)
    for number in (1, 4):
        some = slice(number, number + 1)
        alone = verify_attacked(
            oracle, x[some], [0], attacked_at(x[some], found.raw[some]), seed=4, numbers=[number]
        )
        assert alone.distance[0] == together.distance[number]
        assert alone.forwards[0] == together.forwards[number]


def test_the_noise_is_of_no_attack_and_never_used_twice(monkeypatch):
    asked = []
    right = LinearOracle.counts

    def counts(self, questions):
        asked.append((self.phase, self.n, questions.owners, questions.numbers))
        return right(self, questions)

    monkeypatch.setattr(LinearOracle, "counts", counts)
    oracle, x = half_space(10)
    for judging in Judging:
        asked.clear()
        rule = Level(judging=judging, votes=200)
        verify_attacked(oracle, x, [0] * 6, attacked_at(x, np.full_like(x, 0.52)), level=rule)
        assert {phase for phase, *_ in asked} == {Phase.VERIFICATION}
        words = [
            (n, int(owner), int(number))
            for _, n, owners, numbers in asked
            for owner, number in zip(owners, numbers, strict=True)
        ]
        assert len(words) == len(set(words)) > 6 * 8


def test_what_it_costs_is_capped_and_said():
    g = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=GRID)
    rows = 0

    def counted(x):
        nonlocal rows
        rows += len(x)
        return x.mean((1, 2)) > 0.5

    g = replace(g, classifier=cb.FunctionClassifier(counted, num_classes=2))
    x = np.full((2, 4, 4), 60, np.uint8)
    found = attacked_at(x / 255, np.full((2, 4, 4), 0.3))
    verified = verify_attacked(
        SmoothedOracle(g, n=4, seed=1), x, [0, 0], found, level=Level(votes=64)
    )
    assert rows - int(verified.forwards.sum()) in range(256)  # but for padded batches
    assert (verified.forwards <= 13 * 64).all()


def test_frozen_noise_is_thawed():
    g = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=GRID)
    judge = fresh(SmoothedOracle(g, n=1, seed=1, frozen=True))
    assert judge.random
    point = np.full((1, 4, 4), 127)
    counts = Draws(oracle=judge, times=200).ask(point, np.array([0]), np.array([0]))
    assert 60 < counts[0, :, 1].sum() < 140


def test_many_votes_are_drawn_in_parts_and_none_is_lost():
    oracle, _ = half_space(1, d=4)
    large = np.full((3, 4), 0.5)
    draws = micro_decisions(oracle, 1001, size=2**18)
    assert draws.times > 1
    counts = draws.ask(large, np.arange(3), np.zeros(3, dtype=np.int64))
    assert counts.shape == (3, draws.times, 2)
    assert 1001 <= counts.sum(axis=(1, 2)).min() == draws.forwards < 1001 + draws.times


def test_tensors_are_taken():
    oracle, x = half_space(3)
    found = replace(attacked_at(x, np.full_like(x, 0.6)), raw=torch.full(x.shape, 0.6))
    verified = verify_attacked(
        oracle, torch.from_numpy(x), torch.zeros(6, dtype=torch.int64), found
    )
    assert np.isfinite(verified.distance).all()


class Endpoint:
    """Answers with labels alone."""

    space, num_classes, forwards, random = cb.Reals(low=0.0, high=1.0), 2, 0, True

    def __init__(self):
        self.generator = np.random.default_rng(1)

    def counts(self, questions: Questions):
        noise = 0.05 * self.generator.standard_normal(len(questions.points))
        bright = questions.points.mean(axis=1) + noise > 0.5
        return np.stack([~bright, bright], axis=1).astype(np.int64)


def test_an_oracle_of_another_making_is_judged_by_whole_calls():
    _, x = half_space(1)
    found = attacked_at(x, np.full_like(x, 0.9))
    with pytest.raises(InputError, match="judging=Judging.CALLS"):
        verify_attacked(Endpoint(), x, [0] * 6, found)
    rule = Level(P_a=0.8, judging=Judging.CALLS, votes=50)
    verified = verify_attacked(Endpoint(), x, [0] * 6, found, level=rule)
    assert (verified.distance > 1.0).all()
    assert np.isfinite(verified.distance).all()


def test_an_oracle_of_another_making_is_judged_by_numbers_that_no_attack_asks():
    """Its noise may hang on owner and number alone, as ours does."""
    numbers = []

    class Addressed(Endpoint):
        def counts(self, questions):
            numbers.append(questions.numbers)
            return super().counts(questions)

    _, x = half_space(1)
    found = RayS()(Addressed(), x, [0] * 6, max_queries=300, seed=1)
    asked = np.concatenate(numbers)
    numbers.clear()
    rule = Level(P_a=0.8, judging=Judging.CALLS, votes=50)
    verify_attacked(Addressed(), x, [0] * 6, found, level=rule)
    judged = np.concatenate(numbers)
    assert len(judged) > 300
    assert not np.isin(judged, asked).any()


def test_what_does_not_fit_is_refused():
    oracle, x = half_space(3)
    found = attacked_at(x, np.full_like(x, 0.6))
    with pytest.raises(InputError, match="for 2 values of ε"):
        verify_attacked(oracle, x, [0] * 6, replace(found, raw=[x, x]))
    with pytest.raises(InputError, match="were not found for inputs"):
        verify_attacked(oracle, x, [0] * 6, replace(found, raw=x[:2]))
    with pytest.raises(InfeasibleError, match="9 votes cannot prove level 0.8"):
        verify_attacked(oracle, x, [0] * 6, found, level=Level(P_a=0.8, votes=9))
