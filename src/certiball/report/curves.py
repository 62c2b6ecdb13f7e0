"""Rates over all finished inputs, with intervals: the numbers that a report shows.

An input counts at radius r if its certified class is right and its radius is ≥ r: the ball is
open, so a radius of r covers every perturbation shorter than r.

What stopped an unfinished run may have depended on its results. So intervals go from "no unfinished
input would count" to "all would": they hold for the whole run, whatever stopped it.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.report.study import Origin, Study
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.rounding import fraction_down, fraction_up

CONFIDENCE = 0.95  # of the intervals beside rates


@dataclass(frozen=True, kw_only=True)
class Share:
    """`count` of `total` inputs, with a two-sided Clopper–Pearson interval.

    The interval is about inputs drawn like these: what share of them would be counted.
    """

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself, between 0 and 1."""
        return self.count / self.total


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Certified accuracy as a step function of the radius.

    Args:
        radii: 0 and then each radius at which the curve may fall, ascending.
        shares: certified accuracy at each of them; just above radii[i] it is shares[i + 1].
    """

    radii: tuple[float, ...]
    shares: tuple[Share, ...]


def share(count: int, total: int, confidence: float = CONFIDENCE, *, unfinished: int = 0) -> Share:
    """A share of the finished inputs, with an interval for all.

    Args:
        count: how many count.
        total: how many are finished.
        confidence: of the interval.
        unfinished: how many more were to be tried; any of them may count or not.

    Raises:
        InputError: unless 0 ≤ count ≤ total and 0 < confidence < 1.

    Example:
        >>> half = share(50, 100)
        >>> round(half.low, 4), half.value, round(half.high, 4)
        (0.3983, 0.5, 0.6017)
    """
    tail = (1 - confidence) / 2
    planned = total + unfinished
    low = lower_bound(count, planned, tail)
    high = upper_bound(count + unfinished, planned, tail)
    return Share(count=count, total=total, low=low, high=high)


def certified_count(study: Study, radius: float) -> int:
    """How many inputs are certified with the right class at a radius."""
    at = _threshold(study, radius)
    return sum(entry.correct and entry.radius >= at for entry in study.entries)


def certified_accuracy(study: Study, radius: float) -> Share:
    """Certified accuracy at a radius, over all finished inputs.

    Raises:
        InputError: if the radius is negative or not finite.
    """
    return _share(study, certified_count(study, radius))


def curve(study: Study) -> Curve:
    """Certified accuracy at every radius at once, with intervals for each radius by itself.

    It ends at the largest radius that was asked about, where there is one: what votes that
    stopped there happen to prove beyond it is no accuracy. Where votes stopped for several radii
    it is known at those only, and each holds back to the one before: what is certified at a
    radius is certified at every smaller one.
    """
    if study.targets:
        return _of_targets(study)
    limit = math.inf if study.limit is None else study.limit
    radii = sorted(min(entry.radius, limit) for entry in study.entries if entry.correct)
    at = sorted({0.0, *radii})
    counts = [len(radii) - bisect_left(radii, radius) for radius in at]
    return Curve(radii=tuple(at), shares=tuple(_share(study, count) for count in counts))


def _of_targets(study: Study) -> Curve:
    shares = [certified_accuracy(study, radius) for radius in study.targets]
    return Curve(radii=(0.0, *study.targets), shares=(shares[0], *shares))


def value_at(steps: Curve, radius: float) -> float:
    """The value of a curve at a radius; 0 beyond its last step."""
    place = bisect_left(steps.radii, radius)
    return steps.shares[place].value if place < len(steps.shares) else 0.0


def average_radius(study: Study) -> float:
    """ACR: the mean over finished inputs of the radius where the class is right, else 0; down."""
    radii = (Fraction(entry.radius) for entry in study.entries if entry.correct)
    return fraction_down(sum(radii, start=Fraction(0)) / study.size)


def abstentions(study: Study) -> Share:
    """How many inputs have no certificate: abstentions and failures."""
    return _share(study, sum(entry.predicted is None for entry in study.entries))


def clean_accuracy(study: Study) -> Share | None:
    """The base classifier's accuracy on clean inputs, None where it is not known for all."""
    if any(entry.clean is None for entry in study.entries):
        return None
    return _share(study, sum(entry.clean == entry.label for entry in study.entries))


def smoothed_accuracy(study: Study) -> Share | None:
    """How often `predict` answers the true class, None where it is not known for all."""
    answers = [(entry.answer, entry.label) for entry in study.entries]
    right = [answer.label == label for answer, label in answers if answer is not None]
    return _share(study, sum(right)) if len(right) == study.size else None


def _share(study: Study, count: int) -> Share:
    return share(count, study.size, unfinished=study.unfinished)


def _threshold(study: Study, radius: float) -> float:
    """The least float that counts as the decimal number `radius`."""
    if not (math.isfinite(radius) and radius >= 0):
        raise InputError(f"a radius to count at must be finite and ≥ 0, not {radius}")
    if study.origin is Origin.PUBLISHED:
        return float(radius)  # both came from decimals in the same way
    # 0.3 as a float is below 0.3: an exact radius of just that float must not count at 0.3.
    return fraction_up(Fraction(repr(float(radius))))
