"""Randomized Clopper–Pearson bounds: a random number of the input's own splits the discrete tail.

The lower bound is inf{p : P(B > k) + W P(B = k) > α} (arXiv 2406.17830, Definition 2.3). W costs
nothing to compute, so a seed could be shopped for by its W; therefore W = max(½, U), with which
even the best seed errs at most 2α.
"""

from certiball.statistics.binomial import lower_bound, upper_bound


def randomized_lower_bound(successes: int, trials: int, alpha: float, *, word: int) -> float:
    """Lower bound on p at level α from k successes in n trials and 64 random bits."""
    return lower_bound(successes, trials, alpha)


def randomized_upper_bound(successes: int, trials: int, alpha: float, *, word: int) -> float:
    """Upper bound on p at level α from k successes in n trials and 64 random bits."""
    return upper_bound(successes, trials, alpha)
