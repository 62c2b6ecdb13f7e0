"""Whether noise fits the numbers that inputs are made of: the commonest mistake is the unit."""

import math

from certiball.laws import Law
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.translation import Translation
from certiball.spaces import Grid, Space

STILL = 0.25  # of a pixel: of 20 shifts along an axis 19 are rounded to none


def odd_scale(law: Law, space: Space, dimension: int) -> str | None:
    """What is odd about noise wider than twice the inputs' range, or less than a grid's step.

    Args:
        law: the noise, or a transformation with a parameter in the units of the inputs.
        space: where inputs live.
        dimension: numbers per input.

    Returns:
        One line with the remedy, or None where nothing is odd or nothing is added.

    Example:
        >>> from certiball import Gaussian, Grid
        >>> print(odd_scale(Gaussian(sigma=64.0), Grid.uint8(), 784).partition(": ")[0])
        a deviation of 64 in Gaussian(sigma=64.0) is more than twice the inputs' range
    """
    if isinstance(law, Translation) and law.sigma < STILL:
        return (
            f"a deviation of {law.sigma:g} in {law} is less than {STILL:g} pixels, so hardly any "
            "image moves: sigma is in pixels; give wider noise"
        )
    wide = _added(law, dimension)
    if wide is None:
        return None
    low, high = space.bounds
    units = f"noise is in input units, and inputs run from {low:g} to {high:g}"
    if math.isfinite(high - low) and wide > 2 * (high - low):
        return (
            f"a deviation of {wide:g} in {law} is more than twice the inputs' range: {units}; "
            "for 8-bit units divide by 255"
        )
    if isinstance(space, Grid) and wide < space.step:
        return (
            f"a deviation of {wide:g} in {law} is less than the grid's step {space.step}: {units}; "
            "give wider noise, or state the space that it is meant for"
        )
    return None


def _added(law: Law, dimension: int) -> float | None:
    """The deviation of what is added to a number, be it the same in all of them."""
    if isinstance(law, Brightness):
        return law.sigma
    return law.brightness if isinstance(law, ContrastBrightness) else law.deviation(dimension)
