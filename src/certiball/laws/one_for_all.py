"""Noise is the same for every input: what depends on the input has no theorem."""

from typing import Any

import numpy as np

from certiball.errors import InputError

WHY = (
    "noise that depends on the input voids the theorem: it compares one input with its neighbours "
    "under the same noise, and here each neighbour would have noise of its own (arXiv 2110.05365). "
    "Give one value for all inputs, or keep what was certified in a memory "
    "(certification.memory)"
)


def refuse_dependent(name: str, value: Any, *, one: bool = True) -> None:
    """Refuse a function of the input, or an array with values for each input.

    Args:
        name: of the parameter.
        value: as it was given.
        one: whether it must be a single number; else one row of numbers.

    Raises:
        InputError: with the reason.

    Example:
        >>> refuse_dependent("sigma", lambda x: x.std())
        Traceback (most recent call last):
        certiball.errors.InputError: sigma must be one for all inputs...
    """
    axes = 0 if callable(value) or isinstance(value, str | bytes) else np.ndim(value)
    if callable(value) or axes > (0 if one else 1):
        what = "a function" if callable(value) else f"an array of {axes} axes"
        raise InputError(f"{name} must be one for all inputs, not {what}: {WHY}")
