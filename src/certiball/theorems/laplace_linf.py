"""Laplace noise certifies balls of the L∞ norm: an exact sum over the levels of a binomial law.

    one-sided   R = λ Σ (1/w) ln[(S + (b − P)w)/(S + (a − P)w)]     if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2                                if p̲ > p̄

over levels w of 2·Bin(d, ½) − d from the highest down, P the mass above one, S the sum of mass
times level there, [a, b] the part of [1 − p̲, ½] in it, and (b − a)/S for w = 0; G is the one-sided
radius, see `theorems.growth` and `theorems.sign_sums`. The radius is about λΦ⁻¹(p̲)/√d, but that
is no certificate: for odd d it is too large near p̲ = ½ (by 13 % for d = 1 and p̲ = .6).
"""

from fractions import Fraction

from certiball.laws.laplace import Laplace
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import distance, scaled
from certiball.theorems.sign_sums import growth
from certiball.theorems.theorem import Theorem


def radius(
    law: Laplace, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L∞ radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d, numbers per input.

    Example:
        >>> round(radius(Laplace(scale=0.5), Bounds(p_lower=0.99), dimension=3072), 6)
        0.020988
    """
    return scaled(law.scale, distance(growth(dimension), bounds, slack))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method, with every level of the sum",
    one_sided="R = λ Σ (1/w) ln[(S + (b − P)w)/(S + (a − P)w)] if p̲ > 1/2, over binomial levels",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄, G(p) = −G(1 − p) the one-sided radius at p",
)
