"""Certificates in L0, from known votes and through `certify`: at most a share α is false."""

from fractions import Fraction
from functools import cache, reduce
from itertools import combinations, product
from math import comb

import numpy as np
import pytest

import certiball as cb
from certiball.certification.question import Question, radius_of, vote_bounds
from certiball.claim import Claim
from certiball.theorems.bounds import Bounds
from certiball.theorems.discrete_l0 import needed
from guarantees.checks import at_most

ALPHA = 0.05
GRID = cb.Grid(step=Fraction(1), low=0, high=2)
INPUTS, VOTES = 20_000, 1000


def share_of_false(law, rule, probabilities, changes, dimension):
    """Certificates of `changes` or more from votes of a class that loses by so many changes."""
    levels = law.levels if isinstance(law, cb.Discrete) else 256
    space = cb.Grid(step=Fraction(1), low=0, high=levels - 1)
    claim = Claim(law=law, norm=cb.Norm.L0, rule=rule, alpha=ALPHA, space=space, strict=False)
    question = Question(claim=claim, dimension=dimension)

    @cache
    def bounds(first, second):
        return vote_bounds(claim, cb.Votes(counts=(first, second)), 0)

    @cache
    def is_false(first, second):
        found = Bounds(
            p_lower=bounds(first, VOTES - first).p_lower,
            p_upper=bounds(VOTES - second, second).p_upper,
        )
        return radius_of(question, found) >= changes

    generator = np.random.default_rng([changes, dimension])
    counts = generator.multinomial(VOTES, [float(p) for p in probabilities], INPUTS)
    false = sum(is_false(first, max(rest)) for first, *rest in counts.tolist())
    at_most(false, INPUTS, ALPHA)
    return false / INPUTS


BOUNDARIES = [(2, 9, 1), (2, 9, 2), (45, 784, 3), (45, 784, 8)]


@pytest.mark.parametrize(("keep", "pixels", "changes"), BOUNDARIES)
def test_ablation_at_the_boundary(keep, pixels, changes):
    """The worst classifier: all views that show a changed pixel, and half of all views besides."""
    law = cb.Ablation(keep=keep, pixels=pixels)
    loss = 1 - Fraction(comb(pixels - changes, keep), comb(pixels, keep))
    p = Fraction(1, 2) + loss
    one = share_of_false(law, cb.Rule.ONE_SIDED, (p, 1 - p, 0), changes, pixels)
    rest = (1 - 2 * loss) / 3
    two = (rest + 2 * loss, rest, rest)
    share_of_false(law, cb.Rule.TWO_CLASS, two, changes, pixels)
    assert one > ALPHA / 2  # the boundary is where it is hard


@pytest.mark.parametrize(("keep", "levels", "changes"), [(0.5, 3, 1), (0.2, 256, 3), (0.75, 2, 4)])
def test_discrete_at_the_boundary(keep, levels, changes):
    """The worst classifier answers by the ratio of likelihoods, and keeps just one half."""
    law = cb.Discrete(keep=keep, levels=levels)
    p = needed(law, changes, Fraction(1, 2))
    one = share_of_false(law, cb.Rule.ONE_SIDED, (p, 1 - p, 0), changes, 784)
    assert one > ALPHA / 2
    rest = (1 - p) / 3
    first = needed(law, changes, needed(law, changes, rest))  # keeps what the other comes to have
    assert 1 - first >= rest
    two = (first, rest, 1 - first - rest)
    share_of_false(law, cb.Rule.TWO_CLASS, two, changes, 784)


def nearest_change(votes, place, shape):
    """How many coordinates change on the way to the nearest input with another answer, or a tie.

    Args:
        votes: exact, [inputs, classes], for every input of the shape.
        place: of the input.
        shape: levels of each coordinate.
    """
    winner = votes[place].argmax()
    leads = (votes.argmax(1) == winner) & (np.sort(votes, 1)[:, -1] > np.sort(votes, 1)[:, -2])
    everywhere = np.array(list(np.ndindex(*shape)))
    distances = (everywhere != everywhere[place]).sum(1)
    return distances[~leads].min(initial=len(shape) + 1)


def certified_within_the_truth(law, classifier, votes, shape, inputs):
    """Each input through `certify`: never as far as the nearest input with another answer."""
    g = cb.Smoothed(classifier, law, space=GRID)
    everywhere = np.array(list(np.ndindex(*shape)))
    plan, certified = cb.FixedSamples(n0=100, n=1000), 0
    for rule in (cb.Rule.ONE_SIDED, cb.Rule.TWO_CLASS):
        results = cb.certify(g, everywhere[inputs], plan=plan, alpha=1e-6, rule=rule, seed=5)
        for place, result in zip(inputs, results, strict=True):
            if isinstance(result, cb.Certificate):
                certified += 1
                assert result.label == votes[place].argmax()
                assert result.radius < nearest_change(votes, place, shape)
    return certified


@pytest.mark.parametrize("seed", range(3))
def test_ablation_through_real_views(seed):
    """A random table of answers for every view of six pixels, two of them kept."""
    law, shape = cb.Ablation(keep=2, pixels=6), (3,) * 6
    pairs = list(combinations(range(6), 2))
    number = np.zeros((6, 6), int)
    number[tuple(np.transpose(pairs))] = np.arange(15)
    generator = np.random.default_rng(seed)
    table = (generator.random((15, 9)) < 0.1).astype(int)  # mostly class 0

    def classify(x):
        kept = np.argsort(~(x.sum(1) > 0), axis=1, kind="stable")[:, :2]
        assert ((x.sum(1) > 0).sum(1) == 2).all()
        levels = np.take_along_axis(np.rint(x[:, 0]).astype(int), kept, 1)
        return table[number[tuple(kept.T)], 3 * levels[:, 0] + levels[:, 1]]

    everywhere = np.array(list(np.ndindex(*shape)))
    seen = [table[i, 3 * everywhere[:, a] + everywhere[:, b]] for i, (a, b) in enumerate(pairs)]
    ones = np.sum(seen, 0)
    votes = np.stack([15 - ones, ones], 1)
    classifier = cb.FunctionClassifier(whole_or(classify), num_classes=2)
    inputs = generator.choice(len(votes), 20, replace=False)
    assert certified_within_the_truth(law, classifier, votes, shape, inputs) > 10


def whole_or(classify):
    """The classifier where every pixel is seen as well, which the look at the model asks for."""

    def answer(x):
        whole = (x.sum(1) > 0).all(1)
        labels = np.zeros(len(x), int)
        if not whole.all():
            labels[~whole] = classify(x[~whole])
        return labels

    return answer


@pytest.mark.parametrize("seed", range(3))
def test_discrete_through_real_noise(seed):
    """A random table of answers for every input of four coordinates with three levels."""
    law, shape = cb.Discrete(keep=0.5, levels=3), (3,) * 4
    generator = np.random.default_rng(seed)
    table = (generator.random(81) < 0.15).astype(int)

    def classify(x):
        return table[np.rint(x).astype(int) @ np.array([27, 9, 3, 1])]

    one = np.full((3, 3), 1) + np.eye(3, dtype=int)  # in quarters: keep 2, each other 1
    chances = reduce(np.kron, [one] * 4)
    ones = chances @ table
    votes = np.stack([256 - ones, ones], 1)
    assert (chances.sum(1) == 256).all()
    classifier = cb.FunctionClassifier(classify, num_classes=2)
    inputs = generator.choice(81, 30, replace=False)
    assert certified_within_the_truth(law, classifier, votes, shape, inputs) > 20


@pytest.mark.parametrize(("channels", "moved"), list(product((1, 3), (1, 2))))
def test_a_certificate_covers_pixels_whatever_their_channels_do(channels, moved):
    law = cb.Ablation(keep=8, pixels=64)
    always = cb.FunctionClassifier(lambda x: np.ones(len(x), int), num_classes=2)
    g = cb.Smoothed(always, law, space=cb.Grid.uint8())
    clean = np.zeros((channels, 8, 8), np.uint8)
    [result] = cb.certify(g, clean[None], plan=cb.FixedSamples(n0=10, n=100))
    assert result.radius == 4.0
    assert "for every change of at most 4 pixels on the same grid" in str(result)
    for pixels in (moved, 4, 5):
        other = clean.copy()
        other.reshape(channels, 64)[:, :pixels] = 200
        assert result.covers(clean, other) is (pixels <= 4)


def test_a_certificate_of_discrete_noise_counts_numbers():
    always = cb.FunctionClassifier(lambda x: np.ones(len(x), int), num_classes=2)
    g = cb.Smoothed(always, cb.Discrete(keep=0.2, levels=256), space=cb.Grid.uint8())
    clean = np.zeros((3, 8, 8), np.uint8)
    [result] = cb.certify(g, clean[None], plan=cb.FixedSamples(n0=10, n=25))
    assert result.radius == 1.0
    assert "for every change of at most 1 number on the same grid" in str(result)
    other = clean.copy()
    other[0, 0, 0] = 9
    assert result.covers(clean, other)
    other[1, 0, 0] = 9
    assert not result.covers(clean, other)


def test_a_claim_about_a_grid_of_another_size_is_refused():
    for space in (cb.Grid.unsigned(4), cb.Reals(low=0.0, high=1.0)):
        with pytest.raises(cb.CertiballError, match="is for 256 levels|is noise for levels"):
            Claim(
                law=cb.Discrete(keep=0.2, levels=256),
                norm=cb.Norm.L0,
                rule=cb.Rule.ONE_SIDED,
                alpha=ALPHA,
                space=space,
                strict=False,
            )
