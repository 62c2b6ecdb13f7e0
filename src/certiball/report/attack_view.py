"""Clean, attacked and certified accuracy as a page shows them: every number already a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from certiball.report.attack_charts import accuracies_chart, gaps_chart, scale_of
from certiball.report.attacked import Beside, attacked_part, beside, ends
from certiball.report.breach import AttackRow, Attacks
from certiball.report.charts import NARROW, WIDE, Size
from certiball.report.curves import Share, clean_accuracy
from certiball.report.exact import is_exact
from certiball.report.radii import default_radii
from certiball.report.statements import Statement
from certiball.report.study import Study
from certiball.report.texts import confidence, interval, listed, number, percent, plain
from certiball.report.tiles import UNKNOWN, Tile
from certiball.statistics.rounding import format_up

LOW, LOW_NARROW = (
    Size(width=WIDE.width, height=320, font=WIDE.font, x_ticks=WIDE.x_ticks, names=0),
    Size(width=NARROW.width, height=280, font=NARROW.font, x_ticks=NARROW.x_ticks, names=0),
)
MOST_ROWS = 9


@dataclass(frozen=True, kw_only=True)
class AccuracyRow:
    """The three accuracies at one radius, in percent."""

    radius: str
    clean: str
    attacked: str
    certified: str


@dataclass(frozen=True, kw_only=True)
class AttackLine:
    """What one attack did, as a line of a table."""

    name: str
    settings: str
    misclassified: str
    verified: str
    unconfirmed: str
    nothing: str
    claimed: str
    confirmed: str
    queries: str


@dataclass(frozen=True, kw_only=True)
class AttackView:
    """The part of a study's page that is about attacks."""

    subtitle: str
    tiles: tuple[Tile, ...]
    curves: tuple[str, str]  # wide and narrow
    gaps: tuple[str, str]
    rows: tuple[AccuracyRow, ...]
    attacks: tuple[AttackLine, ...]
    says: tuple[Statement, ...]


def attack_view(study: Study) -> AttackView | None:
    """All of it; None where nobody attacked."""
    attacks = study.attacks
    if attacks is None or not ends(study):
        return None
    return AttackView(
        subtitle=_subtitle(study, attacks),
        tiles=_tiles(study, attacks),
        curves=(accuracies_chart(study, WIDE), accuracies_chart(study, NARROW)),
        gaps=(gaps_chart(study, LOW), gaps_chart(study, LOW_NARROW)),
        rows=tuple(_row(beside(study, r), asked=study.asks(r)) for r in _radii(study)),
        attacks=tuple(map(_line, attacks.rows)),
        says=tuple(_says(study, attacks)),
    )


def _subtitle(study: Study, attacks: Attacks) -> str:
    there = len(ends(study))
    inputs = f"{number(there)} inputs attacked"
    if attacks.planned > there:
        inputs = f"{number(there)} of {number(attacks.planned)} inputs attacked"
    names = list(dict.fromkeys(row.name for row in attacks.rows))
    return f"{inputs} by {listed(names)}. All numbers here are of these inputs."


def _tiles(study: Study, attacks: Attacks) -> tuple[Tile, ...]:
    known, part = ends(study), attacked_part(study)
    base = clean_accuracy(part)
    asked = [r for r in default_radii([study]) if r > 0 and study.asks(r)]
    at = beside(study, asked[0] if asked else 0.0)
    where = plain(at.radius)
    open_ones = sum(each.distance == math.inf for each in known)
    times = sorted(e.distance / e.radius for e in known if e.radius and e.distance < math.inf)
    rates = (
        ("Base classifier, clean", base, False),
        (_attacked_name(attacks), at.clean, True),
        (f"Attacked at {where}", at.attacked, True),
        (f"Certified at {where}", at.certified, False),
    )
    return (
        *(_rate(name, share, up=up) for name, share, up in rates),
        Tile(name="Nothing verified", value=number(open_ones), detail="inputs: an open question"),
        Tile(
            name="Distance over radius",
            value=f"{format_up(median(times), 1)} ×" if times else UNKNOWN,
            detail=f"median of {number(len(times))} inputs with both",
        ),
    )


def _attacked_name(attacks: Attacks) -> str:
    """The tile's name of the model that was attacked: it answers by a few votes."""
    votes = sorted({row.votes for row in attacks.rows})
    return f"Smoothed, {listed(number(n) for n in votes)} vote{'s' * (votes != [1])}, clean"


def _rate(name: str, share: Share | None, *, up: bool) -> Tile:
    if share is None:
        return Tile(name=name, value=UNKNOWN, detail="not measured")
    bound = "at most; " if up else ""
    return Tile(
        name=name, value=percent(share, up=up), detail=f"{bound}{interval(share)} (95\u202f%)"
    )


def _radii(study: Study) -> tuple[float, ...]:
    """Where the table has rows: over all distances, for attacks reach further than radii."""
    return (*scale_of(study).marks(MOST_ROWS),)


def _row(at: Beside, *, asked: bool) -> AccuracyRow:
    return AccuracyRow(
        radius=plain(at.radius),
        clean=percent(at.clean, up=True),
        attacked=f"≤ {percent(at.attacked, up=True)}",
        certified=f"≥ {percent(at.certified)}" if asked else UNKNOWN,
    )


def _line(row: AttackRow) -> AttackLine:
    moved = sorted(row.distances)[row.misclassified :]  # theirs are 0
    verified = sum(confirmed < math.inf for _, confirmed in moved)
    believed = sum(claimed < math.inf for claimed, _ in moved)
    queries = median(row.queries) if row.queries else 0
    return AttackLine(
        name=row.name,
        settings=_settings(row),
        misclassified=number(row.misclassified),
        verified=number(verified),
        unconfirmed=number(max(0, believed - verified)),
        nothing=number(len(moved) - believed),
        claimed=_median([claimed for claimed, _ in moved]),
        confirmed=_median([confirmed for _, confirmed in moved]),
        queries=UNKNOWN if row.budget is None else number(round(queries)),
    )


def _settings(row: AttackRow) -> str:
    inputs = number(len(row.distances))
    return f"{row.norm}, n = {number(row.votes)}, level {row.level:g}, {inputs} inputs"


def _median(distances: Sequence[float]) -> str:
    """Of all inputs that were attacked, those without a point at ∞."""
    middle = median(distances) if distances else math.inf
    return UNKNOWN if middle == math.inf else format_up(middle, 3)


def _says(study: Study, attacks: Attacks) -> list[Statement]:
    claim = study.claim
    sure = "with no error rate, for every view was asked"
    if claim is not None and not is_exact(claim):
        sure = f"and each radius is false with probability at most {claim.alpha}"
    return [
        Statement(
            head="Certified, from below: a proof.",
            text="No perturbation shorter than the radius changes the likeliest class under "
            f"noise, {sure}.",
        ),
        Statement(head="Attacked, from above: points that were found.", text=_found(attacks)),
        Statement(
            head="An attack that finds nothing proves nothing.",
            text="Where no point was found, or fresh noise confirmed none, a better attack may "
            "find one: attacked accuracy is what these attacks left standing, not robustness.",
        ),
        Statement(
            head="Two models, strictly.",
            text="A certificate speaks of the likeliest class of all noise, and what was attacked "
            "answers by a majority of a few votes, which is wrong more often. So a point may be "
            "adversarial for a few votes inside of a radius, and both be true; what contradicts "
            "a certificate is another class that is likelier there, and certiball attack stops "
            "with exit code 1 if that is shown.",
        ),
    ]


def _found(attacks: Attacks) -> str:
    levels = listed(sorted({f"{100 * row.level:g}\u202f%" for row in attacks.rows}))
    votes = listed([str(n) for n in sorted({row.votes for row in attacks.rows})])
    error = min(1.0, sum(row.alpha for row in attacks.rows))
    each = confidence(max(row.alpha for row in attacks.rows))
    most = (
        f" The closest of {len(attacks.rows)} attacks is taken, which is wrong with probability "
        f"at most {error:g}."
        if len(attacks.rows) > 1
        else ""
    )
    return (
        f"Each was judged again on fresh noise: with confidence {each} the model (n = {votes} "
        f"votes) answers it adversarially at least {levels} of the time. Distances are after "
        f"rounding to the grid, as the model sees the point, and rounded up.{most}"
    )
