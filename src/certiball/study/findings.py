"""What became of each claim, with the figures that it rests on."""

from dataclasses import dataclass, replace
from enum import Enum

from certiball.study.claims import CLAIMS
from certiball.study.compared import Measure, counted
from certiball.study.table import Results

FEWEST = 30  # images with a distance; a mean over fewer decides nothing


class Verdict(Enum):
    """What the table says of a claim."""

    HELD = "held"
    FAILED = "did not hold"
    OPEN = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A claim, and what came of it.

    Args:
        number: in the order of the paper; 8 is about the adaptive radius.
        claim: as a sentence.
        verdict: inconclusive where cells of at least `FEWEST` images do not decide it.
        leaning: what all cells together say, however few their images.
        figures: on which that rests.
    """

    number: int
    claim: str
    verdict: Verdict
    leaning: Verdict
    figures: tuple[str, ...]


def findings(results: Results, measure: Measure = Measure.CLAIMED) -> tuple[Finding, ...]:
    """What became of each claim.

    Args:
        results: the table and what was certified.
        measure: which distances decide.
    """
    solid_rows = tuple(row for row in results.rows if counted(row, measure) >= FEWEST)
    enough = replace(results, rows=solid_rows)
    found = []
    for number, (claim, judge) in enumerate(CLAIMS, start=1):
        every, solid = judge(results, measure), judge(enough, measure)
        shown = every if solid.holds is None else solid
        found.append(
            Finding(
                number=number,
                claim=claim,
                verdict=_verdict(solid.holds),
                leaning=_verdict(every.holds),
                figures=shown.figures,
            )
        )
    return tuple(found)


def _verdict(holds: bool | None) -> Verdict:
    if holds is None:
        return Verdict.OPEN
    return Verdict.HELD if holds else Verdict.FAILED
