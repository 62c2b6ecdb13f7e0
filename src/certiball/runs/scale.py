"""Whether noise fits the numbers that inputs are made of: the commonest mistake is the unit."""

import math

from certiball.laws import Law
from certiball.spaces import Grid, Space


def odd_scale(law: Law, space: Space, dimension: int) -> str | None:
    """What is odd about noise wider than twice the inputs' range, or less than a grid's step.

    Args:
        law: the noise.
        space: where inputs live.
        dimension: numbers per input.

    Returns:
        One line with the remedy, or None where nothing is odd or nothing is added.

    Example:
        >>> from certiball import Gaussian, Grid
        >>> print(odd_scale(Gaussian(sigma=64.0), Grid.uint8(), 784).partition(": ")[0])
        a deviation of 64 in Gaussian(sigma=64.0) is more than twice the inputs' range
    """
    wide = law.deviation(dimension)
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
