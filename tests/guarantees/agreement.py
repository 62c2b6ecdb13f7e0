"""Checks of the tests that compare a record with fresh votes: enumerated, or simulated."""

from bisect import bisect_left
from dataclasses import replace
from itertools import product

import numpy as np
from scipy import stats

import certiball as cb
from certiball.statistics import binomial, consistency
from certiball.statistics.consistency import Compared
from certiball.votes import Design
from guarantees import checks, stopping

ROUNDING = 1e-9


def compared(stored, n, fresh, m, **claim):
    return Compared(stored=int(stored), n=n, fresh=int(fresh), m=m, **({"p_lower": 0.0} | claim))


def same_votes_level(n, m, p, level):
    """P(T2 ≤ level) where both counts have one probability, over all pairs of counts."""
    stored, fresh = (stats.binom.pmf(np.arange(size + 1), size, p) for size in (n, m))
    return sum(
        stored[k] * fresh[x]
        for k, x in product(range(n + 1), range(m + 1))
        if consistency.same_votes_p_value(compared(k, n, x, m)) <= level
    )


def same_votes_keeps_its_level(n, m, p):
    for level in (0.01, 0.05, 0.2):
        assert same_votes_level(n, m, p, level) <= level + ROUNDING


def pooled_keeps_its_level(n, m, probabilities):
    """Over all quadruples of counts of two inputs."""
    pairs = [
        [
            (k, x, stats.binom.pmf(k, n, p) * stats.binom.pmf(x, m, p))
            for k, x in product(range(n + 1), range(m + 1))
        ]
        for p in probabilities
    ]
    found = {0.01: 0.0, 0.05: 0.0, 0.2: 0.0}
    for (k1, x1, w1), (k2, x2, w2) in product(*pairs):
        both = [compared(k1, n, x1, m), compared(k2, n, x2, m)]
        p_value = consistency.pooled_p_value(both)
        for level in found:
            found[level] += w1 * w2 * (p_value <= level)
    assert all(chance <= level + ROUNDING for level, chance in found.items())


def contradiction_keeps_its_level(m, p, p_upper=None):
    """P(T1 ≤ level) where the claim is only just true: every other class but one at p̄."""
    for level in (0.01, 0.05, 0.2):
        chance = 0.0
        for x in range(m + 1):
            for y in range(m - x + 1) if p_upper is not None else (0,):
                weight = (
                    stats.binom.pmf(x, m, p)
                    if p_upper is None
                    else stats.multinomial.pmf((x, y, m - x - y), m, (p, p_upper, 1 - p - p_upper))
                )
                others = 0 if p_upper is None else max(y, m - x - y)
                one = compared(0, 1, x, m, p_lower=p, p_upper=p_upper, others=others, classes=3)
                chance += weight * (consistency.contradiction_p_value(one) <= level)
        assert chance <= level + ROUNDING


def simulated_alarms(rng, *, level, shift=0.0, runs=1000, inputs=6, n=2000, m=500):
    """The share of runs with an alarm; `shift` raises every stored count's probability."""
    alarms = 0
    for _ in range(runs):
        p = rng.uniform(0.6, 0.99, inputs)
        stored = rng.binomial(n, np.minimum(p + shift * 4 * p * (1 - p), 1))
        fresh = rng.binomial(m, p)
        rows = [
            compared(k, n, x, m, p_lower=binomial.lower_bound(int(k), n, 0.001))
            for k, x in zip(stored, fresh, strict=True)
        ]
        alarms += consistency.consistency(rows, level=level, design=Design.FIXED).alarm
    return alarms / runs


def stopped_level(p, level, m, p_value, *, most=600, alpha=0.001):
    """P(p-value ≤ level) at one honest input whose votes stopped at a radius, summed exactly.

    Args:
        p: the probability of a vote for the class.
        level: of the test.
        m: fresh votes.
        p_value: a test that alarms where fresh votes for the class are few.
        most: votes at which the plan gives up.
        alpha: of the claim.
    """
    asked = stopping.question(alpha)
    plan = cb.TargetRadius(radii=checks.LAW.sigma, max_n=most)
    at, enough, too_few = stopping.verdicts(asked, plan)
    at_most = stats.binom.cdf(np.arange(-1, m + 1), m, p)
    chance = 0.0
    for look, ended in stopping.stops(p, at, stopping.between(at, enough, too_few)):
        for k in np.flatnonzero(ended > 1e-7):
            row = compared(k, look, 0, m, p_lower=stopping.judged(asked, plan, k, look).p_lower)
            alarming = bisect_left(
                range(m + 1), True, key=lambda x, row=row: p_value(replace(row, fresh=x)) > level
            )
            chance += float(ended[k] * at_most[alarming])
    return chance
