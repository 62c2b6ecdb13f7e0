"""The page of a study of attacks: claims, figures and the table, as Markdown and as HTML."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from certiball.atomic import write_atomically
from certiball.report.palette import DARK, LIGHT
from certiball.report.study_captions import captions
from certiball.report.study_figures import study_figures, write_figures
from certiball.report.study_files import write_tables
from certiball.report.texts import number
from certiball.study.compared import Measure
from certiball.study.conduct import Study
from certiball.study.findings import FEWEST, Finding, Verdict, findings
from certiball.study.paper import paper
from certiball.study.table import Network, Results, Row

UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """A claim with what became of it.

    Args:
        number: of the claim.
        claim: itself.
        paper: its verdict by the paper's own numbers.
        claimed: by the distances that attacks claim.
        verified: by those that fresh noise confirms.
        figures: that the first of our verdicts rests on.
        figures_verified: likewise of the second.
    """

    number: int
    claim: str
    paper: str
    claimed: str
    verified: str
    figures: tuple[str, ...]
    figures_verified: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Cells of one row of the table, as text."""

    defence: str
    level: str
    attack: str
    accuracy: str
    images: str
    claimed: str
    verified: str
    queries: str
    forwards: str


def write_study(home: Path, study: Study, page: Path | None = None) -> None:
    """Write figures (SVG and PDF), data (CSV), study.md and study.html.

    Args:
        home: folder of the study.
        study: finished.
        page: where else to write the Markdown, with its figures as SVG in pictures beside it, in
            a folder of its name.

    Raises:
        StoreError: if a file cannot be written.
    """
    figures = study_figures(study)
    write_figures(home / "figures", figures, ("svg", "pdf"))
    write_tables(home / "data", study)
    write_atomically(home / "study.md", render_markdown(study, "figures"))
    drawn = {name: (home / "figures" / f"{name}.svg").read_text() for name in figures}
    write_atomically(home / "study.html", render_html(study, drawn))
    if page is not None:
        write_figures(page.parent / "pictures" / page.stem, figures, ("svg",))
        write_atomically(page, render_markdown(study, f"pictures/{page.stem}"))


def render_markdown(study: Study, pictures: str) -> str:
    """The page as Markdown.

    Args:
        study: finished.
        pictures: the folder of figures, as links name it.
    """
    return (
        _environment(html=False)
        .get_template("study.md")
        .render(**_content(study), pictures=pictures)
    )


def render_html(study: Study, drawn: dict[str, str]) -> str:
    """The page as one HTML file.

    Args:
        study: finished.
        drawn: each figure as SVG, by name.
    """
    inside = {name: Markup(text[text.index("<svg") :]) for name, text in drawn.items()}
    return (
        _environment(html=True)
        .get_template("study.html")
        .render(**_content(study), drawn=inside, light=LIGHT, dark=DARK)
    )


def _environment(*, html: bool) -> Environment:
    return Environment(
        loader=PackageLoader("certiball.report"),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _content(study: Study) -> dict[str, object]:
    rows = study.results.rows
    own = [row for row in rows if row.space == study.results.space]
    return {
        "study": study,
        "plan": study.plan,
        "shape": " × ".join(map(str, study.shape)),
        "networks": _networks(study.results),
        "few": min((row.images for row in own), default=0) < FEWEST,
        "fewest": FEWEST,
        "claims": claim_views(study.results),
        "captions": captions(study),
        "lines": [_line(row) for row in own],
        "asides": [_line(row) for row in rows if row.space != study.results.space],
        "bare": next((_line(row) for row in own if row.attack == "HSJA"), None),
        "probe": _probe(study),
        "forwards": number(sum(row.forwards for row in rows)),
    }


def _probe(study: Study) -> str:
    """How far a probe of HSJA as published moves each value, against the grid's step."""
    bare = study.results.bare("HSJA")
    if bare is None or study.step is None:
        return ""
    deviation = bare.mean_claimed / math.prod(study.shape) ** 1.5
    return f"{deviation:.2g} beside a step of {study.step:.2g}"


def claim_views(results: Results) -> list[ClaimView]:
    """Every claim with its three verdicts."""
    by_paper = findings(paper())
    claimed, verified = (findings(results, measure) for measure in Measure)
    return [
        ClaimView(
            number=ours.number,
            claim=ours.claim,
            paper=UNKNOWN if theirs.verdict is Verdict.OPEN else theirs.verdict.value,
            claimed=_verdict(ours),
            verified=_verdict(checked),
            figures=ours.figures,
            figures_verified=checked.figures,
        )
        for theirs, ours, checked in zip(by_paper, claimed, verified, strict=True)
    ]


def _verdict(finding: Finding) -> str:
    """What the images decide; where they are too few, also what they would."""
    if finding.verdict is not Verdict.OPEN or finding.leaning is Verdict.OPEN:
        return finding.verdict.value
    return f"{finding.verdict.value} (these images: {finding.leaning.value})"


def _networks(results: Results) -> Sequence[str]:
    there = {row.defence.network for row in results.rows}
    return [network.value for network in Network if network.value in there]


def _line(row: Row) -> Line:
    return Line(
        defence=str(row.defence),
        level=UNKNOWN if row.level is None else f"{row.level:g}",
        attack=row.attack,
        accuracy=f"{row.accuracy:.3f}",
        images=f"{row.images} + {row.misclassified}",
        claimed="; ".join(_distances(row.mean_claimed, row.median_claimed, row.found, row.images)),
        verified="; ".join(
            _distances(row.mean_verified, row.median_verified, row.verified, row.images)
        ),
        queries=f"{row.queries:.0f}",
        forwards=number(row.forwards),
    )


def _distances(mean: float, median: float, count: int, images: int) -> Iterator[str]:
    """The mean and the median, and for how many there is a distance if not for all."""
    yield f"{_text(mean)}, {_text(median)}"
    if count < images:
        yield f"{count} of {images}"


def _text(distance: float) -> str:
    if math.isnan(distance):
        return UNKNOWN
    return "∞" if math.isinf(distance) else f"{distance:.3g}"
