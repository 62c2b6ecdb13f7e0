"""Checks of the guarantees for other outputs than one class; the mutants call them too."""

import numpy as np
from scipy import special

import certiball as cb
from certiball.statistics import holm, multinomial, order
from certiball.theorems import percentile, top_k
from guarantees.checks import at_most

INPUTS = 20_000
ALPHA = 0.05
LAW = cb.Gaussian(sigma=1.0)


def top_k_by_brute_force(cases):
    """Random classifiers of one number, cut into intervals: the true order at every distance."""
    generator = np.random.default_rng(cases)
    certified = 0
    for _ in range(cases):
        classes = int(generator.integers(2, 7))
        k = int(generator.integers(1, classes))
        cuts = np.sort(generator.normal(0, 1.5, int(generator.integers(1, 12))))
        owner = generator.integers(0, classes, len(cuts) + 1)
        p = probabilities_at(np.zeros(1), cuts, owner, classes)[0]
        label = int(np.argsort(-p)[generator.integers(0, k)])
        others = [min(1.0, float(q) + 1e-14) for c, q in enumerate(p) if c != label]
        r = top_k.radius(LAW, max(0.0, float(p[label]) - 1e-14), others, k)
        if r == 0:
            continue
        certified += 1
        moved = probabilities_at(np.linspace(-r, r, 201), cuts, owner, classes)
        rivals = np.delete(moved, label, axis=1) > moved[:, [label]] + 1e-12
        assert (rivals.sum(1) < k).all(), f"{k=} {r=} {cuts=} {owner=}"
    assert certified > cases // 4


def probabilities_at(points, cuts, owner, classes):
    """P(class) under standard normal noise at points of the line, [points, classes]."""
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    masses = np.diff(special.ndtr(edges[None] - points[:, None]), axis=1)
    return np.stack([masses[:, owner == c].sum(1) for c in range(classes)], axis=1)


def bounds_hold_together(probabilities=(0.34, 0.33, 0.33), n=1000):
    """A lower bound on one class and upper bounds on the others, all true but for α."""
    generator = np.random.default_rng(31)
    drawn, times = np.unique(
        generator.multinomial(n, probabilities, INPUTS), axis=0, return_counts=True
    )
    false = 0
    for counts, often in zip(drawn.tolist(), times.tolist(), strict=True):
        low, others = multinomial.simultaneous_bounds(cb.Votes(counts=tuple(counts)), 0, ALPHA)
        beyond = any(high < p for high, p in zip(others, probabilities[1:], strict=True))
        false += often * (low > probabilities[0] or beyond)
    at_most(false, INPUTS, ALPHA)


def top_k_coverage(probabilities, k, n=1000):
    """Class 0 among the k likeliest: few radii from votes are beyond the worst case's."""
    generator = np.random.default_rng([k, n, *(int(1000 * p) for p in probabilities)])
    truly = top_k.radius(LAW, probabilities[0], list(probabilities[1:]), k)
    drawn = generator.multinomial(n, probabilities, INPUTS)
    drawn[:, 1:].sort(axis=1)
    rivals = sorted(probabilities[1:])
    drawn, times = np.unique(drawn, axis=0, return_counts=True)
    false = 0
    for counts, often in zip(drawn.tolist(), times.tolist(), strict=True):
        low, others = multinomial.simultaneous_bounds(cb.Votes(counts=tuple(counts)), 0, ALPHA)
        if low <= probabilities[0] and all(map(float.__ge__, others, rivals)):
            continue  # every bound is true, and radii are monotone in them
        false += often * (top_k.radius(LAW, low, others, k) > truly)
    at_most(false, INPUTS, ALPHA)


def percentile_coverage(p, eps=0.5, n=1000):
    """f(y) = y, the worst function: its percentile moves by ±ε, and the q-th value is a Beta's.

    Each end is false at most α often.
    """
    generator = np.random.default_rng([n, int(1000 * p)])
    low, high = percentile.shifted(LAW, p, eps)
    first, last = order.lower_index(n, low, ALPHA), order.upper_index(n, high, ALPHA)
    assert 0 < first < last <= n
    smallest = special.ndtri(generator.beta(first, n - first + 1, INPUTS))
    largest = special.ndtri(generator.beta(last, n - last + 1, INPUTS))
    at_most(int((smallest > special.ndtri(p) - eps).sum()), INPUTS, ALPHA)
    at_most(int((largest < special.ndtri(p) + eps).sum()), INPUTS, ALPHA)


def joint_level_of_places(at_the_boundary, certain, tau=0.75, n=1000):
    """Places whose class has probability τ exactly: any of them certified makes a map false."""
    generator = np.random.default_rng([at_the_boundary, certain])
    counts = generator.binomial(n, tau, (INPUTS, at_the_boundary))
    every = np.concatenate([counts, np.full((INPUTS, certain), n)], axis=1)
    p_values = holm.above_p_values(every, n, tau)
    false = sum(bool(holm.rejected(row, ALPHA)[:at_the_boundary].any()) for row in p_values)
    at_most(false, INPUTS, ALPHA)
