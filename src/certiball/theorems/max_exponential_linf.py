"""Noise of density ∝ exp(−‖x‖∞/λ) certifies balls of the L∞ norm (arXiv 2002.08118).

    one-sided   R = −λ ln(2(1 − p̲))                         if p̲ > ½
    two-class   R = λ max{½ ln(p̲/p̄), −ln(1 − p̲ + p̄)}       if p̲ > p̄

By the triangle inequality densities differ by a factor exp(‖δ‖∞/λ) at most. One-sided it is tight
in every dimension. The dimension does not enter, but λ does: the standard deviation of one
coordinate is about λd/√3, so at equal noise the radius falls with 1/d, faster than the 1/√d of
Gaussian noise.
"""

from fractions import Fraction

from certiball.laws.max_exponential import MaxExponential
from certiball.statistics.rounding import down
from certiball.theorems.bounded_ratio import ratio_allowed
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: MaxExponential, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L∞ radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(MaxExponential(scale=1.0), Bounds(p_lower=0.99)), 6)
        3.912023
    """
    return max(0.0, down(law.scale * ratio_allowed(bounds, slack), relative=2.0**-52))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the bounded ratio of densities",
    one_sided="R = −λ ln(2(1 − p̲)) if p̲ > 1/2",
    two_class="R = λ max{(1/2) ln(p̲/p̄), −ln(1 − p̲ + p̄)} if p̲ > p̄",
)
