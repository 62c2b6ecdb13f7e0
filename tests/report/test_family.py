import csv
import io
import json
from dataclasses import replace

import pytest

from certiball.certification.question import Question
from certiball.certification.together import certified_together, radii_together
from certiball.errors import InputError
from certiball.report.export import to_csv, to_json, to_parquet
from certiball.report.family import family_rows, family_sentences, with_family
from certiball.report.html import render
from certiball.report.study import Asked, Origin, Study
from certiball.votes import Votes


@pytest.fixture(name="study")
def consistent(study: Study) -> Study:
    """The six inputs, each selected by the class that its estimation votes are for."""
    entries = tuple(
        replace(
            e, selection=Votes(counts=tuple(100 * (c == e.estimation.winner) for c in range(3)))
        )
        for e in study.entries
        if e.estimation
    )
    return replace(study, entries=entries)


def question(study: Study) -> Question:
    assert study.claim is not None
    assert study.dimension is not None
    return Question(claim=study.claim, dimension=study.dimension)


def ballots(study: Study) -> list:
    return [(e.selection.winner, e.estimation) for e in study.entries if e.selection]


def test_without_a_request_nothing_changes(study: Study) -> None:
    assert with_family(study) is study
    assert family_rows(study, (0.0, 0.25)) == ()
    assert family_sentences(study) == ()
    assert "All inputs at once" not in render([study])


def test_readings_are_of_all_inputs_tried(study: Study) -> None:
    read = with_family(study, simultaneous=True, holm=0.3)
    assert read.family is not None
    assert read.family.radii == radii_together(question(study), ballots(study))
    assert read.family.certified == certified_together(question(study), ballots(study), 0.3)
    unfinished = with_family(replace(study, unfinished=994), simultaneous=True, holm=0.3)
    assert unfinished.family is not None
    assert len(unfinished.family.radii or ()) == study.size
    pairs = zip(unfinished.family.radii or (), read.family.radii, strict=True)
    assert all(more <= few for more, few in pairs)
    assert max(unfinished.family.radii or ()) < max(read.family.radii)
    assert "N = 1,000 tried" in " ".join(family_sentences(unfinished))


def test_certificates_stay_what_they_are(study: Study) -> None:
    read = with_family(study, simultaneous=True, holm=0.3)
    assert read.entries == study.entries


def test_a_radius_is_declared_by_the_plan_alone(study: Study) -> None:
    aimed = replace(study, asked=Asked(radii=(0.3,), beta=0.001), largest=None)
    (declared,) = family_sentences(with_family(aimed, holm=0.3))
    assert "fixed in the run's specification" in declared
    several = replace(study, asked=Asked(radii=(0.3, 0.5), beta=0.001), largest=None)
    for other in (study, several, replace(aimed, asked=Asked(radii=(0.5,), beta=0.001))):
        (exploratory,) = family_sentences(with_family(other, holm=0.3))
        assert "Exploratory" in exploratory
        assert "fixed in the run's specification" not in exploratory


def test_rows_count_the_right_class(study: Study) -> None:
    read = with_family(study, simultaneous=True, holm=0.3)
    rows = {row.radius: row for row in family_rows(read, (0.0, 0.25))}
    assert list(rows) == ["0", "0.25", "0.3"]
    assert read.family is not None
    for radius in (0.0, 0.25):
        right = sum(
            e.selection is not None and e.selection.winner == e.label and r >= max(radius, 1e-9)
            for e, r in zip(read.entries, read.family.radii or (), strict=True)
        )
        assert rows[str(radius).removesuffix(".0")].together == str(right)
    assert rows["0.25"].holm == "—"
    assert rows["0.25"].together == "3"
    assert rows["0.3"].holm == "1"
    alone = family_rows(with_family(study, holm=0.3), (0.0, 0.25))
    assert [(row.radius, row.together) for row in alone] == [("0.3", "—")]


def test_the_page_and_the_tables_label_them(study: Study) -> None:
    read = with_family(study, simultaneous=True, holm=0.3)
    assert read.family is not None
    page = render([read])
    for words in ("All inputs at once", "All of these radii are true at once", "Exploratory"):
        assert words in page
    document = json.loads(to_json(read))
    assert document["together"]["sentences"] == list(family_sentences(read))
    assert document["together"]["declared"] is False
    assert [row["radius_simultaneous"] for row in document["rows"]] == list(read.family.radii or ())
    rows = list(csv.DictReader(io.StringIO(to_csv(read))))
    assert [float(row["radius_simultaneous"]) for row in rows] == list(read.family.radii or ())
    assert [row["certified_holm"] == "True" for row in rows] == list(read.family.certified or ())
    assert json.loads(to_json(study))["together"] is None
    assert "radius_simultaneous" not in to_csv(study)
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(to_parquet(read)))
    assert table["certified_holm"].to_pylist() == list(read.family.certified or ())


def test_what_cannot_be_read_is_refused(study: Study) -> None:
    log = replace(study, claim=None, draw=None, origin=Origin.PUBLISHED)
    with pytest.raises(InputError, match="without counts of votes"):
        with_family(log, simultaneous=True)
    with pytest.raises(InputError, match="radius must be > 0"):
        with_family(study, holm=0.0)
