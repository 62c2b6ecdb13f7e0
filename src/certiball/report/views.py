"""A study as a page shows it: every number already a text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from certiball.claim import Draw, arithmetic
from certiball.report.attack_view import AttackView, attack_view
from certiball.report.bars import radius_histogram, votes_bar
from certiball.report.curves import (
    certified_count,
)
from certiball.report.exact import NOT_DRAWN, is_exact
from certiball.report.family import FamilyRow, family_rows, family_sentences
from certiball.report.off_grid import off_grid_radius
from certiball.report.pictures import data_uri, groups
from certiball.report.statements import Statement
from certiball.report.study import FAILED, Entry, Origin, Study
from certiball.report.texts import at_least, confidence, number, plain
from certiball.report.threats import NAMED, ThreatRow, threat_rows
from certiball.report.threats import USUAL as USUAL_THREATS
from certiball.report.tiles import Tile, VerdictRow, tiles, verdict_rows
from certiball.statistics.guarantees import robust_at
from certiball.statistics.multiplicity import below_curve
from certiball.statistics.rounding import format_down, format_up
from certiball.threats.threat import Threat
from certiball.votes import Votes


@dataclass(frozen=True, kw_only=True)
class Card:
    """One input: its picture, votes and radius."""

    picture: str | None
    title: str
    radius: str
    off_grid: str | None
    reason: str | None
    bar: str | None
    votes: str | None


@dataclass(frozen=True, kw_only=True)
class CardGroup:
    """Cards under a heading."""

    title: str
    explanation: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class ProofRow:
    """What the counts at one radius prove; a log without a claim proves nothing."""

    radius: str
    certified: str
    table: str | None
    population: str | None


@dataclass(frozen=True, kw_only=True)
class StudyView:
    """One study, ready for the page."""

    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    verdicts: tuple[VerdictRow, ...]
    confidence: str
    histogram: str
    groups: tuple[CardGroup, ...]
    proofs: tuple[ProofRow, ...]
    one_radius: bool
    below_curve: str  # percentage points
    family: tuple[FamilyRow, ...]
    family_says: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    unfinished: int
    threats: tuple[ThreatRow, ...]
    threats_are: str
    attacked: AttackView | None


def study_view(
    study: Study,
    radii: Sequence[float],
    series: int,
    threats: Sequence[Threat] | None = None,
) -> StudyView:
    """All parts of the page that show one study.

    Args:
        study: the study.
        radii: where its table has rows; fixed without a look at the results.
        series: its place among the studies, for its colour.
        threats: judged by its certificates; the usual ones if none are given.
    """
    return StudyView(
        title=study.title,
        subtitle=_subtitle(study),
        tiles=tiles(study),
        verdicts=verdict_rows(study),
        confidence="" if study.asked is None else confidence(study.asked.beta),
        histogram=radius_histogram(study, series),
        groups=_groups(study),
        proofs=_proofs(study, radii),
        one_radius=len(radii) == 1,
        below_curve=_below_curve(study),
        family=family_rows(study, radii),
        family_says=family_sentences(study),
        facts=_facts(study),
        # Those of a published log stand with what the log leaves out.
        unfinished=study.unfinished,
        notes=study.notes if study.origin is Origin.RUN else (),
        threats=threat_rows(study, threats),
        threats_are=USUAL_THREATS if threats is None else NAMED,
        attacked=attack_view(study),
    )


def merged(
    studies: Sequence[Study], speak: Callable[[Study], tuple[Statement, ...]]
) -> list[tuple[Statement, tuple[str, ...]]]:
    """Each statement once, with the studies that it is about; no names where it is about all."""
    about: dict[Statement, list[str]] = {}
    for study in studies:
        for statement in speak(study):
            about.setdefault(statement, []).append(study.title)
    everyone = len(studies)
    return [
        (statement, () if len(titles) == everyone else tuple(titles))
        for statement, titles in about.items()
    ]


def _subtitle(study: Study) -> str:
    parts = [f"{number(study.size)} inputs tried"]
    if study.unfinished:
        parts = [f"{number(study.size)} of {number(study.planned)} inputs finished"]
    if study.n is not None:
        most = "n =" if study.asked is None else "at most"
        asked = f"{most} {number(study.n)} votes each"
        parts.append(f"all {number(study.n)} views asked" if is_exact(study.claim) else asked)
    if study.claim is not None:
        parts.append(str(study.claim.law))
        if is_exact(study.claim):
            parts.append("no α")
        else:
            parts.append(f"α = {study.claim.alpha}")
            parts.append(f"{arithmetic(study.claim.space)} arithmetic")
    if study.origin is Origin.PUBLISHED:
        parts.append(study.origin.value)
    return "\u00a0· ".join(parts)


def _groups(study: Study) -> tuple[CardGroup, ...]:
    if study.picture is None and not any(e.estimation or e.failed for e in study.entries):
        return ()
    return tuple(
        CardGroup(
            title=group.title,
            explanation=group.explanation,
            cards=tuple(_card(study, entry) for entry in group.entries),
        )
        for group in groups(study)
    )


def _card(study: Study, entry: Entry) -> Card:
    pixels = None if study.picture is None else study.picture(entry.index)
    title = f"{study.class_name(entry.label)} · input {entry.index}"
    if entry.predicted is None:
        radius, shift = "failed" if entry.failed else "abstained", None
    else:
        beside = "" if entry.classical is None else f" ({format_down(entry.classical.radius)})"
        whole = study.claim is not None and study.claim.norm.counts
        radius = f"R = {format_down(entry.radius, 0 if whole else 4)}{beside}"
        shift = off_grid_radius(entry.radius, study.claim, study.dimension)
        if not entry.correct:
            title += f", certified as {study.class_name(entry.predicted)}"
    return Card(
        picture=None if pixels is None else data_uri(pixels),
        title=title,
        radius=radius,
        off_grid=None if shift is None else f"{format_down(shift)} off the grid",
        reason=_failure(entry),
        bar=None if entry.estimation is None else votes_bar(entry.estimation),
        votes=None if entry.estimation is None else _votes(study, entry.estimation),
    )


def _failure(entry: Entry) -> str | None:
    """Why an input failed; its card says already that it did."""
    return (entry.reason or "").removeprefix(f"{FAILED}: ") if entry.failed else None


def _votes(study: Study, votes: Votes) -> str:
    first, second = votes.winner, votes.runner_up
    rest = votes.total - votes.counts[first] - votes.counts[second]
    parts = [f"{study.class_name(c)}:\u00a0{number(votes.counts[c])}" for c in (first, second)]
    if not votes.counts[second]:
        parts.pop()
    return "\u00a0· ".join([*parts, f"others:\u00a0{number(rest)}"] if rest else parts)


def _proofs(study: Study, radii: Sequence[float]) -> tuple[ProofRow, ...]:
    """A row for each radius that was asked about; all radii share the error rate, shown or not.

    Unfinished inputs count as not certified. Finishing them cannot lower a count, so the bounds
    hold whatever stopped the run.
    """
    tried, claim = study.planned, study.claim
    counts = {radius: certified_count(study, radius) for radius in radii}
    proven = {} if claim is None else robust_at(counts, tried, claim.alpha)
    rows = []
    for radius in filter(study.asks, radii):
        robust = proven.get(radius)
        rows.append(
            ProofRow(
                radius=plain(radius),
                certified=f"{number(counts[radius])} of {number(tried)}",
                table=None if robust is None else f"≥ {number(robust.here)}",
                population=None if robust is None else at_least(robust.population),
            )
        )
        if not counts[radius]:  # more such rows say nothing
            break
    return tuple(rows)


def _below_curve(study: Study) -> str:
    """How far below the curve new inputs may lie; empty where nothing is known of its whole."""
    if study.claim is None or study.unfinished:
        return ""
    return format_up(100 * below_curve(study.size, study.claim.alpha), 1)


def _facts(study: Study) -> tuple[tuple[str, str], ...]:
    facts = [("origin", study.origin.value)]
    if study.claim is not None:
        claim = study.claim
        facts += [
            ("noise", str(claim.law)),
            ("norm", str(claim.norm)),
            ("rule", claim.rule.value),
            ("bound", claim.bound.value),
            ("α per input", NOT_DRAWN if is_exact(claim) else f"{claim.alpha}"),
            ("inputs live in", str(claim.space)),
        ]
        if not is_exact(claim):
            facts.append(("arithmetic", arithmetic(claim.space)))
    if study.n0 is not None and study.n is not None:
        most = "" if study.asked is None else "at most "
        votes = f"{number(study.n0)} to select, {most}{number(study.n)} to estimate"
        if is_exact(study.claim):
            votes = f"{number(study.n)}, one of each view"
        facts.append(("votes", votes))
    if study.dimension is not None:
        facts.append(("numbers in an input", number(study.dimension)))
    if study.randomness:
        drawn = NOT_DRAWN if is_exact(study.claim) else _seeds(study.randomness)
        facts.append(("randomness", drawn))
    return (*facts, *study.facts)


def _seeds(draws: Sequence[Draw]) -> str:
    if len(draws) == 1:
        return str(draws[0])
    return f"{len(draws)} seeds, {sum(draw.chosen for draw in draws)} of them chosen by the user"
