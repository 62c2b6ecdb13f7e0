"""How far a percentile of a smoothed number may move in a ball (arXiv 2007.03730, Lemma 1).

For Gaussian noise of deviation σ and ‖δ‖₂ ≤ ε, any p-quantile of f(x + δ + noise) lies between
quantiles of f(x + noise), from the one of p_lo to that of p_hi:

    p_lo = Φ(Φ⁻¹(p) − ε/σ),        p_hi = Φ(Φ⁻¹(p) + ε/σ).

The sets {f ≤ y} are all it needs, and how much a set may gain by a move, so f may be any function.
Where what is drawn differs from the law by at most τ in total variation, τ is paid at x + δ and
again at x: p_lo = Φ(Φ⁻¹(p − τ) − ε/σ) − τ and p_hi = Φ(Φ⁻¹(p + τ) + ε/σ) + τ.
"""

from fractions import Fraction

from certiball.laws.gaussian import Gaussian
from certiball.statistics.normal import moved_down, moved_up
from certiball.statistics.rounding import fraction_down, fraction_up, up


def shifted(
    law: Gaussian, percentile: float, eps: float, slack: Fraction = Fraction(0)
) -> tuple[float, float]:
    """The percentiles (p_lo, p_hi) at x that enclose a percentile anywhere in the ball.

    Args:
        law: the noise.
        percentile: p, between 0 and 1.
        eps: the ball's L2 radius, ≥ 0; the ball is closed.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.

    Returns:
        p_lo rounded down, at least 0, and p_hi rounded up, at most 1.

    Example:
        >>> low, high = shifted(Gaussian(sigma=0.5), 0.5, 0.25)
        >>> round(low, 4), round(high, 4)
        (0.3085, 0.6915)
    """
    if eps == 0 and slack == 0:
        return percentile, percentile
    move = up(eps / law.sigma, relative=0.0) if eps else 0.0
    exact = Fraction(percentile)
    least = Fraction(moved_down(fraction_down(exact - slack), -move)) - slack
    most = Fraction(moved_up(fraction_up(exact + slack), move)) + slack
    return max(0.0, fraction_down(least)), min(1.0, fraction_up(most))
