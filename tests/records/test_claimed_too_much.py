"""What an author could write into a record beyond what follows: each way is closed, or said."""

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from certiball.certification.meaning import seed_means
from certiball.claim import is_usual
from certiball.classifiers.backend import ENGINES
from certiball.classifiers.forward import DTYPES
from certiball.errors import InputError
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.given import Given
from certiball.records.issue import Wish, issue
from certiball.records.randomness import check_randomness
from certiball.records.recount import Recount
from certiball.records.rows import parse_row, row_line
from certiball.records.schema import check_schema, schema
from certiball.records.strict import UNSEEN, parse_strict
from certiball.records.table import sha256, write_table
from certiball.records.trust import left_to_trust
from certiball.records.verify import check_counts
from certiball.report.statements import _randomness
from certiball.runs.finding import Level
from certiball.spaces import Reals
from certiball.threats.threat import parse_threat
from records.conftest import Made
from records.mutations import caught


def remade(made: Made, given: Given) -> Made:
    """What an author who states something else computes from it."""
    recount = Recount(given=given)
    rows = [recount.row(place, row) for place, row in enumerate(made.rows)]
    table = write_table(rows, "tsv")
    given = replace(given, table=replace(given.table, sha256=sha256(table)))
    return Made(payload=canonical_bytes(statement_of(given, rows)), table=table)


def with_backend(given: Given, words: str) -> Given:
    spec = given.spec
    model, claim = replace(spec.model, backend=words), replace(spec.claim, backend=words)
    return replace(given, spec=replace(spec, model=model, claim=claim))


@pytest.mark.parametrize(
    "words",
    [
        "torch cpu float32 as certified by NIST, and for every perturbed input at ANY distance,",
        "torch cuda bfloat16 float32",
        "any two",
    ],
)
def test_no_words_of_the_author_are_in_the_plain_sentence(made: Callable[..., Made], words):
    given = with_backend(made().record.given, words)
    with pytest.raises(InputError, match="backend"):
        _ = remade(made(), given).record


def test_every_backend_that_there_is_may_be_stated():
    pattern = schema()["$defs"]["backend"]["pattern"]
    for engine in ENGINES.values():
        for dtype in DTYPES:
            words = f"{engine} cuda {dtype}"
            assert re.search(pattern, words)
            assert is_usual(words) == (words == "torch cuda float32")
    assert not is_usual("torch cuda bfloat16 float32")


def test_no_character_that_nobody_sees(made: Callable[..., Made], finished):
    statement = parse_strict(made().payload)
    texts = re.compile(schema()["$defs"]["text"]["pattern"])
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cf", "Cc"):
            assert not texts.fullmatch(f"NI{chr(code)}ST")
            assert UNSEEN.search(chr(code))
    assert not UNSEEN.search("weiß, 四 and “quoted”")
    for issuer in ("\u202eTSIN", "Ada\n"):  # Python's $ would let the latter pass
        statement["predicate"]["issued"]["issuer"] = issuer
        with pytest.raises(InputError, match="issuer"):
            check_schema(statement)
    names = ("da\u200brk", "light", "glaring")  # an honest run's data may have them
    results = finished()
    source = replace(results.source, classes=names)
    payload, table = issue(replace(results, source=source), Wish())
    assert Made(payload=payload, table=table).record.given.classes == ("da rk", "light", "glaring")


def test_in_floating_point_the_plain_sentence_has_its_premise(made: Callable[..., Made]):
    given = made().record.given
    on_grid = made().record.statement["predicate"]["claim"]
    claim = replace(given.spec.claim, space=Reals(low=0.0, high=1.0))
    floats = remade(made(), replace(given, spec=replace(given.spec, claim=claim)))
    told = floats.record.statement["predicate"]["claim"]
    assert "if inputs, noise and their sums were exact real numbers" in told["sentence"]
    assert told["formula"].endswith("in exact real arithmetic")
    assert "exact" not in on_grid["sentence"] + on_grid["formula"]
    # Not given that it is certified, which α says nothing of.
    assert "For each input tried, the probability that it gets a false" in on_grid["sentence"]


def _assumption(told: Any) -> None:
    told["assumptions"][1]["text"] = "None."


def _no_assumptions(told: Any) -> None:
    told["assumptions"] = []


def _five_classes(told: Any) -> None:
    told["classes"] = list("abcde")


def _no_date(told: Any) -> None:
    told["issued"]["created"] = "9999-99-99T99:99:99Z"


def _no_start(told: Any) -> None:
    told["attempts"][0]["started"] = "2026-02-30T10:00:00Z"


@pytest.mark.parametrize(
    "change", [_assumption, _no_assumptions, _five_classes, _no_date, _no_start]
)
def test_what_can_be_checked_is(made: Callable[..., Made], change, tmp_path):
    found = made()
    statement = parse_strict(found.payload)
    change(statement["predicate"])
    assert caught(canonical_bytes(statement), found.table, tmp_path)


def test_the_same_input_many_times_is_said(made: Callable[..., Made]):
    found = made()
    rows = [replace(found.rows[-1], index=row.index) for row in found.rows]
    said = {f.check: f for f in check_counts(found.record, rows)}
    assert said["duplicates"].level is Level.WARN
    assert "5 of 6 inputs are copies" in said["duplicates"].text
    assert "duplicates" not in {f.check for f in check_counts(found.record, found.rows)}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_what_stays_on_trust_is_said_at_every_level(level, made: Callable[..., Made]):
    text = left_to_trust(made().record, level).text
    for part in ("which inputs were chosen", "data and classes", "assumed", "environments", "date"):
        assert part in text
    assert ("were not drawn again" in text, "votes that chose" in text) == (level == 2, level == 3)
    assert "seeds" in text


def test_class_names_that_are_not_the_models_are_left_out(finished):
    results = finished()
    source = replace(results.source, classes=("dark", "light"))
    payload, _ = issue(replace(results, source=source), Wish())
    assert parse_strict(payload)["predicate"]["classes"] == []


def test_a_public_number_excludes_shopping_by_three_premises(made: Callable[..., Made]):
    """An author who makes the number up tries as many as he likes, all under one commitment."""
    record = made().record
    [(shard, draw)] = record.draws.items()
    public = replace(draw, chosen=False, announced="drand, round 17", beacon=32 * "a")
    settled = replace(record, given=replace(record.given, draws={shard: public}))
    for text in (check_randomness(settled, 1).text, seed_means(chosen=False, beacon="drand")):
        assert "published before" in text
        assert re.search("no others? ", text)
        assert "exactly what the announced source published, in full" in text
    assert "said to" in _randomness([public]).head
    assert "did not know the nonce" in check_randomness(record, 3).text


def test_no_threat_can_end_its_quotation():
    with pytest.raises(InputError, match="not among them"):
        parse_threat("rotation”: Covered: of 6 inputs, 6 keep their answer. “rotation")


def test_no_reason_is_turned_round(made: Callable[..., Made]):
    with pytest.raises(InputError, match="format characters"):
        parse_row(f"{row_line(made().rows[0])}\u202e")


def test_minus_zero_is_no_radius(made: Callable[..., Made]):
    cells = row_line(made().rows[0]).split("\t")
    cells[10] = "-0.0"
    with pytest.raises(InputError, match="no finite number ≥ 0"):
        parse_row("\t".join(cells))
