"""Randomized ablation certifies numbers of pixels (arXiv 1911.09272).

Inputs that differ in r of d pixels are seen alike unless one of those is among the k that are
kept, which has the probability Δ_r = 1 − ∏_{i<r} (d − k − i)/(d − i). No class's probability
changes by more.

    one-sided   the largest r with p̲ − Δ_r > ½
    two-class   the largest r with p̲ − p̄ > 2 Δ_r

The smoothed answer is constant where at most r pixels change, each in any way and in all its
channels. Everything is computed in rationals.

The pixels are drawn from a law that differs from the uniform one by at most τ in total variation,
which is paid at both ends as in `gaussian_l2`: p̲ − τ − Δ_r > ½ + τ, and p̲ − p̄ − 2τ − 2Δ_r > 2τ.
"""

from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from math import perm

from certiball.laws.ablation import Ablation
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: Ablation, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The number of pixels that may change in any way, as a float; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal choices.
        dimension: of inputs; the law knows their pixels.

    Example:
        >>> law = Ablation(keep=45, pixels=784)
        >>> radius(law, Bounds(p_lower=0.9)), radius(law, Bounds(p_lower=0.999))
        (8.0, 11.0)
    """
    p_lower = Fraction(bounds.p_lower)
    if bounds.p_upper is None:
        margin = p_lower - Fraction(1, 2) - 2 * slack
    else:
        # p_B ≤ 1 − p_A: never looser than the one-sided rule at the same bound on p_A.
        margin = (p_lower - min(Fraction(bounds.p_upper), 1 - p_lower)) / 2 - 2 * slack
    # No margin exceeds ½, and ⌊d/k⌋ = n − 1 changes lose as much: Δ ≥ 1 − (1 − 1/n)^(n−1) ≥ ½.
    numbers = range(1, law.pixels // law.keep + 1)
    return float(bisect_left(numbers, True, key=lambda changed: loss(law, changed) >= margin))


@lru_cache(maxsize=1024)
def loss(law: Ablation, changed: int) -> Fraction:
    """Δ_r: how likely it is that some of r given pixels are kept.

    Example:
        >>> loss(Ablation(keep=2, pixels=8), 1)
        Fraction(1, 4)
    """
    few, many = sorted((law.keep, changed))  # one choice avoids the other: which is which is alike
    return 1 - Fraction(perm(law.pixels - many, few), perm(law.pixels, few))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1911.09272",
    one_sided="R = max r with p̲ − Δ_r > 1/2, Δ_r = 1 − ∏_{i<r} (d−k−i)/(d−i)",
    two_class="R = max r with p̲ − p̄ > 2Δ_r, Δ_r = 1 − ∏_{i<r} (d−k−i)/(d−i)",
    strict=False,
)
