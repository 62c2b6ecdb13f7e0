"""At which radii tables have rows: chosen by the claims, not by the results."""

from collections.abc import Sequence

from certiball.report.measure import counts
from certiball.report.study import Study
from certiball.statistics.steps import USUAL, radii_up_to


def default_radii(studies: Sequence[Study]) -> tuple[float, ...]:
    """Where articles report their radii, up to the largest that a claim can certify.

    Results play no part: a statement that holds at several radii at once needs radii that were
    fixed before them. Radii that a plan asked for are such, and no other radius says anything
    where all studies have some. Without a claim, as in published logs, these are all the usual
    radii.

    Example:
        >>> from certiball.report.study import Entry, Origin
        >>> entry = Entry(index=0, label=3, predicted=3, radius=0.3)
        >>> default_radii([Study(title="a", entries=(entry,), origin=Origin.RUN, largest=0.8)])
        (0.0, 0.25, 0.5, 0.75)
    """
    asked = {radius for study in studies for radius in study.targets}
    if all(study.targets for study in studies):
        return tuple(sorted(asked))
    ends = [study.largest if study.limit is None else study.limit for study in studies]
    reach = [end for end in ends if end is not None]
    if len(reach) < len(studies):
        return USUAL
    asked |= {study.limit for study in studies if study.limit is not None}
    return tuple(sorted({*radii_up_to(max(reach), whole=counts(studies)), *asked}))
