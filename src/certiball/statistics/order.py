"""Order statistics as bounds on a percentile, exact for every law of the values.

Of n independent values the q-th smallest lies above a p-quantile only if fewer than q of them are
at most that quantile, and each is with probability ≥ p: so with probability at most
P(Bin(n, p) ≤ q − 1). It lies below one only if q or more are smaller, and each is with probability
≤ p: at most P(Bin(n, p) ≥ q). A p-quantile is any number with P(Y < it) ≤ p ≤ P(Y ≤ it); ties
and atoms only help.
"""

from scipy import special

from certiball.errors import InputError
from certiball.statistics.binomial import LARGEST, check_alpha, tail_error


def lower_index(n: int, probability: float, alpha: float) -> int:
    """The largest q whose q-th smallest of n values is above a p-quantile at most α often.

    Args:
        n: how many values.
        probability: p, or less: rounded down where it is not exact.
        alpha: the level.

    Returns:
        The index, from 1 to n; 0 where even the smallest value is above too often.

    Raises:
        InputError: unless 1 ≤ n ≤ 10⁹, 0 ≤ p ≤ 1 and 10⁻¹⁵ ≤ α < 1.

    Example:
        >>> lower_index(100, 0.5, 0.001), lower_index(9, 0.5, 0.001)
        (35, 0)
    """
    _check(n, probability, alpha)
    sure, open_ = 0, n + 1
    while open_ - sure > 1:
        q = (sure + open_) // 2
        tail = float(special.betaincc(float(q), float(n - q + 1), probability))
        if probability > 0 and tail <= alpha * (1 - tail_error(q, n, alpha)):
            sure = q
        else:
            open_ = q
    return sure


def upper_index(n: int, probability: float, alpha: float) -> int:
    """The smallest q whose q-th smallest of n values is below a p-quantile at most α often.

    Args:
        n: how many values.
        probability: p, or more: rounded up where it is not exact.
        alpha: the level.

    Returns:
        The index, from 1 to n; n + 1 where even the largest value is below too often.

    Raises:
        InputError: as `lower_index`.

    Example:
        >>> upper_index(100, 0.5, 0.001), upper_index(9, 0.5, 0.001)
        (66, 10)
    """
    _check(n, probability, alpha)
    too_small, open_ = 0, n + 1
    while open_ - too_small > 1:
        q = (too_small + open_) // 2
        tail = float(special.betainc(float(q), float(n - q + 1), probability))
        if probability < 1 and tail <= alpha * (1 - tail_error(q, n, alpha)):
            open_ = q
        else:
            too_small = q
    return open_


def _check(n: int, probability: float, alpha: float) -> None:
    if not 1 <= n <= LARGEST:
        raise InputError(f"the number of values must be from 1 to {LARGEST}, not {n}")
    if not 0 <= probability <= 1:
        raise InputError(f"a percentile must be from 0 to 1, not {probability}")
    check_alpha(alpha)
