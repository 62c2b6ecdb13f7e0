import csv
import io
import json
import sys
from dataclasses import replace
from fractions import Fraction

import pyarrow.parquet as pq
import pytest

from certiball.claim import Draw
from certiball.errors import MissingExtraError
from certiball.report.export import to_csv, to_json, to_parquet
from certiball.report.study import Answer, Study


def test_json_holds_the_claim_and_exact_numbers(study: Study) -> None:
    document = json.loads(to_json(study))
    assert document["claim"] == {
        "law": "Gaussian(sigma=0.25)",
        "norm": "l2",
        "rule": "one-sided",
        "alpha": 0.001,
        "space": "the grid 0, 1/256, …, 1",
        "mode": "lattice",
        "bound": "clopper-pearson",
        "backend": "torch cpu float32",
    }
    assert (document["n0"], document["n"], document["largest_radius"]) == (100, 1000, 0.63)
    (seed,) = document["seeds"]
    assert document["seed"] == seed
    assert int(seed["value"], 16) == 2**127 + 5
    assert seed["chosen"] is False
    assert (document["inputs"], document["unfinished"]) == (6, 0)
    assert document["facts"] == {"model digest": "9f2c", "data digest": "aa01"}
    assert [row["radius"] for row in document["rows"]] == [e.radius for e in study.entries]
    row = document["rows"][1]
    assert row["estimation"] == {"1": 900, "2": 100}
    assert Fraction(row["radius_off_grid"]) <= Fraction(0.3) - Fraction(8, 512)
    assert document["rows"][5]["predicted"] is None
    assert document["rows"][5]["answer"] == "abstains"


def decimals(study: Study, name: str) -> list[Fraction | None]:
    """What JSON and CSV say of every entry, read as decimals and not as floats."""
    document = json.loads(to_json(study), parse_float=Fraction)
    rows = csv.DictReader(io.StringIO(to_csv(study)))
    texts = [Fraction(row[name]) if row[name] else None for row in rows]
    assert [row[name] for row in document["rows"]] == texts
    return texts


def test_no_decimals_claim_more_than_the_float(study: Study) -> None:
    # As floats these lie below (.3, .9, .7) or above (.1, .2) the decimals that are their shortest
    # texts; Fraction takes every digit of a float.
    floats = (0.3, 0.1, 0.7, 1e-7, 0.9)
    assert Fraction(0.3) < Fraction("0.3")
    entries = tuple(
        replace(entry, radius=value, p_lower=value, p_upper=value)
        for entry, value in zip(study.entries[:5], floats, strict=True)
    )
    changed = replace(study, entries=entries)
    for name, sign in (("radius", 1), ("p_lower", 1), ("p_upper", -1)):
        said = decimals(changed, name)
        assert [float(each) for each in said] == list(floats)
        assert all(sign * each <= sign * Fraction(x) for each, x in zip(said, floats, strict=True))
    off_grid = decimals(changed, "radius_off_grid")
    assert all(each <= Fraction(float(each)) for each in off_grid if each is not None)


def test_a_text_that_looks_like_a_bound_stays_as_it_is(study: Study) -> None:
    title = 'a\n   "radius": 0.3,\n'
    assert json.loads(to_json(replace(study, title=title)))["title"] == title


def test_json_counts_the_unfinished_inputs(study: Study) -> None:
    assert json.loads(to_json(replace(study, unfinished=3)))["unfinished"] == 3


def test_json_holds_the_seed_of_every_shard(study: Study) -> None:
    draws = (Draw(seed=5, chosen=False), Draw(seed=6, chosen=True))
    document = json.loads(to_json(replace(study, draw=None, draws=draws)))
    assert document["seed"] is None
    assert [(int(s["value"], 16), s["chosen"]) for s in document["seeds"]] == [
        (5, False), (6, True)
    ]  # fmt: skip


def test_csv_has_one_line_per_input(study: Study, in_float: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(study))))
    assert len(rows) == 6
    for row, entry in zip(rows, study.entries, strict=True):
        assert float(row["radius"]) == entry.radius
        assert float(row["p_lower"]) == entry.p_lower
        assert (row["correct"] == "True") is entry.correct
    assert json.loads(rows[4]["estimation"]) == {"1": 1000}
    assert (rows[0]["answer"], rows[5]["answer"], rows[5]["predicted"]) == ("0", "abstains", "")
    unknown = next(csv.DictReader(io.StringIO(to_csv(in_float))))
    assert (unknown["answer"], unknown["clean"], unknown["radius_off_grid"]) == ("", "", "")


def test_a_log_exports_without_claim(study: Study) -> None:
    entries = tuple(
        replace(e, estimation=None, selection=None, answer=Answer(label=None))
        for e in study.entries
    )
    bare = replace(study, claim=None, draw=None, entries=entries)
    document = json.loads(to_json(bare))
    assert document["claim"] is None
    assert document["seeds"] == []
    assert document["rows"][0]["estimation"] is None


def test_parquet_has_the_same_rows(study: Study) -> None:
    table = pq.read_table(io.BytesIO(to_parquet(study)))
    assert table.column("radius").to_pylist() == [e.radius for e in study.entries]
    assert table.column("predicted").to_pylist() == [0, 1, 2, 1, 1, None]
    assert table.column("answer").to_pylist()[5] == "abstains"
    head = json.loads(table.schema.metadata[b"certiball study"])
    assert head["claim"]["alpha"] == 0.001


def test_parquet_names_its_extra(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'certiball\[parquet\]'"):
        to_parquet(study)
