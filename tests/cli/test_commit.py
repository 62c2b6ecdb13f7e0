"""Commit and reveal at the command line."""

import json
import re

import pytest

from certiball.claim import Draw
from certiball.report.from_run import study_of_run
from certiball.report.statements import said as words_of
from certiball.report.statements import unsaid
from certiball.runs.read import read_run

ROUND = "drand quicknet, round 17000000"
BEACON = 4 * "0123456789ABCDEF"


def test_fixed_published_and_revealed(certify, call, home):
    said = certify("--commit", ROUND)
    assert said.code == 0, said.err
    [value] = re.findall(r"^[0-9a-f]{64}$", said.out, re.MULTILINE)
    assert f"while nobody can know the number: {ROUND}" in said.out
    again = json.loads(certify("--commit", ROUND, "--json").out)
    assert (again["commitment"], again["announced"]) == (value, ROUND)
    assert again["specification"] == read_run(home / "run").spec.digest
    shown = call("status", "run").out
    assert f"waits for its beacon: {ROUND}" in shown
    assert f"commitment of shard 1/1: {value}" in shown
    early = certify()
    assert early.code == 2
    assert "repeat the command with --beacon" in early.err
    assert certify("--beacon", BEACON).code == 0
    [draw] = read_run(home / "run").draws.values()
    assert (draw.announced, draw.beacon, draw.chosen) == (ROUND, BEACON.lower(), False)
    [shard] = json.loads(call("status", "run", "--json").out)["shards"]
    assert (shard["commitment"], shard["beacon"]) == (value, BEACON.lower())


def test_report_and_export_say_so(certify, call, home):
    certify("--commit", ROUND)
    certify("--beacon", BEACON)
    study = study_of_run(read_run(home / "run"))
    texts = " ".join(f"{s.head} {s.text}" for s in (*words_of(study), *unsaid(study)))
    assert ROUND in texts
    assert "deleted a run" not in texts
    assert call("export", "run", "--format", "json", "--out", "run.json").code == 0
    [seed] = json.loads((home / "run.json").read_text())["seeds"]
    assert (seed["announced"], seed["beacon"]) == (ROUND, BEACON.lower())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--commit", ROUND, "--beacon", BEACON), "give one of them"),
        (("--beacon", BEACON), "begin it with --commit"),
        (("--commit", ""), "must be a line"),
        (("--commit", "two\nlines"), "must be a line"),
    ],
)
def test_what_cannot_be(certify, more, words):
    said = certify(*more)
    assert said.code == 2
    assert words in said.err


def test_a_draw_says_what_it_waits_for():
    waiting = Draw(seed=1, chosen=False, announced=ROUND)
    assert str(waiting).endswith(f"drawn by the operating system, waits for its beacon: {ROUND}")
    known = Draw(seed=1, chosen=False, announced=ROUND, beacon=BEACON.lower())
    assert f"mixed with 0123456789abcdef…, the beacon: {ROUND}" in str(known)
