"""Latitudes on a sphere: between which two of them does a given share of it lie?

One coordinate T of a uniform point on the unit sphere in n dimensions has T² ~ Beta(½, (n−1)/2).
The first n − 2 coordinates of such a point are uniform in the unit ball of n − 2 dimensions, so
the same numbers serve for balls. A latitude is given by its tangent w, T = w/√(1 + w²), which
keeps its digits near the equator and near the poles.

SciPy's value is where the search starts; what is returned has been put into the forward function,
whose error is allowed for.
"""

import math
from collections.abc import Callable
from fractions import Fraction

from scipy import special

from certiball.errors import InputError
from certiball.statistics.rounding import down, fraction_down, fraction_up, up

# What SciPy's incomplete beta function may be off by here, relatively: with one parameter of ½
# and the argument up to ½, more than ten times the largest error that our tests find.
BETA_ERROR = 2.0**-44
ROUNDING = 2.0**-51  # of a quotient and its root


def latitude_down(dimension: int, share: Fraction) -> float:
    """A float not above the tangent w of the latitudes ±φ that have that share between them.

    Args:
        dimension: n ≥ 2, of the space that the sphere lies in.
        share: between 0 and 1; 0 gives 0.

    Example:
        >>> round(latitude_down(3, Fraction(1, 2)), 6) == round(1 / 3**0.5, 6)  # Archimedes
        True
    """
    return max(0.0, down(_tangent(dimension, share, outwards=False), relative=ROUNDING))


def latitude_up(dimension: int, share: Fraction) -> float:
    """A float not below that tangent."""
    return up(_tangent(dimension, share, outwards=True), relative=ROUNDING)


def _tangent(dimension: int, share: Fraction, *, outwards: bool) -> float:
    """W on the side that is asked for, but for the rounding of its last step."""
    if dimension < 2:
        raise InputError(f"a sphere has latitudes in 2 dimensions or more, not {dimension}")
    if not 0 <= share < 1:
        raise InputError(f"a share of the sphere must be from 0 to below 1, not {float(share)}")
    if share == 0:
        return 0.0
    b, polar = (dimension - 1) / 2, 1 - share
    if 2 * share <= 1:
        guess = float(special.betaincinv(0.5, b, float(share)))
        square = _settled(
            lambda x: float(special.betainc(0.5, b, x)), guess, share, outwards, outwards
        )
        return math.sqrt(square / (1 - square))
    guess = float(special.betainccinv(0.5, b, float(polar)))
    if guess <= 0.5:
        square = _settled(
            lambda x: float(special.betaincc(0.5, b, x)), guess, polar, not outwards, outwards
        )
        return math.sqrt(square / (1 - square))
    guess = float(special.betaincinv(b, 0.5, float(polar)))
    rest = _settled(
        lambda y: float(special.betainc(b, 0.5, y)), guess, polar, not outwards, not outwards
    )
    return math.sqrt((1 - rest) / rest)


def _settled(
    function: Callable[[float], float], guess: float, target: Fraction, reach: bool, grow: bool
) -> float:
    """The guess, moved until the function there is surely ≥ the target (reach) or ≤ it.

    Args:
        function: computed with a relative error of at most BETA_ERROR.
        guess: where to begin.
        target: what the function should be.
        reach: whether the function has to be at least that, or at most.
        grow: whether the guess is moved up or down.
    """
    step = 2.0**-52
    while True:
        value = function(guess)
        if reach and down(value, relative=BETA_ERROR) >= fraction_up(target):
            return guess
        if not reach and up(value, relative=BETA_ERROR) <= fraction_down(target):
            return guess
        guess *= 1 + step if grow else 1 - step
        step *= 2
