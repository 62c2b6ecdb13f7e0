"""What may be said of a whole table: numbers for reports and records alike, and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

from certiball.statistics.multiplicity import (
    GAMMA,
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
)


@dataclass(frozen=True, kw_only=True)
class Robust:
    """What inputs certified at a radius say of those that are truly robust there, at least.

    Args:
        here: how many of these inputs.
        population: what share of those that they were drawn from.
    """

    here: int
    population: float


def robust_at(
    counts: Mapping[float, int], tried: int, alpha: float, gamma: float = GAMMA
) -> dict[float, Robust]:
    """What follows at radii that were fixed before the votes: at all of them at once.

    `here` holds at every other radius too, unless there is but one: that one's is sharper. The
    statements about the population share γ.

    Args:
        counts: for each radius, how many inputs are certified with the right class.
        tried: N, all inputs: abstentions, failures and unfinished ones too.
        alpha: error rate of each certificate.
        gamma: how often each of the two kinds of statement may be false.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 ≤ α < 1 and 0 < γ < 1.

    Example:
        >>> found = robust_at({0.5: 300}, 500, 0.001)[0.5]
        >>> found.here, round(found.population, 4)
        (297, 0.5298)
    """
    here = robust_in_table_at if len(counts) == 1 else robust_in_table
    return {
        radius: Robust(
            here=here(count, tried, alpha, gamma),
            population=robust_in_population(count, tried, alpha, gamma / len(counts)),
        )
        for radius, count in counts.items()
    }


def simultaneous_sentence(alpha: float, tried: int) -> str:
    """What radii of all inputs at once say (`certification.together.radii_together`)."""
    return (
        f"All of these radii are true at once, except with probability {alpha}: each is read at "
        f"level α/N, for the N = {tried:,} inputs tried (Bonferroni). They may be compared, picked "
        "by their size and read as a curve. This is a statement of its own beside the certificates "
        "of single inputs, not the larger of the two for any input."
    )


def holm_sentence(alpha: float, tried: int, radius: float, declared: bool) -> str:
    """What inputs certified together at one radius say (`certified_together`)."""
    text = (
        f"None of the inputs certified at radius {radius!r} by Holm's procedure is certified "
        f"falsely, except with probability {alpha} for all N = {tried:,} tried. It says nothing at "
        "any other radius, and is a statement of its own beside the certificates of single inputs."
    )
    if declared:
        return f"{text} The radius was fixed in the run's specification."
    return (
        f"{text} Exploratory: this radius is not the one that the run's specification asks for, so "
        "it holds only if the radius was fixed before anybody saw the votes."
    )
