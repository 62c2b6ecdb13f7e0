"""Numbers as a reader sees them: no accuracy is printed larger than it is, no failure smaller."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from certiball.report.curves import Share
from certiball.statistics.rounding import format_down, format_up


def percent(share: Share, *, up: bool = False) -> str:
    """A share as a percentage with one decimal, cut; for what went wrong, rounded up.

    Example:
        >>> from certiball.report.curves import share
        >>> print(percent(share(293, 500)), "in", interval(share(293, 500)))
        58.6 % in 54.1–63.0
    """
    per_mille, rest = divmod(1000 * share.count, share.total)
    per_mille += up and rest > 0
    return f"{per_mille // 10}.{per_mille % 10}\u202f%"


def interval(share: Share) -> str:
    """Its interval in percent, widened to one decimal, without the sign."""
    return f"{format_down(100 * share.low, 1)}–{format_up(100 * share.high, 1)}"


def at_least(bound: float) -> str:
    """A lower bound on a share, in percent, rounded down."""
    return f"≥ {format_down(100 * bound, 1)}\u202f%"


def confidence(error: float) -> str:
    """One minus an error rate, in percent, exact.

    Example:
        >>> print(confidence(0.001))
        99.9 %
    """
    return f"{100 * (1 - Decimal(repr(float(error)))):f}".rstrip("0").rstrip(".") + "\u202f%"


def number(value: int) -> str:
    """An integer with thin spaces between thousands from five digits on."""
    return f"{value:,}".replace(",", "\u202f") if value >= 10_000 else str(value)


def listed(texts: Iterable[str]) -> str:
    """Several things in a row.

    Example:
        >>> listed(["0.25"]), listed(["0.25", "0.5"]), listed(["0.25", "0.5", "1"])
        ('0.25', '0.25 and 0.5', '0.25, 0.5 and 1')
    """
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def these_shards(names: Sequence[str]) -> str:
    """The shards by their names.

    Example:
        >>> these_shards(["1/2"]), these_shards(["1/3", "2/3"])
        ('shard 1/2', 'shards 1/3 and 2/3')
    """
    return f"shard{'s' if len(names) > 1 else ''} {listed(names)}"


def plain(radius: float) -> str:
    """A radius to count at, with all its digits.

    Example:
        >>> plain(1.0), plain(0.1234567891)
        ('1', '0.1234567891')
    """
    return repr(float(radius)).removesuffix(".0")
