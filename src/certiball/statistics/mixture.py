"""Bounds on a probability that hold whenever one stops looking: one-sided mixture martingales.

For q let M^q be the likelihood ratio of votes under a Beta(½, ½) prior truncated to (q, 1]
against q. Under every p ≤ q it is a nonnegative supermartingale that begins at 1, so it reaches
1/α with probability at most α (Ville). Hence inf{q : M^q < 1/α} lies above p with probability at
most α, at any stopping time whatever the rule.
"""

import math

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.shapes import Array
from certiball.statistics.binomial import check_alpha
from certiball.statistics.rounding import down

LARGEST = 10**6  # votes; the error of the logarithms was examined up to here
MARGIN = 1e-8  # of log M: more than its error in float64


def log_mixture(successes: Array, trials: Array, q: Array) -> Array:
    """Log M^q for k of n votes, elementwise; 0 < q < 1."""
    a, b = successes + 0.5, trials - successes + 0.5
    tail = np.log(special.betaincc(a, b, q)) - np.log(special.betaincc(0.5, 0.5, q))
    ratio = special.betaln(a, b) - special.betaln(0.5, 0.5)
    heads, tails = special.xlogy(successes, q), special.xlog1py(trials - successes, -q)
    log: Array = ratio + tail - heads - tails
    return log


def mixture_lower_bound(successes: int, trials: int, alpha: float) -> float:
    """Lower bound on p from k successes in n trials that may have stopped by any rule.

    Returns:
        The bound, rounded down: P(bound > p at any time) ≤ α whatever p.

    Raises:
        InputError: unless 0 ≤ k ≤ n, 1 ≤ n ≤ 10⁶ and 0 < α < 1.
    """
    check_alpha(alpha)
    if not (1 <= trials <= LARGEST and 0 <= successes <= trials):
        raise InputError(f"{successes} of {trials} are no votes, or more than {LARGEST}")
    needed = math.log(1 / alpha) + MARGIN
    low, high = 0.0, successes / trials
    for _ in range(100):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if float(log_mixture(np.array(successes), np.array(trials), np.array(middle))) >= needed:
            low = middle
        else:
            high = middle
    return down(low)


def mixture_upper_bound(successes: int, trials: int, alpha: float) -> float:
    """Upper bound on p, by the lower bound on 1 − p, rounded up."""
    return 1 - mixture_lower_bound(trials - successes, trials, alpha)
