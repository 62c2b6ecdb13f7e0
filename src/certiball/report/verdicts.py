"""What became of radii that were asked for, and how many samples that took."""

from collections.abc import Iterable
from dataclasses import dataclass

from certiball.certificate import Verdict
from certiball.report.study import Entry, Study


@dataclass(frozen=True, kw_only=True)
class VerdictCount:
    """How many finished inputs have which verdict on one radius.

    Args:
        radius: that was asked for.
        certified: inputs whose class is certified there, right or wrong.
        right: those of them whose class is the true one.
        not_certified: inputs whose probability was shown to be too small for it.
        undecided: inputs whose votes ended without either.
        failed: inputs that the model gave no votes for.
    """

    radius: float
    certified: int
    right: int
    not_certified: int
    undecided: int
    failed: int


def verdict_counts(study: Study) -> tuple[VerdictCount, ...]:
    """The verdicts on each radius that was asked for, smallest first; none where none was."""
    return tuple(_count(study, radius) for radius in study.targets)


def mean_samples(study: Study) -> float | None:
    """Samples per finished input, selection included; None where counts are unknown.

    Inputs that failed have no votes and are left out.
    """
    known = [entry.samples for entry in study.entries if entry.samples is not None]
    return sum(known) / len(known) if known else None


def most_samples(study: Study) -> int | None:
    """The most samples that the study's own plan would take for an input; None where unknown."""
    return None if study.n0 is None or study.n is None else study.n0 + study.n


def saving(study: Study) -> float | None:
    """How many times fewer samples that is than the most that its own plan would take.

    None where that is unknown, and for an unfinished run: what is left may take the most.
    """
    mean, most = mean_samples(study), most_samples(study)
    return None if mean is None or most is None or study.unfinished else most / mean


def undecided(study: Study) -> int:
    """Inputs with at least one radius that their votes did not decide."""
    return sum(
        any(target.verdict is Verdict.UNDECIDED for target in entry.targets)
        for entry in study.entries
    )


def _count(study: Study, radius: float) -> VerdictCount:
    def count(verdict: Verdict, entries: Iterable[Entry] = study.entries) -> int:
        return sum(
            target.radius == radius and target.verdict is verdict
            for entry in entries
            for target in entry.targets
        )

    return VerdictCount(
        radius=radius,
        certified=count(Verdict.CERTIFIED),
        right=count(Verdict.CERTIFIED, [entry for entry in study.entries if entry.correct]),
        not_certified=count(Verdict.NOT_CERTIFIED),
        undecided=count(Verdict.UNDECIDED),
        failed=sum(entry.failed for entry in study.entries),
    )
