"""What a radius on a grid is worth to inputs that are rounded to the grid first."""

from fractions import Fraction

from certiball.balls import Norm
from certiball.certificate import Claim
from certiball.spaces import Grid
from certiball.statistics.rounding import fraction_down, root_up


def off_grid_radius(radius: float, claim: Claim | None, dimension: int | None) -> float | None:
    """The L2 radius that holds when the distance is measured before rounding to the grid.

    Rounding moves each coordinate t to at most 2|t| and by at most h/2, so ‖δ‖ <
    max(R/2, R − h√d/2) suffices. Both terms are rounded down.

    Args:
        radius: R, on the grid.
        claim: its space gives the step h.
        dimension: d, how many numbers an input has.

    Returns:
        The radius, or None without a grid, a dimension, or for another norm than L2.

    Example:
        >>> from certiball.certificate import Rule
        >>> from certiball.laws.gaussian import Gaussian
        >>> law, space = Gaussian(sigma=0.25), Grid(step=Fraction(1, 256), low=0, high=256)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=space)
        >>> round(off_grid_radius(0.5, claim, 64), 6)
        0.484375
    """
    if claim is None or dimension is None or claim.norm is not Norm.L2:
        return None
    if not isinstance(claim.space, Grid):
        return None
    shifted = Fraction(radius) - claim.space.step * root_up(dimension) / 2
    return max(fraction_down(Fraction(radius) / 2), fraction_down(shifted), 0.0)
