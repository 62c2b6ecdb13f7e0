"""What strings on the command line mean."""

import re
from typing import TYPE_CHECKING, Literal

from certiball.errors import InputError
from certiball.numbers import as_fraction

if TYPE_CHECKING:
    from certiball.claim import Rule
    from certiball.runs.shards import Shard
    from certiball.spaces import Space

RuleName = Literal["one-sided", "two-class"]
Format = Literal["tsv", "csv", "json", "parquet"]


def parse_rule(name: RuleName) -> "Rule":
    """The radius rule of a name."""
    from certiball.claim import Rule

    return {"one-sided": Rule.ONE_SIDED, "two-class": Rule.TWO_CLASS}[name]


def parse_shard(text: str | None) -> "Shard":
    """Shard 3 of 16 for "3/16"; the whole run for None.

    Raises:
        InputError: if the text is no such pair, or there is no such shard.
    """
    from certiball.runs.shards import WHOLE, Shard

    if text is None:
        return WHOLE
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if found is None:
        raise InputError(f"--shard {text!r} is not i/m: 3/16 is the third of 16 shards")
    return Shard(number=int(found[1]), of=int(found[2]))


def parse_seed(text: str | None) -> int | None:
    """A decimal or 0x… integer; None leaves the choice to the operating system.

    Raises:
        InputError: if the text is no integer.
    """
    if text is None:
        return None
    try:
        return int(text, 0)
    except ValueError:
        raise InputError(f"--seed {text!r} is not an integer: 7 and 0x7f are") from None


def parse_space(text: str | None) -> "Space | None":
    """A space: uint8, uint12, …, a grid 1/255:0:255 (step and ends as levels), or reals:0:1.

    Raises:
        InputError: if the text is none of these.
    """
    from certiball.spaces import Grid, Reals

    if text is None:
        return None
    if (found := re.fullmatch(r"uint(\d{1,4})", text)) is not None:
        return Grid.unsigned(int(found[1]))
    try:
        first, low, high = text.split(":")
        if first == "reals":
            return Reals(low=float(low), high=float(high))
        return Grid(step=as_fraction("step", first), low=int(low), high=int(high))
    except InputError:
        raise
    except (ValueError, ZeroDivisionError):
        raise InputError(
            f"--space {text!r} is not known: give uint8, uint16 or another number of bits, a "
            "grid STEP:LOW:HIGH such as 1/255:0:255, or reals:LOW:HIGH"
        ) from None


def parse_radii(text: str) -> tuple[float, ...]:
    """The radii of a text such as .5 or .25,.5.

    Raises:
        InputError: if a part is no number.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"--target-radius {text!r} is neither a radius nor a list of radii: write .25 or .25,.5"
        ) from None


def parse_numbers(text: str | None) -> tuple[float, ...] | None:
    """The numbers of a text such as 0.485,0.456,0.406.

    Raises:
        InputError: if a part is no number.
    """
    if text is None:
        return None
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{text!r} is not a list of numbers: write 0.5,0.5,0.5") from None


def parse_normalisation(
    mean: str | None, std: str | None
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """The numbers of --mean and --std, or None for neither.

    Raises:
        InputError: if only one is given, or a part is no number.
    """
    means, stds = parse_numbers(mean), parse_numbers(std)
    if means is not None and stds is not None:
        return means, stds
    if means is not None:
        raise InputError(f"--mean {mean} is given without --std: give both, or neither")
    if stds is not None:
        raise InputError(f"--std {std} is given without --mean: give both, or neither")
    return None
