"""What is answered, by which noise, and at what cost."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import BaseOracle, Oracle, Questions, SmoothedOracle
from certiball.classifiers.function import FunctionClassifier
from certiball.errors import InputError, ModelError
from certiball.laws.gaussian import Gaussian
from certiball.samplers.streams import Phase
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

BRIGHT = FunctionClassifier(lambda b: b.reshape(len(b), -1).mean(1) > 0.5, num_classes=2)
G = Smoothed(BRIGHT, Gaussian(sigma=0.25), space=Grid.uint8())


def questions(levels, owners=None, numbers=None):
    count = len(levels)
    return Questions(
        points=np.asarray(levels),
        owners=np.zeros(count, np.int64) if owners is None else np.asarray(owners),
        numbers=np.arange(count) if numbers is None else np.asarray(numbers),
    )


def grey(level, count, shape=(2, 2)):
    return np.full((count, *shape), level, dtype=np.int64)


def test_all_are_oracles():
    linear = LinearOracle(weights=np.ones(4), bias=0.0)
    for oracle in (SmoothedOracle(G, n=3), BaseOracle(BRIGHT, Grid.uint8()), linear):
        assert isinstance(oracle, Oracle)


def test_a_base_oracle_answers_what_the_model_says():
    oracle = BaseOracle(BRIGHT, Grid.uint8(), batch=3)
    asked = np.concatenate([grey(0, 3), grey(255, 4)])
    assert oracle.counts(questions(asked)).argmax(1).tolist() == [0] * 3 + [1] * 4
    assert oracle.forwards == 1
    assert not oracle.random


def test_votes_follow_the_law_of_the_noise():
    oracle = SmoothedOracle(G, n=20, seed=1)
    votes = oracle.counts(questions(grey(140, 500)))
    p = norm.cdf((140 / 255 - 0.5) / (0.25 / 2))  # a mean of four pixels
    ones = int(votes[:, 1].sum())
    assert votes.sum(1).tolist() == [20] * 500
    assert binom.ppf(1e-6, 10_000, p) <= ones <= binom.ppf(1 - 1e-6, 10_000, p)
    shares = votes[:, 1] / 20
    assert shares.var() == pytest.approx(p * (1 - p) / 20, rel=0.3)  # fresh at each question


def test_noise_hangs_on_the_owner_and_the_question_alone():
    oracle = SmoothedOracle(G, n=7, seed=5)
    asked = np.stack([np.full((2, 2), k) for k in range(110, 140)])
    owners, numbers = np.arange(30) % 4, np.arange(30)
    whole = oracle.counts(questions(asked, owners, numbers))
    order = np.random.default_rng(0).permutation(30)
    shuffled = oracle.counts(questions(asked[order], owners[order], numbers[order]))
    np.testing.assert_array_equal(shuffled, whole[order])
    alone = [oracle.counts(questions(asked[k : k + 1], owners[[k]], [k]))[0] for k in range(30)]
    np.testing.assert_array_equal(np.stack(alone), whole)
    assert len({tuple(row) for row in oracle.counts(questions(grey(128, 20))).tolist()}) > 1
    other = oracle.counts(questions(asked, owners + 1, numbers))
    assert (other != whole).any()


def test_frozen_noise_answers_a_question_always_alike():
    oracle = SmoothedOracle(G, n=7, seed=5, frozen=True)
    votes = oracle.counts(questions(grey(128, 20)))
    assert (votes == votes[0]).all()
    assert not oracle.random
    elsewhere = oracle.counts(questions(grey(128, 40), owners=np.arange(40)))
    assert len({tuple(row) for row in elsewhere.tolist()}) > 1


def test_a_seed_that_nobody_chose_gives_noise_of_its_own():
    first, second = SmoothedOracle(G, n=7), SmoothedOracle(G, n=7)
    asked = questions(grey(128, 40))
    assert (first.counts(asked) != second.counts(asked)).any()
    assert not first.draw.chosen


def test_points_are_judged_by_other_noise_than_found_them():
    attack = SmoothedOracle(G, n=7, seed=5)
    judge = SmoothedOracle(G, n=7, seed=5, phase=Phase.VERIFICATION)
    asked = questions(grey(128, 40))
    assert (attack.counts(asked) != judge.counts(asked)).any()


def test_real_inputs_are_answered_as_they_are():
    g = Smoothed(BRIGHT, Gaussian(sigma=0.05), space=Reals(low=0.0, high=1.0))
    points = np.full((4, 2, 2), 0.9, dtype=np.float32)
    votes = SmoothedOracle(g, n=10, seed=1).counts(questions(points))
    assert votes.argmax(1).tolist() == [1] * 4


@pytest.mark.parametrize("n", [0, 2**20 + 1])
def test_numbers_of_votes_out_of_range_are_refused(n):
    with pytest.raises(InputError, match="n must be from 1"):
        SmoothedOracle(G, n=n)


def test_scores_that_are_no_votes_are_refused():
    broken = FunctionClassifier(lambda b: np.full((len(b), 2), np.nan, np.float32), num_classes=2)
    with pytest.raises(ModelError, match="NaN"):
        BaseOracle(broken, Grid.uint8()).counts(questions(grey(1, 2)))


@pytest.mark.parametrize("n", [1, 10, 100])
@pytest.mark.parametrize("margin", [-0.3, 0.0, 0.11])
def test_a_half_space_is_answered_by_the_binomial_law(n, margin):
    oracle = LinearOracle(weights=np.array([3.0, 4.0]), bias=0.0, sigma=0.25, n=n, seed=2)
    point = margin * np.array([0.6, 0.8])
    count = 2000
    votes = oracle.counts(questions(np.repeat(point[None], count, axis=0)))
    assert (votes.sum(1) == n).all()
    p = norm.cdf(margin / 0.25)
    for k in {0, n // 2, n}:
        seen = int((votes[:, 1] <= k).sum())
        low, high = binom.ppf([1e-7, 1 - 1e-7], count, binom.cdf(k, n, p))
        assert low <= seen <= high


def test_a_half_space_without_noise_answers_by_its_side():
    oracle = LinearOracle(weights=np.array([3.0, 4.0]), bias=-1.0)
    votes = oracle.counts(questions(np.array([[0.0, 0.2], [0.0, 0.3]])))
    assert votes.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(InputError, match="all 0"):
        LinearOracle(weights=np.zeros(3), bias=1.0)
    with pytest.raises(InputError, match="sigma must be"):
        LinearOracle(weights=np.ones(3), bias=1.0, sigma=-1.0)
