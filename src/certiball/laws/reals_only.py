"""Laws that are drawn in floating point alone."""

from fractions import Fraction

from certiball.errors import InputError
from certiball.laws import Law

ANY_STEP, ANY_DIMENSION = Fraction(1, 255), 64  # a law takes all grids or none


def slack_in_reals(law: object, step: Fraction | None) -> Fraction:
    """The slack of a law that has no version on grids: nothing is known of it in the reals.

    Raises:
        InputError: if there is a step.
    """
    if step is None:
        return Fraction(0)
    raise InputError(
        f"{law} has no version on a grid of step {step}: take --space reals:LOW:HIGH (floating "
        "point), or a law that has one, such as Gaussian, Laplace or Uniform"
    )


def only_in_reals(law: Law) -> bool:
    """Whether a law has no version on any grid.

    Example:
        >>> from certiball.laws.gaussian import Gaussian
        >>> from certiball.laws.uniform_ball import UniformBall
        >>> only_in_reals(Gaussian(sigma=0.25)), only_in_reals(UniformBall(scale=1.0))
        (False, True)
    """
    try:
        law.slack(ANY_STEP, ANY_DIMENSION)
    except InputError:
        return True
    return False
