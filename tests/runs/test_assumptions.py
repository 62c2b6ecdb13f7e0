"""What a run takes for granted is stored with it, and read back as it was."""

import json
import sqlite3
from contextlib import closing

import pytest

from certiball.certification.assumptions import ASSUMED, from_json, to_json
from certiball.errors import ModelError, StoreError
from certiball.report.from_run import study_of_run
from certiball.runs.merge import merge
from certiball.runs.read import read_run
from certiball.runs.shards import Shard
from certiball.runs.store import FILE

TRIED = (
    "32 noisy inputs asked again, in other places, beside other inputs, one of them 300 times "
    "(95 % sure to show what changes in 1 of 100 calls): the same answers"
)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    monkeypatch.setattr("certiball.certification.single_input.SECONDS", 60.0)


def test_a_run_stores_them(tmp_path, job, carry):
    carry(tmp_path, job())
    assumptions = read_run(tmp_path).assumptions
    assert [each.name for each in assumptions] == [each.name for each in ASSUMED]
    assert [each.tried for each in assumptions] == [TRIED, "", "", ""]
    assert str(assumptions[0]).endswith(f"of its batch. ({TRIED})")
    assert str(assumptions[1]).endswith("another. (not checked)")
    assert study_of_run(read_run(tmp_path)).assumptions == assumptions


def test_they_do_not_make_another_run(tmp_path, job, carry):
    """An older store has none: it goes on, and says that nothing was looked at."""
    carry(tmp_path, job(), bundles=1)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'assumptions'")
    assert carry(tmp_path, job())[-1].complete
    assert read_run(tmp_path).assumptions == ASSUMED


def test_merging_keeps_them(tmp_path, job, carry):
    parts = [tmp_path / "one", tmp_path / "two"]
    for number, part in enumerate(parts, start=1):
        carry(part, job(shard=Shard(number=number, of=2), seed=None))
    merge(parts, tmp_path / "all")
    assert read_run(tmp_path / "all").assumptions[0].tried == TRIED


def test_a_shard_that_nobody_looked_at_is_not_hidden(tmp_path, job, carry):
    parts = [tmp_path / "one", tmp_path / "two"]
    for number, part in enumerate(parts, start=1):
        carry(part, job(shard=Shard(number=number, of=2), seed=None))
    with closing(sqlite3.connect(parts[1] / FILE)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'assumptions'")
    merge(parts, tmp_path / "all")
    first, *others = read_run(tmp_path / "all").assumptions
    assert first.tried == f"{TRIED}; in other shards: not checked"
    assert tuple(others) == ASSUMED[1:]


def test_a_model_that_is_no_function_leaves_no_run(tmp_path, job, carry):
    with pytest.raises(ModelError, match="the other inputs of its batch"):
        carry(tmp_path / "run", job(function=lambda x: x.mean((1, 2, 3)) > x.mean()))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["[]", "{}", '{"assumptions": [7]}', '{"assumptions": [{}]}'])
def test_what_is_something_else_is_refused(text):
    assert from_json(to_json(ASSUMED)) == ASSUMED
    with pytest.raises(StoreError, match="cannot be read"):
        from_json(json.loads(text))
