"""Clean, attacked and certified accuracy of the same inputs, and what is unknown between them.

A certified radius is a lower bound on how far an input can be moved, a verified adversarial point
an upper one. Neither is shown without the other.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from certiball.errors import InputError
from certiball.report.breach import Breach
from certiball.report.curves import Curve, Share, certified_accuracy, share
from certiball.report.study import Study


@dataclass(frozen=True, kw_only=True)
class Ends:
    """What is known of one input that was attacked.

    Args:
        index: its place in the data set.
        radius: certified with the right class; 0 where nothing or another class is.
        distance: of the closest verified adversarial point; ∞ where there is none.
    """

    index: int
    radius: float
    distance: float


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The three accuracies at one radius."""

    radius: float
    clean: Share
    attacked: Share
    certified: Share


def attacked_part(study: Study) -> Study:
    """The study of those of its inputs that were attacked, so that all rates are of the same.

    Raises:
        InputError: if none was.
    """
    indices = {breach.index for breach in _breaches(study)}
    entries = tuple(entry for entry in study.entries if entry.index in indices)
    if study.attacks is None or not entries:
        raise InputError(f"{study.title}: none of its inputs was attacked")
    planned = max(study.attacks.planned, len(entries))
    return replace(study, entries=entries, unfinished=planned - len(entries), family=None)


def ends(study: Study) -> tuple[Ends, ...]:
    """Both ends of what is known of each input that was attacked, in the study's order."""
    distances = {breach.index: breach.verified for breach in _breaches(study)}
    return tuple(
        Ends(
            index=entry.index,
            radius=entry.radius if entry.correct else 0.0,
            distance=distances[entry.index],
        )
        for entry in study.entries
        if entry.index in distances
    )


def attacked_curve(study: Study) -> Curve:
    """Attacked accuracy at every radius at once; its last step reaches to ∞.

    An input counts at radius r if it is classified rightly and has no verified adversarial point
    at a distance below r: the share of robust inputs is at most this, as far as verified points
    are what they were verified to be. Certified accuracy counts at the same r what no
    perturbation shorter than r can change.
    """
    distances, left = _distances(study), attacked_part(study).unfinished
    at = (0.0, *sorted({d for d in distances if 0 < d < math.inf}), math.inf)
    return Curve(radii=at, shares=tuple(_standing(distances, radius, left) for radius in at))


def beside(study: Study, radius: float) -> Beside:
    """Clean, attacked and certified accuracy at a radius.

    Raises:
        InputError: if the radius is negative or not finite.
    """
    distances, part = _distances(study), attacked_part(study)
    return Beside(
        radius=radius,
        clean=_standing(distances, 0.0, part.unfinished),
        attacked=_standing(distances, radius, part.unfinished),
        certified=certified_accuracy(part, radius),
    )


def _distances(study: Study) -> list[float]:
    """Of the closest verified points, ascending."""
    return sorted(each.distance for each in ends(study))


def _standing(distances: list[float], radius: float, unfinished: int) -> Share:
    """Inputs without a verified point below the radius, which are classified rightly."""
    broken = max(bisect_left(distances, radius), bisect_right(distances, 0.0))
    return share(len(distances) - broken, len(distances), unfinished=unfinished)


def _breaches(study: Study) -> tuple[Breach, ...]:
    return () if study.attacks is None else study.attacks.breaches
