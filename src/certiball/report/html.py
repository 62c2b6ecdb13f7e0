"""One self-contained page: no scripts, nothing loaded from elsewhere."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from certiball.atomic import write_atomically
from certiball.balls import Norm
from certiball.certification.meaning import is_sound
from certiball.claim import Claim
from certiball.errors import InputError
from certiball.report.curves import certified_accuracy
from certiball.report.differences import differences
from certiball.report.exact import is_exact
from certiball.report.granted import granted
from certiball.report.measure import alike
from certiball.report.palette import DARK, LIGHT, colour
from certiball.report.panels import panel
from certiball.report.radii import default_radii
from certiball.report.statements import missing, said, unsaid
from certiball.report.study import Study
from certiball.report.texts import interval, number, percent, plain, these_shards
from certiball.report.views import merged, study_view
from certiball.threats.threat import Threat
from certiball.wording import extent, in_floats

TITLE = "Certified robustness"


def render(
    studies: Sequence[Study],
    title: str = TITLE,
    radii: Sequence[float] | None = None,
    threats: Sequence[Threat] | None = None,
) -> str:
    """The report of one or more studies as HTML.

    Args:
        studies: shown side by side, in this order.
        title: the page's heading.
        radii: where tables have rows, ascending, fixed before the results were known; by
            default the usual ones that the claims can reach.
        threats: what the certificates are asked; by default the usual ones for such inputs.

    Raises:
        InputError: if there is no study, a radius is negative or not finite, or the budget of a
            threat seems to be in other units than the inputs'.
    """
    if not studies:
        raise InputError("a report needs at least 1 study, not 0")
    groups = [
        (each, tuple(default_radii(each) if radii is None else radii)) for each in alike(studies)
    ]
    studies = [study for group, _ in groups for study in group]
    starts = accumulate((len(group) for group, _ in groups), initial=0)
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=title,
            headline=_headline(*groups[0], alone=len(studies) == 1),
            differences=differences(studies),
            in_float=_in_float(studies),
            unfinished=[_unfinished(study) for study in studies if study.unfinished],
            panels=[panel(*each, first) for each, first in zip(groups, starts, strict=False)],
            ends=any(study.limit is not None for study in studies),
            has_targets=any(study.targets for study in studies),
            light=LIGHT,
            dark=DARK,
            views=[
                study_view(study, shown, series, threats)
                for series, (study, shown) in enumerate(
                    (study, shown) for group, shown in groups for study in group
                )
            ],
            colours=[colour(series) for series in range(len(studies))],
            declared=radii is not None,
            said=merged(studies, said),
            unsaid=merged(studies, unsaid),
            granted=merged(studies, granted),
            missing=merged(studies, missing),
        )
    )


def write_report(
    path: Path,
    studies: Sequence[Study],
    title: str = TITLE,
    radii: Sequence[float] | None = None,
    threats: Sequence[Threat] | None = None,
) -> None:
    """Write the page; a file that stands there is replaced in one step.

    Args:
        path: the file.
        studies: as for `render`, like title, radii and threats.
        title: see studies.
        radii: see studies.
        threats: see studies.

    Raises:
        InputError: as `render`.
        StoreError: if the file cannot be written.
    """
    write_atomically(path, render(studies, title, radii, threats))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("certiball.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Charts escape what they print; everything else is escaped by the template.
    environment.filters["svg"] = Markup
    return environment


def _headline(studies: Sequence[Study], radii: Sequence[float], *, alone: bool) -> dict[str, str]:
    """The best study at the first radius above 0 that any was asked for, and what that means.

    Args:
        studies: whose radii may be compared.
        radii: of their table.
        alone: whether the page has no other study, so that none need be named.
    """
    asked = [r for r in radii if r > 0 and any(study.asks(r) for study in studies)]
    radius = asked[0] if asked else min((r for s in studies for r in s.targets), default=0.0)
    best = max(
        [study for study in studies if study.asks(radius)] or studies,
        key=lambda study: certified_accuracy(study, radius).value,
    )
    share = certified_accuracy(best, radius)
    return {
        "value": percent(share),
        "interval": interval(share),
        "inputs": f"{number(share.total)} {'finished ' if best.unfinished else ''}inputs",
        "ball": _ball(best.claim, radius) if radius else "no noise",
        "ground": "as its publisher says"
        if best.claim is None
        else "by the votes of all views, with no error rate"
        if is_exact(best.claim)
        else f"by proofs that fail with probability at most {best.claim.alpha} each",
        "study": "" if alone else best.title,
    }


def _ball(claim: Claim | None, radius: float) -> str:
    """Every perturbation that a radius speaks of, in words."""
    if claim is None:
        return f"every perturbation of norm below {plain(radius)}"
    if claim.norm in (Norm.L0, Norm.PATCH, Norm.PARAMETER):
        return extent(claim, radius)
    limit = "below" if claim.strict else "at most"
    return f"every perturbation of {claim.norm} norm {limit} {plain(radius)}"


def _in_float(studies: Sequence[Study]) -> list[tuple[str, list[str]]]:
    """What was done in floating point, and the studies in which that was done."""
    found: dict[str, list[str]] = {}
    for study in studies:
        if study.claim is not None and not is_sound(study.claim):
            found.setdefault(in_floats(study.claim.law), []).append(study.title)
    return list(found.items())


def _unfinished(study: Study) -> tuple[str, str]:
    """What a reader must know first of a run that is not finished."""
    left, all_inputs = number(study.unfinished), number(study.planned)
    head = f"{study.title}: {left} of {all_inputs} inputs are not finished."
    why = "What stopped the run may have depended on its results."
    if study.shards:
        head = f"{study.title}: {these_shards(study.shards)}, whose inputs are all finished."
        why = f"The other {left} inputs are in other shards; certiball merge joins them."
    return (
        head,
        f"{why} Rates, radii and curves are of the {number(study.size)} finished inputs only. "
        f"Intervals, and what the counts prove, are about all {all_inputs}: they hold whatever the "
        "unfinished inputs give, and prove nothing for them.",
    )
