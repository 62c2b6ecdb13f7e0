"""Gaussian noise keeps a class among the k likeliest in a ball of L2 (arXiv 1912.09899, Theorem 1).

With lower bound p̲ on the class and upper bounds p̄_j on the others, let S_t be the sum of the t
smallest of the k largest p̄_j, or 1 − p̲ if that is less. R is the largest of R_1 … R_k, where

    Φ(Φ⁻¹(p̲) − R_t/σ) = Φ(Φ⁻¹(S_t) + R_t/σ) / t,        R_t = 0 if p̲ ≤ S_t/t.

Why: were the class not among the k likeliest at x + δ, then k others would be as likely at least,
and of those any t together t times as likely. But t of them had at most S_t together at x, and no
set of classes gains more by the move than Φ says. For ‖δ‖₂ < R, strictly, fewer than k others are
as likely as the class. For k = 1 it is Cohen's two-class rule (arXiv 1902.02918, Theorem 1).

All bounds hold together: p̲ and the c − 1 others p̄_j each at level α/c. A bound on the largest p̄
alone, as the two-class rule has it, says nothing of sums.

Where what is drawn differs from the law by at most τ in total variation, τ is paid twice, at the
input and at the perturbed one, once for the class and once for the t others together:

    t (Φ(Φ⁻¹(p̲ − τ) − R/σ) − τ) = Φ(Φ⁻¹(S_t + τ) + R/σ) + τ.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.statistics.normal import moved_down, moved_up, quantile_down, quantile_up
from certiball.statistics.rounding import down, fraction_down, fraction_up
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

STEPS = 120  # of a bisection, enough for all digits of a radius that is worth having
ROOT_HALF = math.sqrt(0.5)  # Φ(x) = erfc(−x √½)/2


def radius(
    law: Gaussian, p_lower: float, others: Sequence[float], k: int, slack: Fraction = Fraction(0)
) -> float:
    """The L2 radius in which the class stays among the k likeliest, rounded down; 0 for none.

    Args:
        law: the noise.
        p_lower: lower bound on the class's sampled probability.
        others: upper bounds on those of all other classes, which hold together with it.
        k: how many classes count as the top.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.

    Raises:
        InputError: unless 1 ≤ k < number of classes and the bounds are probabilities.

    Example:
        >>> law = Gaussian(sigma=0.5)
        >>> [round(radius(law, 0.6, [0.3, 0.05, 0.05], k), 4) for k in (1, 2, 3)]
        [0.1944, 0.4746, 0.5339]
    """
    Bounds(p_lower=p_lower, p_upper=max(others, default=0.0))
    if not 1 <= k <= len(others):
        raise InputError(
            f"k must be from 1 to {len(others)}, fewer than there are classes, not {k}: "
            "every class is among the top of all"
        )
    top = sorted(map(Fraction, others))[-k:]
    rest = 1 - Fraction(p_lower)
    sums = [min(sum(top[:t], Fraction(0)), rest) for t in range(1, k + 1)]
    own = Fraction(p_lower)
    two_class = Bounds(p_lower=p_lower, p_upper=fraction_up(sums[0]))
    return max(
        gaussian_l2.radius(law, two_class, slack),  # R_1 again: small ones are sharper by quantiles
        *(_radius(law.sigma, own, total, t, slack) for t, total in enumerate(sums, start=1)),
    )


def _radius(sigma: float, p_lower: Fraction, total: Fraction, t: int, slack: Fraction) -> float:
    """R_t: the margin x = R/σ is found with SciPy's Φ and confirmed with its error allowed for."""
    own, rest = fraction_down(p_lower - slack), fraction_up(total + slack)
    lost = fraction_up((t + 1) * slack)
    margin = _root(quantile_down(own), quantile_up(rest), t, lost)
    step = 2.0**-52
    while margin > 0:
        most = Fraction(moved_up(rest, margin)) + Fraction(lost)
        if t * Fraction(moved_down(own, -margin)) >= most:
            return max(0.0, down(sigma * margin, relative=2.0**-52))
        margin = down(margin, relative=step)
        step *= 2
    return 0.0


def _root(low: float, high: float, t: int, lost: float) -> float:
    """Where t Φ(low − x) falls to Φ(high + x) + lost, nearly; 0 if it is there at once."""
    inside, outside = 0.0, 1.0
    while outside < math.inf and _ahead(low - outside, high + outside, t, lost):
        inside, outside = outside, 2 * outside
    for _ in range(STEPS):
        middle = inside + (outside - inside) / 2
        if not inside < middle < outside:
            break
        if _ahead(low - middle, high + middle, t, lost):
            inside = middle
        else:
            outside = middle
    return inside if _ahead(low, high, t, lost) else 0.0


def _ahead(low: float, high: float, t: int, lost: float) -> bool:
    """Whether t Φ(low) > Φ(high) + lost, nearly."""
    return t * math.erfc(-low * ROOT_HALF) > math.erfc(-high * ROOT_HALF) + 2 * lost
