"""What a radius on a grid is worth to inputs that are rounded to the grid first."""

from fractions import Fraction

from certiball.balls import Norm
from certiball.claim import Claim
from certiball.spaces import Grid
from certiball.statistics.rounding import fraction_down, root_up

SHIFTS = {Norm.L1: "h·d/2", Norm.L2: "h√d/2", Norm.LINF: "h/2"}  # of rounding, in each norm


def off_grid_radius(radius: float, claim: Claim | None, dimension: int | None) -> float | None:
    """The radius that holds when the distance is measured before rounding to the grid.

    Rounding moves each coordinate t to at most 2|t| and by at most h/2. So R becomes max(R/2, R −
    shift), and the shift is h·d/2 in L1, h√d/2 in L2 and h/2 in L∞. All are rounded down. Where
    changed pixels are counted nothing is lost: a coordinate that is the same stays the same.

    Args:
        radius: R, on the grid.
        claim: its space gives the step h, and it gives the norm.
        dimension: d, how many numbers an input has.

    Returns:
        The radius, or None without a grid or a dimension, and for norms that measure no length.

    Example:
        >>> from certiball.claim import Rule
        >>> from certiball.laws.gaussian import Gaussian
        >>> law, space = Gaussian(sigma=0.25), Grid(step=Fraction(1, 256), low=0, high=256)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=space)
        >>> round(off_grid_radius(0.5, claim, 64), 6)
        0.484375
    """
    if claim is None or dimension is None:
        return None
    shift = shift_up(claim, dimension)
    if shift is None:
        return None
    shifted = Fraction(radius) - shift
    return max(fraction_down(Fraction(radius) / 2), fraction_down(shifted), 0.0)


def shift_up(claim: Claim, dimension: int) -> Fraction | None:
    """How far rounding to the grid can move an input, in the claim's norm, rounded up.

    None without a grid, and for norms that measure no length.
    """
    if not isinstance(claim.space, Grid) or claim.norm not in SHIFTS:
        return None
    corner = {Norm.L1: Fraction(dimension), Norm.L2: root_up(dimension), Norm.LINF: Fraction(1)}
    return claim.space.step * corner[claim.norm] / 2
