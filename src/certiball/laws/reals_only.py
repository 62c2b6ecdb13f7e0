"""Laws that are drawn in floating point alone."""

from fractions import Fraction

from certiball.errors import InputError


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
