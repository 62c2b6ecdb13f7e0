"""A record after one change is refused, or a fault is found in it, without model or torch."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from certiball.certificate import Verdict
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.rows import Status
from certiball.records.table import read_table, sha256, write_table
from records.conftest import Made
from records.mutations import FREE, byte_mutations, caught, field_mutations, free, redigested

PLANS = ("fixed", "randomized", "targets", "precision")


@pytest.mark.parametrize("plan", PLANS)
def test_an_honest_record_passes(made: Callable[..., Made], plan, tmp_path):
    found = made(plan)
    assert not caught(found.payload, found.table, tmp_path)
    assert not caught(found.payload, found.table, tmp_path, found.record.digest)


def test_some_mutations_of_each_kind_are_caught(made: Callable[..., Made], tmp_path):
    found = made("targets")
    mutations = [
        *field_mutations(found.payload, found.table, every=80),
        *byte_mutations(found.payload, found.table, count=20, of_table=True, seed=1),
    ]
    missed = {m.where for m in mutations if not caught(m.payload, m.table, tmp_path)}
    assert len(mutations) > 50
    assert {where for where in missed if not free(where)} == set()


@pytest.mark.slow
@pytest.mark.parametrize(("plan", "every"), [("targets", 1), ("randomized", 3)])
def test_every_mutation_is_caught(made: Callable[..., Made], plan, every, tmp_path):
    """Thousands of them: unsigned, all but those of the free fields; none with the digest known."""
    made(plan).write(tmp_path)
    script = f"from records.mutations import survey, Path; survey(Path({str(tmp_path)!r}), {every})"
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["count"] > 5000 / every
    assert {where for where in found["missed"] if not free(where)} == set()
    assert found["missed where known"] == []
    really = {name for name in FREE if any(w.startswith(name) for w in found["missed"])}
    bound = {"predicate.randomness.draws"} if plan == "randomized" else set()  # by the word
    assert really <= set(FREE) - bound
    assert every > 1 or really == set(FREE) - bound  # none is called free that is not


@pytest.mark.parametrize("plan", PLANS)
def test_a_table_with_one_change_and_a_new_digest_is_caught(
    made: Callable[..., Made], plan, tmp_path
):
    """The forger of an unsigned record writes the new digest too: then the numbers must agree."""
    found = made(plan)
    free = {"content", "label", "clean", "seconds"}  # nothing in the record determines them
    for m in byte_mutations(found.payload, found.table, count=12, of_table=True, seed=5):
        if not caught(redigested(found.payload, m.table), m.table, tmp_path):
            before, after = found.rows, read_table(m.table, "tsv")
            changed = {
                name
                for one, other in zip(before, after, strict=True)
                for name in one.__slots__
                if getattr(one, name) != getattr(other, name)
            }
            assert changed <= free
    assert write_table(found.rows, "tsv") == found.table


FORGED: dict[str, object] = {
    "radius": 3.0,
    "p_lower": 0.999,
    "predicted": 1,
    "status": Status.ABSTAINED,
    "verdicts": (Verdict.CERTIFIED, Verdict.CERTIFIED),
    "radius_classical": 0.25,
    "estimation": {0: 599, 1: 1},
    "selection": {0: 64, 1: 1},
    "index": 7,
    "label": 3,
}


def _forged(found: Made, name: str) -> Made:
    """One cell changed in the first row, and all else computed anew, digests included."""
    first, *others = found.rows
    rows = [replace(first, **{name: FORGED[name]}), *others]
    table = write_table(rows, "tsv")
    given = found.record.given
    given = replace(given, table=replace(given.table, sha256=sha256(table)))
    return Made(payload=canonical_bytes(statement_of(given, rows)), table=table)


@pytest.mark.parametrize("name", FORGED)
def test_who_recomputes_all_but_the_votes_is_caught(made: Callable[..., Made], name, tmp_path):
    forged = _forged(made("targets"), name)
    assert caught(forged.payload, forged.table, tmp_path)


@pytest.mark.parametrize("name", ["radius", "p_lower", "verdicts", "estimation"])
def test_a_verifier_that_trusts_rows_would_not_see_it(
    made: Callable[..., Made], name, tmp_path, monkeypatch
):
    """The tests above are about the recount and nothing else."""
    monkeypatch.setattr("certiball.records.recount.Recount.row", lambda self, place, row: row)
    forged = _forged(made("targets"), name)
    assert not caught(forged.payload, forged.table, tmp_path)
