"""What may be said of a whole table: each number beside the sentence that says what it covers."""

from collections.abc import Mapping
from dataclasses import dataclass

from certiball.statistics.multiplicity import (
    GAMMA,
    any_false,
    false_certificates,
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
)
from certiball.statistics.rounding import format_down, format_up


@dataclass(frozen=True, kw_only=True)
class Guarantee:
    """A number on the safe side, as digits, and what it is a bound on."""

    name: str
    value: str
    sentence: str


def table_guarantees(
    counts: Mapping[float, int], tried: int, alpha: float, gamma: float = GAMMA
) -> tuple[Guarantee, ...]:
    """Everything that follows from counts at radii that were fixed before the votes.

    Args:
        counts: for each radius, how many inputs are certified with the right class.
        tried: N, all inputs: abstentions, failures and unfinished ones too.
        alpha: error rate of each certificate.
        gamma: how often each of the last two kinds of statement may be false.

    Raises:
        InputError: unless 0 ≤ K ≤ N, 0 < α < 1 and 0 < γ < 1.

    Example:
        >>> for each in table_guarantees({0.5: 300}, 500, 0.001):
        ...     print(each.name, each.value)
        false certificates expected ≤ 0.500
        chance of any false certificate ≤ 0.3937
        robust here at 0.5 ≥ 297
        robust in the population at 0.5 ≥ 0.5298
    """
    found = [_expected(tried, alpha), _any(tried, alpha)]
    for radius, count in counts.items():
        found.append(_here(radius, (count, tried), alpha, gamma, alone=len(counts) == 1))
        found.append(_population(radius, (count, tried), alpha, gamma, len(counts)))
    return tuple(found)


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


def _expected(tried: int, alpha: float) -> Guarantee:
    return Guarantee(
        name="false certificates expected",
        value=f"≤ {false_certificates(alpha, tried)}",
        sentence=f"Of the N = {tried:,} inputs tried at most αN certificates are expected to be "
        "false, over all radii together. N counts all inputs, not only certified ones.",
    )


def _any(tried: int, alpha: float) -> Guarantee:
    return Guarantee(
        name="chance of any false certificate",
        value=f"≤ {format_up(any_false(alpha, tried))}",
        sentence="The probability that any certificate of the table is false at all is at most "
        "1 − (1 − α)^N, for noise that is independent between inputs.",
    )


def _here(
    radius: float, counts: tuple[int, int], alpha: float, gamma: float, *, alone: bool
) -> Guarantee:
    bound = robust_in_table_at if alone else robust_in_table
    which = "This radius was fixed beforehand, and it is said of no other."
    if not alone:
        which = "It holds at all radii at once."
    return Guarantee(
        name=f"robust here at {radius!r}",
        value=f"≥ {bound(*counts, alpha, gamma)}",
        sentence="So many of these inputs truly keep the right class at the radius, except with "
        f"probability {gamma}. {which} It is about these inputs, not about others like them.",
    )


def _population(
    radius: float, counts: tuple[int, int], alpha: float, gamma: float, radii: int
) -> Guarantee:
    shared = f", over all {radii} radii together" if radii > 1 else ""
    bound = robust_in_population(*counts, alpha, gamma / radii)
    return Guarantee(
        name=f"robust in the population at {radius!r}",
        value=f"≥ {format_down(bound)}",
        sentence="If these inputs were drawn independently from a population, at least this share "
        f"of it keeps the right class at the radius, except with probability {gamma}{shared}: "
        "errors of certificates and of the draw are in it. The radii were fixed beforehand.",
    )
