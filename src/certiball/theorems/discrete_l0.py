"""Discrete noise certifies numbers of changed coordinates (arXiv 1906.04948, Algorithm 1).

Where x and x′ differ in r coordinates, only those tell their noise apart. Each gives x's level
(probability a from x, b from x′), that of x′ (b, a), or another (b, b). With m the difference of
how many give x's level and how many that of x′, every outcome is (a/b)^m times as likely from x
as from x′. So m is all that matters (Neyman and Pearson): the classifier that suffers most from
the change answers A where m is large. From x, m is distributed as a sum of r independent steps

    +1 with probability a,   −1 with b,   0 with 1 − a − b,

and from x′ as −m. Let Q_r(s) be how likely from x the set {m large} must be to have probability s
from x′, a level of m being split where s falls into it. Then, exactly,

    one-sided   the largest r with p̲ > Q_r(½)
    two-class   the largest r with 1 − Q_r(1 − p̲) > Q_r(p̄)

since the same set is also the one that gains most. Both are tight. All in whole numbers: the
weights a, b and 1 − a − b have one denominator D, and the distribution of m has D^r.

Levels are drawn from a law that differs from the one meant by at most τ in total variation, which
is paid at both ends as in `gaussian_l2`: p̲ − τ > Q_r(½ + τ), and
1 − Q_r(1 − p̲ + τ) − Q_r(p̄ + τ) > 2τ.
"""

from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from math import gcd

from certiball.laws.discrete import Discrete
from certiball.statistics.rounding import fraction_up
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

MOST = 256  # coordinates; no table is made for more


def radius(
    law: Discrete, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The number of coordinates that may change in any way, as a float; 0 if nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs. Of more than 256 changed coordinates nothing is said.

    Example:
        >>> law = Discrete(keep=0.2, levels=256)
        >>> radius(law, Bounds(p_lower=0.9), dimension=784)
        2.0
    """
    most = min(dimension, MOST)
    enough = 1
    while enough < most and _holds(law, bounds, slack, enough):
        enough = min(2 * enough, most)
    numbers = range(1, enough + 1)
    return float(bisect_left(numbers, True, key=lambda r: not _holds(law, bounds, slack, r)))


def needed(law: Discrete, changed: int, share: Fraction) -> Fraction:
    """Q_r(s): how likely a class must be so that r changed coordinates leave it a share s.

    Args:
        law: the noise.
        changed: r.
        share: s, from 0 to 1.

    Example:
        >>> needed(Discrete(keep=0.75, levels=2), 1, Fraction(1, 2))
        Fraction(5, 6)
    """
    ways = _differences(law, changed)  # of m = −r … r from x; read backwards, from x′
    wanted = share * sum(ways)
    here = there = 0
    for from_x, from_other in zip(reversed(ways), ways, strict=True):
        if there + from_other >= wanted:
            return (here + from_x * (wanted - there) / from_other) / sum(ways)
        here, there = here + from_x, there + from_other
    return Fraction(1)


def _holds(law: Discrete, bounds: Bounds, slack: Fraction, changed: int) -> bool:
    if bounds.p_upper is None:
        return bounds.p_lower > _threshold(law, slack, changed)
    # p_B ≤ 1 − p_A: never looser than the one-sided rule at the same bound on p_A.
    lost = 1 - Fraction(bounds.p_lower) + slack
    other = min(Fraction(bounds.p_upper), 1 - Fraction(bounds.p_lower)) + slack
    if lost >= 1 or other >= 1:
        return False
    return 1 - needed(law, changed, lost) - needed(law, changed, other) > 2 * slack


@lru_cache(maxsize=16 * MOST)
def _threshold(law: Discrete, slack: Fraction, changed: int) -> float:
    """Above what the sampled bound must lie: Q_r(½ + τ) + τ, rounded up."""
    return fraction_up(needed(law, changed, Fraction(1, 2) + slack) + slack)


@lru_cache(maxsize=32)
def _differences(law: Discrete, changed: int) -> tuple[int, ...]:
    """Weights of m = −r … r from x, whole numbers of the sum D^r.

    They are the coefficients P_0, P_1, … of (b + c t + a t²)^r, with c = 1 − a − b in the same
    units. Its derivative gives b n P_n = c (r − n + 1) P_{n−1} + a (2r − n + 2) P_{n−2}.
    """
    kept, others = Fraction(law.keep), law.levels - 1
    other, same = kept.denominator - kept.numerator, kept.numerator * others
    least = gcd(other, same)
    other, same = other // least, same // least
    neither = (others - 1) * other
    ways = [0, other**changed]
    for n in range(1, 2 * changed + 1):
        step = neither * (changed - n + 1) * ways[-1] + same * (2 * changed - n + 2) * ways[-2]
        ways.append(step // (other * n))  # without a remainder
    return tuple(ways[1:])


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1906.04948, Algorithm 1",
    one_sided="R = max r with p̲ > Q_r(1/2); Q_r(s): what the worst class needs to keep s",
    two_class="R = max r with 1 − Q_r(1−p̲) > Q_r(p̄); Q_r(s): what the worst class needs to keep s",
    strict=False,
)
