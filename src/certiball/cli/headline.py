"""The numbers that a command ends with."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from certiball.cli.output import counted

if TYPE_CHECKING:
    from certiball.report.attacked import Beside
    from certiball.report.curves import Share
    from certiball.report.study import Study
    from certiball.runs.spec import RunSpec


def goal(spec: "RunSpec") -> str:
    """What a run can certify, or is asked to."""
    from certiball.certification.judge import largest_radius
    from certiball.certification.target_radius import TargetRadius
    from certiball.report.texts import listed, number, plain
    from certiball.statistics.rounding import format_down
    from certiball.votes import Design
    from certiball.wording import unit_of

    plan, norm = spec.plan, unit_of(spec.claim)
    if isinstance(plan, TargetRadius):
        radii = listed(map(plain, plan.ascending))
        each = "is radius" if len(plan.ascending) == 1 else "which of the radii"
        several = "" if len(plan.ascending) == 1 else "are "
        return (
            f"{each} {radii} ({norm}) {several}certified? Votes stop when that is clear, or at "
            f"{number(plan.most)} each"
        )
    digits = 0 if spec.claim.norm.counts else 4
    largest = format_down(largest_radius(spec.question, plan), digits)
    text = f"radii up to {largest} ({norm}) can be certified"
    stops = plan.design is Design.STOPPED
    return f"{text}, with {number(plan.most)} votes each" if stops else text


def numbers(study: "Study") -> dict[str, Any]:
    """Rates over all inputs tried, for programs; None where unknown.

    Where votes stopped by a rule, smoothed accuracy, abstentions and the average radius are those
    of the votes at the stop; certified accuracy is given at the radii that were asked for.
    """
    from certiball.report import curves
    from certiball.report.radii import default_radii
    from certiball.report.texts import plain
    from certiball.report.verdicts import mean_samples, verdict_counts

    clean, smoothed = curves.clean_accuracy(study), curves.smoothed_accuracy(study)
    return {
        "inputs": study.size,
        "unfinished": study.unfinished,
        "clean_accuracy": clean.value if clean else None,
        "smoothed_accuracy": smoothed.value if smoothed else None,
        "abstentions": curves.abstentions(study).value,
        "average_radius": curves.average_radius(study),
        "mean_samples": mean_samples(study),
        "targets": [asdict(row) for row in verdict_counts(study)],
        "certified_accuracy": {
            plain(radius): curves.certified_accuracy(study, radius).value
            for radius in default_radii([study])
        },
        "attacked": _attacked_numbers(study),
    }


def lines(study: "Study") -> list[str]:
    """The same for people."""
    from certiball.report import curves
    from certiball.report.radii import default_radii
    from certiball.report.texts import plain
    from certiball.report.tiles import AT_THE_STOP

    stop = "" if study.asked is None else AT_THE_STOP
    parts = [
        f"{name} {_percent(share)}"
        for name, share in (
            ("clean accuracy", curves.clean_accuracy(study)),
            (f"smoothed accuracy{stop}", curves.smoothed_accuracy(study)),
        )
        if share is not None
    ]
    parts.append(f"no certificate{stop} {_percent(curves.abstentions(study), up=True)}")
    rates = [(plain(r), curves.certified_accuracy(study, r)) for r in default_radii([study])]
    shown = next((i for i, (_, share) in enumerate(rates) if not share.count), len(rates)) + 1
    radii = ", ".join(f"{_percent(share)} at {radius}" for radius, share in rates[:shown])
    return [
        f"{study.title}, {_which(study)}: {', '.join(parts)}",
        *_verdicts(study),
        f"certified accuracy by radius: {radii}",
        *_attacked(study),
        *_samples(study),
        *(["certiball merge joins the shards"] if study.shards else []),
    ]


def _attacked(study: "Study") -> list[str]:
    """What attacks left standing, never without what is proven of the same inputs."""
    from certiball.report.texts import plain

    rows = _beside(study)
    if not rows:
        return []
    told = ", ".join(
        f"at most {_percent(row.attacked, up=True)} and at least {_percent(row.certified)} at "
        f"{plain(row.radius)}"
        for row in rows
    )
    return [
        f"attacked and certified accuracy of the {counted(rows[0].attacked.total, 'input')} that "
        f"were attacked: {told}"
    ]


def _attacked_numbers(study: "Study") -> dict[str, Any] | None:
    """The same for programs; None where nobody attacked."""
    from certiball.report.texts import plain

    rows = _beside(study)
    if not rows or study.attacks is None:
        return None
    return {
        "inputs": rows[0].attacked.total,
        "attacks": [row.name for row in study.attacks.rows],
        "attacked_accuracy": {plain(row.radius): row.attacked.value for row in rows},
        "certified_accuracy": {plain(row.radius): row.certified.value for row in rows},
    }


def _beside(study: "Study") -> list["Beside"]:
    """The accuracies at the radii that are shown; none where nobody attacked."""
    from certiball.report.attacked import beside, ends
    from certiball.report.radii import default_radii

    if not ends(study):
        return []
    return [beside(study, radius) for radius in default_radii([study]) if study.asks(radius)]


def _percent(share: "Share", *, up: bool = False) -> str:
    """As the report has it, in the terminal's style."""
    from certiball.report.texts import percent

    return percent(share, up=up).replace("\u202f", "")


def _which(study: "Study") -> str:
    """Of which inputs the numbers are."""
    from certiball.report.texts import these_shards

    if study.shards:
        whose = "its" if len(study.shards) == 1 else "their"
        return f"{these_shards(study.shards)} with all of {whose} {counted(study.size, 'input')}"
    if study.unfinished:
        return f"only the {study.size} finished of {study.planned} inputs, which prove nothing yet"
    return counted(study.size, "input")


def _verdicts(study: "Study") -> list[str]:
    """One line for each radius that was asked for."""
    from certiball.report.texts import confidence, number, plain
    from certiball.report.verdicts import verdict_counts

    sure = "" if study.asked is None else f" (confidence {confidence(study.asked.beta)})"
    return [
        f"radius {plain(row.radius)}: {number(row.certified)} certified ({number(row.right)} with "
        f"the right class), {number(row.not_certified)} not certified{sure}, "
        f"{number(row.undecided)} undecided"
        for row in verdict_counts(study)
    ]


def _samples(study: "Study") -> list[str]:
    """Where votes stopped by a rule, how many there were."""
    from certiball.report.texts import number
    from certiball.report.tiles import of_the_most
    from certiball.report.verdicts import mean_samples

    mean = mean_samples(study)
    if study.asked is None or mean is None:
        return []
    return [f"{number(round(mean))} samples per input on average{of_the_most(study)}"]
