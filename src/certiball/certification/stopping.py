"""What plans that stop by their votes have in common: when they look, and what they are given."""

from collections.abc import Callable

from certiball.certification.looks import LOOK, is_look, next_look
from certiball.errors import InputError
from certiball.numbers import as_float, as_whole
from certiball.statistics.binomial import SMALLEST
from certiball.statistics.mixture import LARGEST
from certiball.votes import Votes


def votes_until(
    decided: Callable[[Votes, int], bool],
    sizes: tuple[int, int],
    selection: Votes | None,
    estimation: Votes | None,
) -> tuple[int, int]:
    """How many votes of each phase there should be: up to the first look that decides.

    Args:
        decided: whether estimation votes for a label are enough; asked at looks only.
        sizes: how many votes select, and how many may estimate at most.
        selection: those that there are, like estimation: a prefix of chunks, or None.
        estimation: see selection.
    """
    n0, most = sizes
    drawn = 0 if estimation is None else estimation.total
    if selection is None or estimation is None or selection.total < n0:
        return n0, max(drawn, min(LOOK, most))
    # Between looks lies what an interruption left: nothing is decided there.
    if is_look(most, drawn) and (drawn == most or decided(estimation, selection.winner)):
        return n0, drawn
    return n0, next_look(most, drawn)


def checked_size(name: str, value: int) -> int:
    """A number of votes.

    Raises:
        InputError: unless it is whole and the mixture's arithmetic was examined for it.
    """
    size = as_whole(name, value)
    if not 1 <= size <= LARGEST:
        raise InputError(f"{name} must be from 1 to {LARGEST}, not {size}")
    return size


def checked_beta(value: float) -> float:
    """How often a plan may give up wrongly.

    Raises:
        InputError: unless 10⁻¹⁵ ≤ β < 1.
    """
    beta = as_float("beta", value)
    if not SMALLEST <= beta < 1:
        raise InputError(f"beta must be from {SMALLEST} to below 1, not {beta}; .001 is usual")
    return beta
