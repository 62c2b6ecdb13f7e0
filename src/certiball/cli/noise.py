"""The noise that options name, for inputs of a shape and a space."""

import math
from dataclasses import MISSING, Field, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from certiball.errors import InputError
from certiball.numbers import as_float, as_fraction

if TYPE_CHECKING:
    from certiball.balls import Norm
    from certiball.laws import Law
    from certiball.spaces import Space


PLACES = ("pixels", "rows", "columns")  # fields that count places of an image


def law_of(noise: str | None, sigma: float | None, space: "Space", shape: tuple[int, ...]) -> "Law":
    """The law of --noise, such as laplace:scale=.25, or the Gaussian one of --sigma.

    What a law needs of the inputs' geometry and is not given is taken from the inputs.

    Raises:
        InputError: if both or neither is given, there is no such law, or it lacks a number.
    """
    from certiball.laws.gaussian import Gaussian
    from certiball.laws.names import NAMES

    if sigma is not None and noise is None:
        return Gaussian(sigma=sigma)
    if noise is None or sigma is not None:
        raise InputError(
            "give the noise once: --sigma .25 for Gaussian noise, or --noise "
            f"NAME:FIELD=NUMBER,… with one of {', '.join(NAMES)}"
        )
    name, _, rest = noise.partition(":")
    if name not in NAMES:
        raise InputError(f"--noise {noise!r}: there is no law {name!r}; there are {_all(NAMES)}")
    kind = NAMES[name]
    known = {each.name: each for each in fields(kind)}
    given = _given(noise, rest, known)
    values = {**_geometry(space, shape, known), **given}
    missing = [n for n, f in known.items() if n not in values and _required(f)]
    if {"rows", "columns"} & set(missing):
        raise InputError(
            f"--noise {noise!r} is for images [C, H, W] or [H, W], not for inputs of shape "
            f"{list(shape)}: reshape them, or take another law"
        )
    if missing and {"levels", "step"}.issuperset(missing):
        raise InputError(
            f"--noise {noise!r} lacks {', '.join(missing)}: {space} has none, so state a grid with "
            "--space, such as uint8"
        )
    if missing:
        raise InputError(
            f"--noise {noise!r} lacks {', '.join(missing)}: write {_example(name, kind)}"
        )
    law: Law = kind(**values)
    return law


def parse_norm(text: str | None) -> "Norm | None":
    """A norm by its name; None leaves it to the law.

    Raises:
        InputError: if there is no such norm.
    """
    from certiball.balls import Norm

    if text is None:
        return None
    try:
        return Norm(text.lower())
    except ValueError:
        names = ", ".join(norm.value for norm in Norm)
        raise InputError(f"--norm {text!r} is not known; there are {names}") from None


def _given(noise: str, rest: str, known: dict[str, Field[Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        field, equals, number = part.partition("=")
        if not equals or field not in known or field in values:
            raise InputError(
                f"--noise {noise!r}: {part!r} is not FIELD=NUMBER with a field of "
                f"{', '.join(known)}, each once"
            )
        values[field] = _number(field, number, str(known[field].type))
    return values


def _number(field: str, text: str, kind: str) -> Any:
    """A number of a field's type, or several as in .1:.2; fractions such as 1/2 are numbers."""
    if "Sequence" in kind:
        return tuple(_number(field, part, "float") for part in text.split(":"))
    if "float" in kind and "/" not in text:
        return as_float(field, text)
    exact = as_fraction(field, text)
    if "Fraction" in kind:
        return exact
    if "int" in kind:
        if exact.denominator != 1:
            raise InputError(f"{field} must be a whole number, not {text}")
        return int(exact)
    return float(exact)


def _geometry(
    space: "Space", shape: tuple[int, ...], known: dict[str, Field[Any]]
) -> dict[str, int | Fraction]:
    """What the inputs say of those of a law's fields that speak of their geometry."""
    from certiball.laws.images import channels_first
    from certiball.spaces import Grid

    size = {"coordinates": math.prod(shape), "pixels": math.prod(shape[-2:])}
    if not known.keys().isdisjoint(PLACES):
        channels_first(shape)
    if len(shape) > 1:
        size |= {"rows": shape[-2], "columns": shape[-1]}
    found: dict[str, int | Fraction] = dict(size)
    if isinstance(space, Grid):
        found |= {"levels": space.high - space.low + 1, "step": space.step}
    return {name: value for name, value in found.items() if name in known}


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _example(name: str, kind: type) -> str:
    return f"{name}:" + ",".join(f"{each.name}=…" for each in fields(kind) if _required(each))


def _all(names: dict[str, type]) -> str:
    return ", ".join(_example(name, kind) for name, kind in names.items())
