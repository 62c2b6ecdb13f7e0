"""Randomized Clopper–Pearson bounds: a random number of the input's own splits the discrete tail.

The lower bound is inf{p : P(B > k) + W P(B = k) > α} for B of the law Bin(n, p) (arXiv
2406.17830, Definition 2.3); with W uniform it errs exactly at rate α. W costs nothing to compute,
so a seed could be shopped for by it, without one forward pass: at n = 1,000 and p = .9999 the
best of 1,000 seeds would err at rate .6 instead of .001. Therefore W = max(½, U): the bound is
then at most that of Clopper–Pearson at 2α, and even the best seed errs at most 2α.

These bounds hold where the seed was fixed before anyone computed W, for a number of votes fixed
beforehand. At n = 10⁴ they gain .0002 σ of radius at p = .9 and .006 σ at .999.
"""

from collections.abc import Callable
from fractions import Fraction

from scipy import special

from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound, tail_error, upper_bound
from certiball.statistics.rounding import fraction_up

WORDS = 2**64
LEAST = 0.5  # of W


def randomized_lower_bound(successes: int, trials: int, alpha: float, *, word: int) -> float:
    """Lower bound on p at level α from k successes in n trials and 64 random bits.

    Returns:
        The bound, rounded down. Whatever p, P(bound > p) ≤ α over votes and word, and ≤ 2α over
        votes for the best word. It is never below `lower_bound` at α, and equal for the worst.

    Raises:
        InputError: unless 0 ≤ k ≤ n, 1 ≤ n ≤ 10⁹, 10⁻¹⁵ ≤ α < ½ and 0 ≤ word < 2⁶⁴.

    Example:
        >>> round(randomized_lower_bound(990, 1000, 0.001, word=0), 6)
        0.976619
    """
    share = _share(word, alpha)
    classical = lower_bound(successes, trials, alpha)
    if successes == 0 or share == 1:
        return classical
    k, n = float(successes), float(trials)

    def tail(p: float) -> float:
        more = float(special.betainc(k + 1, n - k, p)) if successes < trials else 0.0
        return share * float(special.betainc(k, n - k + 1, p)) + (1 - share) * more

    return _furthest(tail, _limit(successes, trials, alpha), classical, 1.0)


def randomized_upper_bound(successes: int, trials: int, alpha: float, *, word: int) -> float:
    """Upper bound on p at level α from k successes in n trials and 64 random bits.

    Example:
        >>> round(randomized_upper_bound(10, 1000, 0.001, word=0), 6)
        0.023381
    """
    share = _share(word, alpha)
    classical = upper_bound(successes, trials, alpha)
    if successes == trials or share == 1:
        return classical
    k, n = float(successes), float(trials)

    def tail(p: float) -> float:
        fewer = float(special.betaincc(k, n - k + 1, p)) if successes > 0 else 0.0
        return share * float(special.betaincc(k + 1, n - k, p)) + (1 - share) * fewer

    return _furthest(tail, _limit(successes, trials, alpha), classical, 0.0)


def _share(word: int, alpha: float) -> float:
    """W, rounded up: the larger it is, the weaker the bound."""
    if not 0 <= word < WORDS:
        raise InputError(f"a random word must be from 0 to 2⁶⁴ − 1, not {word}")
    if not alpha < LEAST:
        raise InputError(f"alpha of a randomized bound must be below {LEAST}, not {alpha}")
    return max(LEAST, fraction_up(Fraction(word + 1, WORDS)))


def _limit(successes: int, trials: int, alpha: float) -> float:
    """What the computed tail must not exceed, for the exact one to be at most α."""
    counts = (max(0, successes - 1), successes, min(trials, successes + 1))
    return alpha * (1 - 2 * max(tail_error(count, trials, alpha / LEAST) for count in counts))


def _furthest(tail: Callable[[float], float], limit: float, inside: float, outside: float) -> float:
    """The last float, from inside towards outside, at which the tail is within the limit."""
    while True:
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            return inside
        if tail(middle) <= limit:
            inside = middle
        else:
            outside = middle
