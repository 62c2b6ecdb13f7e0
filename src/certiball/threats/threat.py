"""A threat: the perturbations that an attacker may choose from, with their units."""

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from fractions import Fraction

from certiball.balls import Norm, longest_up
from certiball.errors import InputError
from certiball.numbers import as_fraction
from certiball.spaces import Space

LARGEST = 10**9  # budget, in the units of the inputs' space
LONGEST = 200  # characters of a threat's name
LEVELS = 255  # of 8-bit images, above 0
NORMS = {norm.value: norm for norm in Norm if norm is not Norm.PARAMETER}  # whose unit has no name
LENGTHS = (Norm.L1, Norm.L2, Norm.LINF)  # norms in the units of the inputs


class Units(Enum):
    """What a budget is measured in."""

    INPUT = "input"  # those in which the inputs live: 0 to 1 for most images
    PIXELS = "pixels"  # levels of 8-bit images, 0 to 255


@dataclass(frozen=True, kw_only=True)
class Threat:
    """What an attacker may do.

    Args:
        text: as it was named.
        norm: of the perturbation; None for a threat that is no norm's ball.
        budget: the largest norm, included, in the units of the inputs.
    """

    text: str
    norm: Norm | None = None
    budget: Fraction | None = None


def parse_threat(text: str, units: Units = Units.INPUT) -> Threat:
    """A threat by its name: l2:1/2, linf:8/255 or patch:5x5; anything else is one in words.

    Args:
        text: the name.
        units: of the budget. A level is 1/255 of an input from 0 to 1; numbers of pixels that
            change have no unit.

    Raises:
        InputError: if the budget of a norm is no positive number below 10⁹, or there is no name.

    Example:
        >>> parse_threat("linf:8/255").budget, parse_threat("rotation by 10 degrees").norm
        (Fraction(8, 255), None)
        >>> parse_threat("linf:8", Units.PIXELS).text
        'linf:8/255'
    """
    name, _, amount = text.partition(":")
    if not text.strip() or len(text) > LONGEST or not text.isprintable() or {*text} & {*"“”"}:
        raise InputError(
            f"a threat is named in 1 to {LONGEST} characters, “ and ” not among them: {text[:40]!r}"
        )
    if name not in NORMS:
        _refuse_misspelt(text)
        return Threat(text=text)
    norm = NORMS[name]
    square = re.fullmatch(r"(\d{1,9})x\1", amount) if norm is Norm.PATCH else None
    budget = _budget(text, square[1] if square else amount)
    if units is Units.PIXELS and norm in LENGTHS:
        budget = budget / LEVELS
        text = f"{name}:{_over_levels(budget)}"
    return Threat(text=text, norm=norm, budget=budget)


def _refuse_misspelt(text: str) -> None:
    """Ask back about a norm that is written otherwise, such as l_inf 8/255: it is none in words."""
    found = re.fullmatch(r"\s*([^\s:=]+)\s*[:=\s]?\s*([-+]?[\d./x]*)\s*", text)
    if found is None:
        return
    plain = re.sub(r"[-_]", "", found[1].lower().replace("∞", "inf"))
    plain = {"inf": "linf", "linfinity": "linf"}.get(plain, plain)
    near = [plain] if plain in NORMS else []
    if found[2] and not near:
        near = get_close_matches(plain, NORMS, 1, 0.75)
    if near:
        amount = found[2] or "8/255"
        raise InputError(
            f"threat {text!r} is no norm by its name: did you mean {near[0]}:{amount}?"
        )
    if re.fullmatch(r"l\d+", plain):
        raise InputError(f"threat {text!r} is of no norm known here: there are {', '.join(NORMS)}")


def _over_levels(budget: Fraction) -> str:
    """A budget as it is usually written: 8/255, not 16/510."""
    levels = budget * LEVELS
    return f"{levels}/{LEVELS}" if levels.denominator == 1 else str(budget)


def _budget(text: str, amount: str) -> Fraction:
    try:
        budget = as_fraction("budget", amount)
    except InputError:
        budget = None
    if budget is None or not 0 < budget < LARGEST or len(amount) > 40:
        raise InputError(
            f"the budget of threat {text!r} must be a number above 0 and below {LARGEST:,}, of at "
            "most 40 characters: l2:.5 and linf:8/255 have such"
        ) from None
    return budget


def question(threat: Threat, space: Space, dimension: int) -> None:
    """Ask back where a budget is larger than any two inputs can differ: its units must be others.

    Args:
        threat: any.
        space: where clean inputs live.
        dimension: numbers per input.

    Raises:
        InputError: with what was probably meant.

    Example:
        >>> from certiball.spaces import Grid
        >>> question(parse_threat("linf:8"), Grid.uint8(), 784)
        Traceback (most recent call last):
        certiball.errors.InputError: an L∞ budget of 8 is more than any two inputs differ by...
    """
    low, high = space.bounds
    norm, budget = threat.norm, threat.budget
    if norm is None or budget is None:
        return
    if norm is Norm.PATCH and budget**2 > dimension:
        raise InputError(
            f"a patch of side {budget} has more pixels than the {dimension:,} numbers of an input"
        )
    if norm.counts and (budget > dimension or budget.denominator > 1):
        raise InputError(
            f"a budget in {norm} counts what changes, in whole numbers, of the {dimension:,} that "
            f"there are: {budget} is none"
        )
    if norm not in LENGTHS or not math.isfinite(high - low):
        return
    width = Fraction(high) - Fraction(low)
    if budget > longest_up(width, Norm.LINF, norm, dimension):
        raise InputError(
            f"an {norm} budget of {budget} is more than any two inputs differ by, which lie from "
            f"{low:g} to {high:g}: did you mean {_meant(budget)}? In levels of 8-bit images, from "
            "0 to 255, give --units pixels to certiball threat"
        )


def _meant(budget: Fraction) -> str:
    return f"{budget}/{LEVELS}" if budget.denominator == 1 else str(budget / LEVELS)


def usual_threats(space: Space, norm: Norm) -> tuple[Threat, ...]:
    """What is usually asked of images in [0, 1] where nobody named a threat; nothing elsewhere.

    Example:
        >>> from certiball.spaces import Grid
        >>> [threat.text for threat in usual_threats(Grid.uint8(), Norm.L2)]
        ['l2:0.5', 'linf:8/255']
    """
    if space.bounds != (0.0, 1.0):
        return ()
    usual = {Norm.L1: ("l1:1",), Norm.L2: ("l2:0.5",)}.get(norm, ())
    return tuple(parse_threat(text) for text in (*usual, "linf:8/255"))
