"""A record of a law that was made for another grid is refused, though its votes may be real.

An author changes one step and computes all else from it: every radius then counts steps that are
25 times as long, and inputs of other classes lie inside of its balls.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from certiball.classifiers.function import FunctionClassifier
from certiball.errors import InputError, StoreError
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.recount import Recount
from certiball.records.table import sha256, write_table
from certiball.runs.spec import from_json, to_json
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals
from records.conftest import Made, bright
from records.mutations import caught

STEP = Grid.uint8().step
LAW = DeterministicSplitting(scale=Fraction(1, 2), step=STEP)
OTHER = DeterministicSplitting(scale=Fraction(255, 20), step=Fraction(1, 10))


@pytest.fixture
def honest(made: Callable[..., Made]) -> Made:
    classifier = FunctionClassifier(bright, num_classes=3, name="v1")
    return made("views", g=Smoothed(classifier, LAW, space=Grid.uint8()))


def believing(monkeypatch: pytest.MonkeyPatch, *checks: str) -> None:
    """Whoever forges leaves the checks out."""
    without = {"checked": lambda law, space: space, "slack": lambda law, step, d: Fraction(0)}
    for name in checks:
        monkeypatch.setattr(DeterministicSplitting, name, without[name])


def forged(honest: Made, **claim: object) -> Made:
    given = honest.record.given
    spec = replace(given.spec, claim=replace(given.spec.claim, **claim))
    recount = Recount(given=replace(given, spec=spec))
    rows = [recount.row(place, row) for place, row in enumerate(honest.rows)]
    table = write_table(rows, "tsv")
    given = replace(given, spec=spec, table=replace(given.table, sha256=sha256(table)))
    return Made(payload=canonical_bytes(statement_of(given, rows)), table=table)


def test_an_honest_record_of_all_views_passes(honest, tmp_path):
    assert not caught(honest.payload, honest.table, tmp_path)
    assert max(row.radius for row in honest.rows) < 1


@pytest.mark.parametrize("left_out", [(), ("checked",), ("slack",)])
def test_a_law_of_another_grid_is_refused(honest, left_out, monkeypatch, tmp_path):
    with monkeypatch.context() as forger:
        believing(forger, "checked", "slack")
        false = forged(honest, law=OTHER)
        assert not caught(false.payload, false.table, tmp_path)
        assert max(row.radius for row in false.rows) > 10
    believing(monkeypatch, *left_out)  # either check alone refuses it
    with pytest.raises(InputError, match=r"is refused: .*is for inputs on a grid of step 1/10"):
        _ = false.record
    assert caught(false.payload, false.table, tmp_path)


def test_so_is_a_law_of_a_grid_in_the_reals(honest, monkeypatch, tmp_path):
    with monkeypatch.context() as forger:
        believing(forger, "checked", "slack")
        false = forged(honest, space=Reals(low=0.0, high=1.0))
        assert not caught(false.payload, false.table, tmp_path)
    with pytest.raises(InputError, match="is for inputs on a grid of step 1/255, not for the real"):
        _ = false.record


def test_a_run_of_it_cannot_be_stored(honest, monkeypatch):
    value = to_json(honest.record.given.spec)
    assert from_json(value) == honest.record.given.spec
    value["claim"]["law"] |= {"scale": "51/4", "step": "1/10"}
    believing(monkeypatch, "checked")
    with pytest.raises(StoreError, match="is for inputs on a grid of step 1/10, not on a grid"):
        from_json(value)
    spec = honest.record.given.spec
    with pytest.raises(InputError, match="is for inputs on a grid of step 1/10, not on a grid"):
        replace(spec, claim=replace(spec.claim, law=OTHER))
