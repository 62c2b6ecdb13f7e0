"""Gaussian noise certifies balls of the L2 norm (arXiv 1902.02918, Theorem 1).

    one-sided   R = σ Φ⁻¹(p̲)                        if p̲ > ½
    two-class   R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄))         if p̲ > p̄

The smoothed answer is constant for ‖δ‖₂ < R, strictly. It is tight: no larger ball follows from
these bounds (same article, Theorem 2).

Noise on a grid is sampled from a law that differs from the one meant by at most τ in total
variation. The proof passes through the law that is meant, so τ is paid twice: bounds on the
sampled probabilities become bounds on the ideal ones, and at the perturbed input the ideal
probabilities become sampled ones again. A radius thus holds for the ideal smoothed classifier
and for the one that is run.
"""

import math
from fractions import Fraction

from certiball.laws.gaussian import Gaussian
from certiball.statistics.normal import density_down, quantile_down, quantile_up
from certiball.statistics.rounding import down, fraction_down, fraction_up, up
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-52  # of the few float64 operations below, each


def radius(
    law: Gaussian, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L2 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(Gaussian(sigma=0.5), Bounds(p_lower=0.99)), 6)
        1.163174
    """
    if bounds.p_upper is None:
        return _one_sided(law.sigma, bounds.p_lower, slack)
    return _two_class(law.sigma, bounds.p_lower, bounds.p_upper, slack)


def _one_sided(sigma: float, p_lower: float, slack: Fraction) -> float:
    ideal = fraction_down(Fraction(p_lower) - slack)
    needed = fraction_up(Fraction(1, 2) + slack)  # the sampled winner needs this ideal probability
    margin = quantile_down(ideal) - quantile_up(needed)
    return _scaled(sigma, margin)


def _two_class(sigma: float, p_lower: float, p_upper: float, slack: Fraction) -> float:
    # p_B ≤ 1 − p_A: never looser than the one-sided rule at the same bound on p_A.
    other = min(Fraction(p_upper), 1 - Fraction(p_lower)) + slack
    low = quantile_down(fraction_down(Fraction(p_lower) - slack))
    high = quantile_up(fraction_up(other))
    if not low > high or math.isinf(high):
        return 0.0
    margin = (low - high) / 2
    # Sampled p_A > p_B needs an ideal difference of 2τ. At distance σ(margin − c) it is at least
    # 2c times the least density between the two quantiles, so c = τ/density suffices.
    loss = up(fraction_up(slack) / density_down(max(abs(low), abs(high))))
    return _scaled(sigma, margin - loss)


def _scaled(sigma: float, margin: float) -> float:
    if not margin > 0:
        return 0.0
    return max(0.0, down(sigma * margin, relative=4 * ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1902.02918, Theorem 1",
    one_sided="R = σ Φ⁻¹(p̲) if p̲ > 1/2",
    two_class="R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄)) if p̲ > p̄",
)
