"""What radii are measured in: the norm and unit that studies on one axis must share."""

from collections.abc import Sequence

from certiball.report.study import Study
from certiball.wording import unit_of


def radius_name(studies: Sequence[Study]) -> str:
    """What an axis of radii is called: with the norm, where all claims have the same."""
    norms = {None if study.claim is None else unit_of(study.claim) for study in studies}
    known = norms.pop() if len(norms) == 1 else None
    return "radius" if known is None else f"radius ({known})"


def alike(studies: Sequence[Study]) -> list[tuple[Study, ...]]:
    """Studies whose radii may share an axis: of the same norm and unit, each group in order.

    Logs that state no claim stand with the first group, for nothing says where they belong.
    """
    groups: dict[str, list[Study]] = {}
    named = [study for study in studies if study.claim is not None]
    usual = "" if not named else _measure(named[0])
    for study in studies:
        groups.setdefault(usual if study.claim is None else _measure(study), []).append(study)
    return [tuple(group) for group in groups.values()]


def _measure(study: Study) -> str:
    return "" if study.claim is None else f"{study.claim.norm} {unit_of(study.claim)}"


def counts(studies: Sequence[Study]) -> bool:
    """Whether all radii are whole numbers, of pixels."""
    return all(study.claim is not None and study.claim.norm.counts for study in studies)
