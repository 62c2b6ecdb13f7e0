"""Noise of density ∝ exp(−‖x‖∞/λ) certifies balls of the L1 norm (arXiv 2002.08118).

    one-sided   R = 2λd (p̲ − ½)      if p̲ > ½
    two-class   R = λd (p̲ − p̄)       if p̲ > p̄

Move the noise along the i-th axis: the logarithm of its density changes at the rate ±1/λ where
the i-th coordinate is the largest in absolute value, which has probability 1/d, and nowhere else.
So total variation grows at 1/(2λd) along any axis, and along δ at most with ‖δ‖₁/(2λd).

It is rigorous in every dimension. For p̲ > 1 − 1/(2d) a little more would follow, for no set grows
by more than its own probability; with few dimensions Laplace noise is the better choice there.
"""

from fractions import Fraction

from certiball.laws.max_exponential import MaxExponential
from certiball.statistics.rounding import fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin
from certiball.theorems.theorem import Theorem


def radius(
    law: MaxExponential, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d, numbers per input.

    Example:
        >>> radius(MaxExponential(scale=0.5), Bounds(p_lower=0.75), dimension=8)
        2.0
    """
    growth = 2 * Fraction(law.scale) * dimension
    return fraction_down(max(Fraction(0), growth * margin(bounds, slack)))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = 2λd (p̲ − 1/2) if p̲ > 1/2",
    two_class="R = λd (p̲ − p̄) if p̲ > p̄",
)
