"""Whether noise fits the numbers that inputs are made of: the commonest mistake is the unit."""

import math

from certiball.laws import Law
from certiball.spaces import Grid, Space


def odd_scale(law: Law, space: Space) -> str | None:
    """What is odd about a σ wider than twice the inputs' range, or less than a grid's step.

    Args:
        law: the noise.
        space: where inputs live.

    Returns:
        One line with the remedy, or None where nothing is odd or the law has no σ.

    Example:
        >>> from certiball import Gaussian, Grid
        >>> print(odd_scale(Gaussian(sigma=64.0), Grid.uint8()).partition(": ")[0])
        sigma = 64 is more than twice the inputs' range
    """
    sigma = getattr(law, "sigma", None)
    if sigma is None:
        return None
    low, high = space.bounds
    units = f"sigma is in input units, and inputs run from {low:g} to {high:g}"
    if math.isfinite(high - low) and sigma > 2 * (high - low):
        return (
            f"sigma = {sigma:g} is more than twice the inputs' range: {units}; "
            "for 8-bit units divide by 255"
        )
    if isinstance(space, Grid) and sigma < space.step:
        return (
            f"sigma = {sigma:g} is less than the grid's step {space.step}: {units}; "
            "give a larger sigma, or state the space that it is meant for"
        )
    return None
