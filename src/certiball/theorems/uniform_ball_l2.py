"""Noise uniform in an L2 ball certifies balls of the L2 norm (arXiv 2002.08118).

    R = λ (2 − 4 B⁻¹(½ − m/2)),   m = p̲ − ½ one-sided, m = (p̲ − p̄)/2 two-class

with B the distribution function of Beta((d+1)/2, (d+1)/2). It is rigorous in every dimension, and
tight: two balls of radius λ with centres r apart share 1 − v of their volume, where v is the
share of a ball within r/2 of a plane through its centre, and v is the total variation between the
two laws. So the answer stays while v < m.

The coordinate of a ball that v is about is λT, with T a coordinate of the unit sphere in d + 2
dimensions. The radius is computed as 2λT where |T| is exceeded by a share 1 − m of that sphere,
which is the formula above without its difference of nearly equal numbers.
"""

import math
from fractions import Fraction

from certiball.laws.uniform_ball import UniformBall
from certiball.statistics.rounding import down
from certiball.statistics.sphere import latitude_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-50  # of the few float64 operations below, together


def radius(
    law: UniformBall, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L2 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d, numbers per input.

    Example:
        >>> radius(UniformBall(scale=1.0), Bounds(p_lower=0.75), dimension=1)  # as for Uniform
        0.4999999999999...
        >>> round(radius(UniformBall(scale=8.0), Bounds(p_lower=0.9), dimension=784), 4)
        0.2995
    """
    share = margin(bounds, slack)
    if share <= 0:
        return 0.0
    tangent = latitude_down(dimension + 2, share)
    return max(0.0, down(2 * law.scale * (tangent / math.hypot(1, tangent)), relative=ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the overlap of two balls",
    one_sided="R = λ (2 − 4 B⁻¹(3/4 − p̲/2)) if p̲ > 1/2, B of Beta((d+1)/2, (d+1)/2)",
    two_class="R = λ (2 − 4 B⁻¹(1/2 − (p̲ − p̄)/4)) if p̲ > p̄",
)
