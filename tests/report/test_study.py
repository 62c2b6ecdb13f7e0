from dataclasses import replace

import pytest

from certiball.certificate import Abstention, Certificate
from certiball.claim import Claim, Draw
from certiball.errors import InputError
from certiball.report.measure import radius_name
from certiball.report.study import Entry, Origin, Study, entry_of
from certiball.votes import Votes


def _parts(claim: Claim) -> dict[str, object]:
    return {
        "claim": claim,
        "draw": Draw(seed=1, chosen=False),
        "selection": Votes(counts=(9, 1)),
        "estimation": Votes(counts=(95, 5)),
        "label": 0,
        "p_lower": 0.8,
        "p_upper": None,
    }


def test_a_certificate_becomes_an_entry(claim: Claim) -> None:
    entry = entry_of(Certificate(**_parts(claim), radius=0.21), index=4, label=1, seconds=2.0)
    assert (entry.index, entry.label, entry.predicted, entry.radius) == (4, 1, 0, 0.21)
    assert not entry.correct
    assert entry.estimation == Votes(counts=(95, 5))
    assert entry.reason is None


def test_an_abstention_becomes_an_entry_without_class(claim: Claim) -> None:
    entry = entry_of(Abstention(**_parts(claim), reason="too few votes"), index=4, label=0)
    assert (entry.predicted, entry.radius, entry.reason) == (None, 0.0, "too few votes")
    assert not entry.correct


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": -0.1}, "≥ 0"),
        ({"radius": float("nan")}, "finite"),
        ({"predicted": None}, "abstention has radius 0"),
        ({"predicted": -1}, "counted from 0"),
        ({"label": -2}, "counted from 0"),
    ],
)
def test_entries_are_checked(change: dict[str, object], message: str) -> None:
    entry = Entry(index=8, label=1, predicted=1, radius=0.5)
    with pytest.raises(InputError, match=message):
        replace(entry, **change)


def test_a_study_needs_entries(study: Study) -> None:
    with pytest.raises(InputError, match="at least 1 entry"):
        replace(study, entries=())


def test_a_study_counts_each_input_once(study: Study) -> None:
    with pytest.raises(InputError, match="input 0 comes twice"):
        replace(study, entries=(*study.entries, study.entries[0]))


def test_every_class_has_a_name(study: Study) -> None:
    with pytest.raises(InputError, match=r"class 2, but only 2 classes"):
        replace(study, classes=("cat", "dog"))
    assert study.class_name(2) == "owl"
    assert replace(study, classes=()).class_name(2) == "2"


def test_radii_are_named_by_the_norm_that_all_share(study: Study) -> None:
    unknown = replace(study, claim=None)
    assert radius_name([study, study]) == "radius (L2)"
    assert radius_name([study, unknown]) == "radius"
    assert radius_name([unknown]) == "radius"


def test_size_counts_abstentions(study: Study) -> None:
    assert study.size == 6
    assert study.origin is Origin.RUN


def test_unfinished_inputs_are_planned_and_have_no_size(study: Study) -> None:
    assert study.planned == study.size
    assert replace(study, unfinished=3).planned == 9
    assert replace(study, unfinished=3).size == 6
    with pytest.raises(InputError, match="0 or more, not -1"):
        replace(study, unfinished=-1)


def test_a_merged_run_has_a_draw_for_each_shard(study: Study) -> None:
    one, two = Draw(seed=1, chosen=False), Draw(seed=2, chosen=True)
    assert study.randomness == (study.draw,)
    assert replace(study, draw=None).randomness == ()
    assert replace(study, draw=None, draws=(one, two)).randomness == (one, two)
    assert replace(study, draw=two, draws=(one, two)).randomness == (one, two)
    with pytest.raises(InputError, match="not among the draws"):
        replace(study, draws=(one, two))
