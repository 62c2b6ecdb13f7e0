"""Many tests at once: which of them reject, any of them falsely at most α often (Holm 1979).

The smallest of N p-values is compared with α/N, the next with α/(N − 1), and so on; at the first
that is larger, it and all after it are kept. It rejects whatever Bonferroni's α/N for each does,
and needs no independence.
"""

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.shapes import Array, Levels
from certiball.statistics.binomial import LARGEST, check_alpha, tail_error
from certiball.statistics.rounding import up


def above_p_values(counts: Levels, n: int, share: float) -> Array:
    """P-values of "the probability is at most the share", float64, one for each count of n votes.

    Args:
        counts: votes for each, of any shape.
        n: a number fixed beforehand.
        share: τ; P(Bin(n, τ) ≥ count) is the p-value, rounded up.

    Raises:
        InputError: unless 1 ≤ n ≤ 10⁹, counts are from 0 to n, and 0 < τ < 1.

    Example:
        >>> above_p_values(np.array([[10, 0]]), 10, 0.5).round(6)
        array([[9.77e-04, 1.00e+00]])
    """
    if not 1 <= n <= LARGEST:
        raise InputError(f"the number of votes must be from 1 to {LARGEST}, not {n}")
    if not 0 < share < 1:
        raise InputError(f"a share must lie between 0 and 1, not {share}")
    if counts.size and not 0 <= counts.min() <= counts.max() <= n:
        raise InputError(f"counts must be from 0 to {n}")
    different, places = np.unique(counts, return_inverse=True)  # many pixels have the same
    values = np.array([_p_value(int(count), n, share) for count in different])
    found: Array = values[places].reshape(counts.shape)
    return found


def rejected(p_values: Array, alpha: float) -> Array:
    """Which hypotheses Holm's procedure rejects at a joint level, as booleans.

    Args:
        p_values: of all of them, of any shape.
        alpha: the chance, at most, that any true one is rejected.

    Raises:
        InputError: unless there are some, and α over their number is from 10⁻¹⁵ to 1.

    Example:
        >>> rejected(np.array([0.03, 0.001, 0.02, 0.5]), 0.05)
        array([False,  True, False, False])
    """
    if p_values.size == 0:
        raise InputError("there is nothing to test: no p-values were given")
    check_alpha(alpha)
    check_alpha(alpha / p_values.size)
    order = np.argsort(p_values, axis=None, kind="stable")
    left = np.arange(p_values.size, 0, -1)
    # One float of α is lost, so that no rounding of a quotient lets a p-value pass.
    levels = np.nextafter(np.nextafter(alpha, 0.0) / left, 0.0)
    passed = p_values.ravel()[order] <= levels
    found = np.zeros(p_values.size, dtype=bool)
    found[order[: passed.size if passed.all() else int(passed.argmin())]] = True
    return found.reshape(p_values.shape)


def fewest_votes(share: float, level: float) -> int:
    """The least n whose unanimous votes have a p-value of at most a level.

    Example:
        >>> fewest_votes(0.75, 0.001 / 784)
        48
    """
    n = 1
    while _p_value(n, n, share) > level:
        n *= 2
    too_few = n // 2
    while n - too_few > 1:
        middle = (n + too_few) // 2
        n, too_few = (middle, too_few) if _p_value(middle, middle, share) <= level else (n, middle)
    return n


def _p_value(count: int, n: int, share: float) -> float:
    if count == 0:
        return 1.0
    tail = float(special.betainc(float(count), float(n - count + 1), share))
    return min(1.0, up(tail, relative=tail_error(count, n, tail)))
