"""certiball record and verify, levels 0 and 1."""

import hashlib
import json
import sys
from pathlib import Path

import pytest


@pytest.fixture
def recorded(certify, call):
    def make(*more: object, **changes: object) -> Path:
        assert certify(**changes).code == 0
        said = call("record", "run", "-o", "certificate.json", *more)
        assert said.code == 0, said.err
        return Path("certificate.json")

    return make


def test_an_issuer_and_an_auditor(recorded, call):
    path = recorded("--issuer", "Ada", "--threat", "linf:1/255", "--threat", "rotation")
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    said = call("verify", path)
    assert said.code == 0
    assert "says that “Ada” issued it" in said.out
    assert "it claims: For each of the " in said.out
    assert "threat “rotation”: Not covered" in said.out
    assert "unsigned: integrity not established" in said.out
    assert "α = 0.001 is per input" in said.out
    assert "taken on trust" in said.out
    assert call("verify", path, "--expect", digest).code == 0
    assert call("verify", path, "--expect", digest[:-1] + "g").code == 1
    assert call("verify", path, "--expect", "abc").code == 2
    quiet = call("verify", path, "--quiet")
    assert (quiet.code, quiet.out) == (0, "")


def test_programs_get_one_object(certify, call):
    certify()
    made = json.loads(call("record", "run", "-o", "a/r.json", "--json").out)
    said = json.loads(call("verify", "a/r.json", "--json").out)
    assert (said["passed"], said["integrity"], said["table"]) == (
        True,
        "not established",
        "checked",
    )
    assert said["digest"] == made["digest"]
    assert {f["level"] for f in said["findings"]} == {"ok", "open", "warn"}
    assert Path(made["table"]).name == "r.table.tsv"
    assert (
        call("record", "run", "-o", "b.json", "--previous", made["digest"], "--format", "parquet")
    ).code == 0
    assert Path("b.table.parquet").is_file()
    assert call("verify", "b.json").code == 0


def test_a_forged_table_or_record_fails(recorded, call):
    path, table = recorded(), Path("certificate.table.tsv")
    text = table.read_text()
    table.write_text(text.replace("certified", "abstained", 1))
    said = call("verify", path)
    assert said.code == 1
    assert "fail  table" in said.out
    assert "FAILED at level 1" in said.out
    assert call("verify", path, "--level", "0").code == 1
    table.write_text(text)
    path.write_text(path.read_text().replace('"alpha":0.001', '"alpha":0.0001'))
    said = call("verify", path)
    assert said.code == 1
    assert "fail  specification" in said.out
    assert "fail  rows" in said.out


def test_what_cannot_be_read_is_one_line(recorded, call, tmp_path):
    path = recorded()
    Path("certificate.table.tsv").rename("elsewhere.tsv")
    assert "--table" in call("verify", path).err
    assert call("verify", path, "--table", "elsewhere.tsv").code == 0
    level0 = call("verify", path, "--level", "0")
    assert level0.code == 0
    assert "open  table" in level0.out
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    assert "not canonical" in call("verify", path).err
    for wrong in ("run", "nets.py", "nothing.json", "greys.npz"):
        assert call("verify", wrong).code == 2
    assert call("record", "nothing").code == 2
    assert "budget" in call("record", "run", "--threat", "linf:much").err


def test_an_unfinished_run_gets_no_record(certify, call):
    assert certify("--max-seconds", "1e-9", n=1_000_000).code == 3
    assert "unfinished" in call("record", "run").err
    assert not Path("certificate.json").exists()


def test_votes_that_stop_and_randomized_bounds(certify, call):
    sequential = ("--target-radius", ".1,.5", "--max-n", "400", "--batch", "64")
    words = ("--model", "nets:Bright", "--data", "greys.npz", "--sigma", ".25", "--out", "stops")
    assert call("certify", *words, *sequential).code == 0
    certify("--randomized", out="random")
    for run in ("stops", "random"):
        assert call("record", run, "-o", f"{run}.json").code == 0
        said = call("verify", f"{run}.json")
        assert said.code == 0, said.out


def test_lines_are_wrapped_on_a_terminal_alone(recorded, call, monkeypatch):
    from certiball.cli import verify

    path = recorded()
    assert max(map(len, call("verify", path).out.splitlines())) > 200
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    text = verify._wrapped("ok    rows           " + "word " * 60, " " * 21)
    assert max(map(len, text.splitlines())) <= 60
    digest = f"sha256:{64 * 'a'}"
    assert digest in verify._wrapped(f"ok    digest         {digest}, as expected", " " * 21)
