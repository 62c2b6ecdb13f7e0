"""Exact bounds on a probability from a fixed number of votes, and the test behind `predict`.

One-sided Clopper–Pearson (Biometrika 1934): with k of n votes, the lower bound is the p at which
k or more votes would have probability α. Every bound is checked where it is returned: the tail
is evaluated at that very float and found ≤ α with room for the tail's own error.
"""

import math
from functools import lru_cache

from scipy import special

from certiball.errors import InputError
from certiball.statistics.rounding import down, up
from certiball.votes import Design, Votes

LARGEST = 10**9  # votes; beyond it the error of the tails has not been examined
SMALLEST = 1e-15  # level α; likewise
KEPT = 2**16  # bounds; the inputs of a table have many counts in common


@lru_cache(maxsize=KEPT)
def lower_bound(successes: int, trials: int, alpha: float) -> float:
    """Lower bound on p from k successes in n independent trials, at level α.

    Returns:
        The bound, rounded down: P(bound > p) ≤ α whatever p.

    Raises:
        InputError: unless 0 ≤ k ≤ n, 1 ≤ n ≤ 10⁹ and 0 < α < 1.

    Example:
        >>> round(lower_bound(990, 1000, 0.001), 6)
        0.976036
    """
    _check(successes, trials, alpha)
    if successes == 0:
        return 0.0
    if successes == trials:
        exponent = math.log(alpha) / trials
        return down(math.exp(exponent), relative=2.0**-50 * (2 - exponent))
    a, b = float(successes), float(trials - successes + 1)
    bound = float(special.betaincinv(a, b, alpha))
    limit = alpha * (1 - tail_error(successes, trials, alpha))
    step = 2.0**-52
    while not float(special.betainc(a, b, bound)) <= limit:
        if not bound > 0:
            return 0.0
        bound = down(bound, relative=step)
        step *= 2
    return bound


@lru_cache(maxsize=KEPT)
def upper_bound(successes: int, trials: int, alpha: float) -> float:
    """Upper bound on p from k successes in n independent trials, at level α.

    Returns:
        The bound, rounded up: P(bound < p) ≤ α whatever p.

    Raises:
        InputError: unless 0 ≤ k ≤ n, 1 ≤ n ≤ 10⁹ and 0 < α < 1.

    Example:
        >>> round(upper_bound(10, 1000, 0.001), 6)
        0.023964
    """
    _check(successes, trials, alpha)
    if successes == trials:
        return 1.0
    if successes == 0:
        exponent = math.log(alpha) / trials
        return min(1.0, up(-math.expm1(exponent), relative=2.0**-50 * (2 - exponent)))
    a, b = float(successes + 1), float(trials - successes)
    bound = float(special.betainccinv(a, b, alpha))
    limit = alpha * (1 - tail_error(successes, trials, alpha))
    step = 2.0**-52
    while not float(special.betaincc(a, b, bound)) <= limit:
        bound = up(bound, relative=step)
        if not bound < 1:
            return 1.0
        step *= 2
    return bound


def class_lower_bound(votes: Votes, label: int, alpha: float) -> float:
    """Lower bound on the probability of one class, fixed independently of these votes.

    Raises:
        InputError: if the votes stopped by a rule; Clopper–Pearson is not valid for those.
    """
    _refuse_stopped(votes)
    return lower_bound(votes.counts[label], votes.total, alpha)


def others_upper_bound(votes: Votes, label: int, alpha: float) -> float:
    """Upper bound on the probability of the likeliest class besides `label`, at level α.

    No union over classes is needed: that class B is fixed, and the bound is monotone, so the
    bound of the largest count is at least the bound of B's count (arXiv 2406.17830, App. B).

    Raises:
        InputError: if the votes stopped by a rule.
    """
    _refuse_stopped(votes)
    rest = max(count for other, count in enumerate(votes.counts) if other != label)
    return upper_bound(rest, votes.total, alpha)


def top_two_p_value(first: int, second: int) -> float:
    """Two-sided p-value of "the two top classes are equally likely", rounded up.

    The winner of n votes is the likeliest class except with probability ≤ the p-value
    (Hung & Fithian, arXiv 1610.03944).

    Example:
        >>> round(top_two_p_value(10, 0), 5)
        0.00195
    """
    if not first >= second >= 0:
        raise InputError(f"the top two counts must be ordered and ≥ 0, not {first} and {second}")
    if first == second:
        return 1.0
    tail = float(special.betainc(float(first), float(second + 1), 0.5))
    return min(1.0, up(2 * tail, relative=tail_error(first, first + second, 0.5)))


def tail_error(successes: int, trials: int, level: float) -> float:
    """A bound on the relative error of scipy's incomplete beta function for these counts.

    It grows with the standard deviation of the count. Where p is small, 1 − p is rounded on the
    way, and what n makes of that is felt most in tails that reach the middle of the law. Tests
    compare it with ball arithmetic.

    Args:
        successes: k.
        trials: n.
        level: about how large the tail is.
    """
    deviation = math.sqrt(successes * (trials - successes) / trials)
    error = 2.0**-46 * (1 + deviation) + 2.0**-64 * trials
    return error if level < 0.25 else error + 2.0**-50 * trials / (1 + deviation)


def _check(successes: int, trials: int, alpha: float) -> None:
    if not 1 <= trials <= LARGEST:
        raise InputError(f"the number of votes must be from 1 to {LARGEST}, not {trials}")
    if not 0 <= successes <= trials:
        raise InputError(f"successes must be from 0 to {trials}, not {successes}")
    check_alpha(alpha)


def check_alpha(alpha: float) -> None:
    """Refuse a level that is none, or so small that the tails' errors are not examined there.

    Raises:
        InputError: unless 10⁻¹⁵ ≤ α < 1.
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha must lie between 0 and 1, not {alpha}; .001 is usual")
    if alpha < SMALLEST:
        raise InputError(
            f"alpha must be at least {SMALLEST}, not {alpha}: bounds are not examined below"
        )


def _refuse_stopped(votes: Votes) -> None:
    if votes.design is not Design.FIXED:
        raise InputError(
            "these votes stopped by a rule, and Clopper–Pearson holds only for a number fixed "
            "beforehand: use the bound of the plan that stopped them"
        )
