"""What the error rate α of each certificate means for a whole table.

N is how many inputs were *tried*: abstentions and failures stay in it, or the numbers lie. α is 0
for certificates that rest on all views: none is false, and only a population leaves doubt. Each
number has a neighbour that it must not be taken for: this table or the population that it came
from, one radius or all, how many are false or whether any is.
"""

import math
from decimal import Decimal
from fractions import Fraction

from scipy import special

from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound
from certiball.statistics.rounding import fraction_down, fraction_up, up

GAMMA = 0.001  # how often a statement about a table may be false, by default


def false_certificates(alpha: float, tried: int) -> Decimal:
    """Bound on the expected number of false certificates, over all radii together: αN, exact.

    Example:
        >>> false_certificates(0.001, 700)
        Decimal('0.700')
    """
    _check(0, tried, alpha, exact=True)
    # 17 digits of α and up to 11 of N fit in a Decimal's 28.
    return Decimal(repr(float(alpha))) * tried


def any_false(alpha: float, tried: int) -> float:
    """Bound on the probability that at least one certificate is false: 1 − (1 − α)^N, up.

    It needs noise that is independent between inputs; min(1, αN) holds without.
    """
    _check(0, tried, alpha, exact=True)
    return alpha and min(1.0, up(-math.expm1(tried * math.log1p(-alpha))))


def robust_in_table(certified: int, tried: int, alpha: float, gamma: float = GAMMA) -> int:
    """How many of these inputs are truly robust at a radius: at least K − q.

    q is the (1 − γ) quantile of Binomial(N, α). It holds for every radius at once, because each
    input's bound fails or does not, whatever the radius. Needs independent noise.

    Args:
        certified: K, inputs certified with the right class at the radius.
        tried: N.
        alpha: error rate of each certificate.
        gamma: how often this statement may be false.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 ≤ α < 1 and 0 < γ < 1.

    Example:
        >>> robust_in_table(300, 500, 0.001)
        296
    """
    _check(certified, tried, alpha, exact=True)
    _check(certified, tried, gamma)
    # 1e-12 is far more than the tail's own error, so a near tie goes to the larger quantile.
    quantile = 0
    while special.bdtrc(quantile, tried, alpha) > gamma * (1 - 1e-12):
        quantile += 1
    return max(0, certified - quantile)


def robust_in_table_at(certified: int, tried: int, alpha: float, gamma: float = GAMMA) -> int:
    """How many of these inputs are truly robust at one radius fixed beforehand: the least T.

    It is the smallest T with P(T + Bin(N − T, α) ≥ K) > γ: only inputs that are not robust can be
    certified falsely. That is sharper than `robust_in_table`, but for one radius alone: at a
    radius that was chosen by the results, or at several, use that. Needs independent noise.

    Args:
        certified: K, inputs certified with the right class at the radius.
        tried: N.
        alpha: error rate of each certificate.
        gamma: how often this statement may be false.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 ≤ α < 1 and 0 < γ < 1.

    Example:
        >>> robust_in_table(47_500, 50_000, 0.001), robust_in_table_at(47_500, 50_000, 0.001)
        (47427, 47491)
    """
    _check(certified, tried, alpha, exact=True)
    _check(certified, tried, gamma)
    impossible, possible = -1, certified
    while possible - impossible > 1:
        middle = (possible + impossible) // 2
        falsely, others = certified - middle, tried - middle
        chance = float(special.betainc(falsely, others - falsely + 1, alpha))
        # As above, a near tie goes to the smaller T.
        if chance > gamma * (1 - 1e-12):
            possible = middle
        else:
            impossible = middle
    return possible


def robust_in_population(certified: int, tried: int, alpha: float, gamma: float = GAMMA) -> float:
    """Lower bound on the share of truly robust inputs where these came from: (π̲ − α)/(1 − α).

    π̲ is the Clopper–Pearson lower bound of K of N at level γ. For inputs drawn independently
    from a population, noise independent between them, and one radius fixed beforehand; for m
    radii give γ/m.

    Args:
        certified: K, inputs certified with the right class at the radius.
        tried: N.
        alpha: error rate of each certificate.
        gamma: how often this statement may be false.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 ≤ α < 1 and 0 < γ < 1.

    Example:
        >>> round(robust_in_population(300, 500, 0.001), 4)
        0.5298
    """
    _check(certified, tried, alpha, exact=True)
    bound, error = Fraction(lower_bound(certified, tried, gamma)), Fraction(repr(float(alpha)))
    return max(0.0, fraction_down((bound - error) / (1 - error)))


def robust_curve_in_population(
    certified: int, tried: int, alpha: float, gamma: float = GAMMA
) -> float:
    """As `robust_in_population`, but at all radii at once: with π̲ = K/N − √(ln(1/γ)/2N).

    That is the one-sided inequality of Dvoretzky, Kiefer and Wolfowitz (Massart, Annals of
    Probability 1990): the shares of inputs certified at every radius are together that near to
    those of the population. It needs no radii fixed beforehand, and so suits a curve that is
    looked at first. For a table of a few radii that were fixed, Bonferroni is better where K is
    near 0 or N: `robust_in_population` at γ/m each. Which of them is used is not to be chosen by
    their values.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 ≤ α < 1 and 0 < γ ≤ ½.

    Example:
        >>> round(robust_curve_in_population(300, 500, 0.001), 4)
        0.5164
    """
    _check(certified, tried, alpha, exact=True)
    bound = Fraction(certified, tried) - _deviation(tried, gamma)
    error = Fraction(repr(float(alpha)))
    return max(0.0, fraction_down((bound - error) / (1 - error)))


def below_curve(tried: int, alpha: float, gamma: float = GAMMA) -> float:
    """How far the robust share of a population may lie below the certified share of a sample.

    At all radii at once: `robust_curve_in_population`, unrounded, is at least K/N less this, which
    is √(ln(1/γ)/2N) + α, for (s − α)/(1 − α) ≥ s − α wherever s ≥ α. Rounded up, and at most 1.

    Args:
        tried: N.
        alpha: error rate of each certificate.
        gamma: how often this statement may be false.

    Raises:
        InputError: unless N ≥ 1, 0 ≤ α < 1 and 0 < γ ≤ ½.

    Example:
        >>> round(below_curve(500, 0.001), 4)
        0.0841
    """
    _check(0, tried, alpha, exact=True)
    return min(1.0, fraction_up(_deviation(tried, gamma) + Fraction(repr(float(alpha)))))


def shared_level(alpha: float, tried: int) -> float:
    """The level of each of N statements that are false at all, any of them, at most α often: α/N.

    By Bonferroni's inequality, whatever the dependence. Rounded down.

    Example:
        >>> shared_level(0.001, 500)
        2e-06
    """
    _check(0, tried, alpha)
    return fraction_down(Fraction(alpha) / tried)


def _deviation(tried: int, gamma: float) -> Fraction:
    """√(ln(1/γ)/2N), rounded up."""
    _check(0, tried, gamma)
    if gamma > 0.5:
        raise InputError(f"gamma must be at most ½ for all radii at once, not {gamma}")
    return Fraction(up(math.sqrt(-math.log(gamma) / (2 * tried))))


def _check(certified: int, tried: int, rate: float, *, exact: bool = False) -> None:
    """Refuse counts and rates that are none; 0 is one for certificates that are exact."""
    if not 0 <= certified <= tried or tried < 1:
        raise InputError(f"certified inputs must be from 0 to {tried} tried, not {certified}")
    if not 0 < rate < 1 and not (exact and rate == 0):
        raise InputError(f"an error rate must lie between 0 and 1, not {rate}; .001 is usual")
