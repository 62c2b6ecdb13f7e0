"""Bounds on a probability that hold whenever one stops looking: one-sided mixture martingales.

For q let M^q be the likelihood ratio of the votes under a Beta(½, ½) prior truncated to (q, 1]
against q. Under every p ≤ q it is a nonnegative supermartingale that begins at 1, so it ever
reaches 1/α with probability at most α (Ville). Hence inf{q : M^q < 1/α} lies above p with
probability at most α, at any stopping time whatever the rule: only the process of the true p
matters, so neither several looks nor several radii cost anything.

M^q falls in q wherever it exceeds 1, so that infimum is its only crossing of 1/α. With
q = cos² t the prior is uniform in t and the log likelihood φ concave. Let t run down from t_q.
There log M^q has slope h (1 − 1/M) − φ′, h = 1/t_q being the prior's hazard, which grows. If
φ′ ≥ h the slope is negative. If 0 < φ′ < h, then M is below the mean of e^{φ′X} for X of the
constant hazard h, which is h/(h − φ′), and the slope is negative again. If φ′ ≤ 0, M ≤ 1.
"""

import math

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.shapes import Array
from certiball.statistics.binomial import check_alpha
from certiball.statistics.rounding import up

LARGEST = 10**9  # votes; the error of the logarithms is examined up to here
CLOSE = 1e-9  # of log M; how near to its threshold the search stops
UNDERFLOW = 1e-290  # probabilities below have lost digits
MARGIN = 1e-8  # of log M; a hundred times its largest error in float64 where M is near 1/α


def log_mixture(successes: Array, trials: Array, q: Array) -> Array:
    """Log M^q for k of n votes, elementwise, with n ≥ 1 and 0 < q < 1.

    Off by far less than `MARGIN` wherever it is from 0 to 100. It is −∞ where the posterior has no
    tail above q that a float could hold: M^q is then below 1, and no bound looks there.

    Example:
        >>> log_mixture(np.array([90, 100]), np.array([100, 100]), np.array([0.5, 0.5])).round(3)
        array([34.966, 67.132])
    """
    return np.asarray(_constant(successes, trials) + _varying(successes, trials, q))


def mixture_lower_bound(successes: int, trials: int, alpha: float) -> float:
    """Lower bound on p from k successes in n trials that may have stopped by any rule.

    Returns:
        The bound, rounded down: P(bound > p at any time) ≤ α whatever p.

    Raises:
        InputError: unless 0 ≤ k ≤ n, 1 ≤ n ≤ 10⁹ and 10⁻¹⁵ ≤ α < 1.

    Example:
        >>> round(mixture_lower_bound(990, 1000, 0.001), 6)
        0.971248
    """
    check_alpha(alpha)
    if not 1 <= trials <= LARGEST:
        raise InputError(f"the number of votes must be from 1 to {LARGEST}, not {trials}")
    if not 0 <= successes <= trials:
        raise InputError(f"successes must be from 0 to {trials}, not {successes}")
    if successes == 0:
        return 0.0
    needed = math.log(1 / alpha) + MARGIN
    excess = float(_constant(successes, trials)) - needed
    bound = _crossing(successes, trials, excess, needed)
    step = 2.0**-53
    while not excess + float(_varying(successes, trials, bound)) >= 0:
        bound -= min(bound, 1 - bound) * step
        step *= 2
        if not bound > 0:
            return 0.0
    return bound


def mixture_upper_bound(successes: int, trials: int, alpha: float) -> float:
    """Upper bound on p: one less the lower bound on 1 − p, rounded up.

    Example:
        >>> round(mixture_upper_bound(10, 1000, 0.001), 6)
        0.028752
    """
    lower = mixture_lower_bound(trials - successes, trials, alpha)
    return min(1.0, math.nextafter(1 - lower, math.inf))


def acceptance_thresholds(p0: float, trials: Array, alpha: float) -> Array:
    """For each number of votes n, the fewest successes whose lower bound exceeds p0.

    Returns:
        Whole numbers, as many as `trials`; n + 1 where even unanimous votes do not suffice.

    Raises:
        InputError: unless 0 < p0 < 1 and n and α suit `mixture_lower_bound`.

    Example:
        >>> acceptance_thresholds(0.5, np.array([11, 12, 100]), 0.001)
        array([12, 12, 71])
    """
    found = _fewest(p0, trials, alpha)
    for place, (k, n) in enumerate(zip(found.tolist(), trials.tolist(), strict=True)):
        while k <= n and not mixture_lower_bound(k, n, alpha) > p0:
            k += 1
        while k > 0 and mixture_lower_bound(k - 1, n, alpha) > p0:
            k -= 1
        found[place] = k
    return found


def futility_thresholds(p0: float, trials: Array, beta: float) -> Array:
    """For each number of votes n, the most successes whose upper bound is at most p0.

    Returns:
        Whole numbers, as many as `trials`; −1 where even no success at all does not suffice.

    Raises:
        InputError: unless 0 < p0 < 1 and n and β suit `mixture_upper_bound`.

    Example:
        >>> futility_thresholds(0.5, np.array([11, 12, 100]), 0.001)
        array([-1,  0, 29])
    """
    found = trials - _fewest(1 - p0, trials, beta)
    for place, (k, n) in enumerate(zip(found.tolist(), trials.tolist(), strict=True)):
        while k >= 0 and not mixture_upper_bound(k, n, beta) <= p0:
            k -= 1
        while k < n and mixture_upper_bound(k + 1, n, beta) <= p0:
            k += 1
        found[place] = k
    return found


def decided_p_value(first: int, second: int, rivals: int) -> float:
    """The p-value of "the winner is the likeliest class" that holds whenever one stops.

    Each rival that might be likelier than a class gets the mixture of the coin that the two of
    them are, at one half; the union is over the rivals, and the runner-up's coin shows least.

    Args:
        first: votes of the winner.
        second: votes of the runner-up.
        rivals: classes besides the winner.

    Returns:
        min(1, rivals/M^½), rounded up.

    Example:
        >>> decided_p_value(20, 0, rivals=9) < 3.5e-5
        True
    """
    if not first >= second >= 0 or first + second > LARGEST:
        raise InputError(
            f"the top two counts must be ordered, ≥ 0 and at most {LARGEST}, not {first}, {second}"
        )
    if rivals < 1:
        raise InputError(f"a class has at least 1 rival, not {rivals}")
    if first == second:
        return 1.0
    total = first + second
    log = float(_constant(first, total)) + float(_varying(first, total, 0.5))
    return min(1.0, up(rivals * math.exp(min(0.0, MARGIN - log))))


def _crossing(k: int, n: int, excess: float, needed: float) -> float:
    """About where the excess plus the varying part is 0, on the positive side.

    Newton's method in log odds, between the nearest points known to lie on either side. Where it
    does not settle the caller finds out, for it checks.
    """
    q, low, high = _start(k, n, excess), 0.0, k / n
    for _ in range(60):
        value = excess + float(_varying(k, n, q)) - CLOSE
        if abs(value) < CLOSE:
            break
        low, high = (q, high) if value > 0 else (low, q)
        hazard = math.sqrt(q * (1 - q)) / (2 * math.asin(math.sqrt(1 - q)))
        slope = hazard * -math.expm1(-max(0.0, value + needed)) - (k - n * q)
        change = -value / slope if slope < 0 else -math.inf
        odds = q / (1 - q) * math.exp(min(change, 50.0))
        new = odds / (1 + odds)
        if not low < new < high:
            new = (low + high) / 2
        if new in (q, low, high):
            break
        q = new
    return q


def _start(k: int, n: int, excess: float) -> float:
    """Where the normal approximation in t, of variance 1/4n, has the crossing."""
    t = share = math.acos(math.sqrt(k / n))
    for _ in range(2):
        depth = math.log(max(t, 1 / math.sqrt(n))) - excess
        t = share + math.sqrt(max(depth, 0.5) / (2 * n))
    q = math.cos(t) ** 2 if t < math.pi / 2 else 0.0
    return min(max(q, 1e-3 * k / n), math.nextafter(k / n, 0))


def _fewest(p0: float, trials: Array, alpha: float) -> Array:
    """Fewest successes with M^{p0} ≥ 1/α, by bisection: M^{p0} grows with every success."""
    check_alpha(alpha)
    if not 0 < p0 < 1:
        raise InputError(f"p0 must lie between 0 and 1, not {p0}")
    if not (trials.ndim == 1 and len(trials) and trials.min() >= 1 and trials.max() <= LARGEST):
        raise InputError(f"numbers of votes must be a list of numbers from 1 to {LARGEST}")
    trials = trials.astype(np.int64)
    few, enough = np.full_like(trials, -1), trials + 1
    while np.any(enough - few > 1):
        middle = np.clip((few + enough) // 2, 0, trials)
        reached = log_mixture(middle, trials, np.array(p0)) >= math.log(1 / alpha) + MARGIN
        open_ = enough - few > 1
        enough = np.where(open_ & reached, middle, enough)
        few = np.where(open_ & ~reached, middle, few)
    return enough


# log M^q = log B(k+½, n−k+½) − k log q − (n−k) log(1−q) + log tail of the posterior and prior.
# The first three are of the size of n and their sum is small. So the Stirling terms are cancelled
# by hand: what remains is n times the Kullback–Leibler divergence from k/n to q, and `_constant`.


def _constant(successes: Array | int, trials: Array | int) -> Array:
    """What does not depend on q."""
    n = np.asarray(trials, dtype=np.float64)
    k = np.asarray(successes, dtype=np.float64)
    whole = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / n**2) / n**2) / n**2) / n
    exact = special.gammaln(n + 1) - special.xlogy(n, n) + n - np.log(2 * math.pi * n) / 2
    whole = np.where(n < 32, exact, whole)
    return np.asarray(_half(k) + _half(np.asarray(n - k)) - whole + np.log(math.pi / 2 / n) / 2)


def _half(k: Array) -> Array:
    """Log Γ(k+½) − k log k + k − log √(2π)."""
    large = np.maximum(k, 32)
    series = 1 / 24 - (7 / 2880 - (31 / 40320 - 127 / 430080 / large**2) / large**2) / large**2
    small = np.minimum(k, 32)
    exact = special.gammaln(small + 0.5) - special.xlogy(small, small) + small
    return np.where(k < 32, exact - math.log(2 * math.pi) / 2, -series / large)


def _varying(successes: Array | int, trials: Array | int, q: Array | float) -> Array:
    """What depends on q: divergence, the posterior's tail, and the prior's, π/2 times."""
    misses, r = trials - successes, 1 - q
    # k − nq from the side where it is exact: an error in it cancels between the two terms.
    above = np.where(r < 0.5, trials * r - misses, successes - trials * q)
    divergence = special.xlog1py(successes, above / (trials * q))
    divergence = divergence + special.xlog1py(misses, -above / (trials * r))
    tail = special.betaincc(successes + 0.5, misses + 0.5, q)
    tail = np.where(tail > UNDERFLOW, np.log(np.maximum(tail, UNDERFLOW)), -math.inf)
    t = np.where(r < 0.5, np.arcsin(np.sqrt(r)), np.arccos(np.sqrt(q)))
    return np.asarray(divergence + tail - np.log(t))
