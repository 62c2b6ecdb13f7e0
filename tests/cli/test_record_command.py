"""certiball record and verify, levels 0 and 1."""

import contextlib
import fcntl
import hashlib
import json
import os
import pty
import struct
import subprocess
import sys
import termios
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
    assert "says that “Ada” issued it, and is dated 2" in said.out
    assert "it claims: 6 of 6 inputs have a certificate, 6 for the right class. For " in said.out
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
    assert call("record", "run", "-o", "a/r.json").code == 2  # as keygen, which makes none either
    assert not Path("a").exists()
    Path("a").mkdir()
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
    lines = verify._wrapped("ok    rows           " + "word " * 60, " " * 21)
    assert max(map(len, lines)) <= 60
    digest = f"sha256:{64 * 'a'}"
    lines = verify._wrapped(f"ok    digest         {digest}, as expected", " " * 21)
    assert any(digest in line for line in lines)


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_shows_whole_lines(recorded, columns):
    """In a terminal of that width: no end of a line is written out, no line is longer."""
    path = recorded()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    code = "import sys; from certiball.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "verify", str(path)], stdout=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = _all_of(ours)
    lines = shown.splitlines()
    assert process.returncode == 0
    assert "\\n" not in shown
    assert columns - 30 < max(len(line) for line in lines if "sha256:" not in line) <= columns
    assert lines[-1].startswith("level 1: ")
    assert len(lines) > 20


def _all_of(terminal):
    """What a terminal shows, until nobody writes to it: reading then is an error on Linux."""
    parts = []
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4096):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


def test_only_plain_files_of_some_size_are_records_tables_and_keys(recorded, call):
    path = recorded()
    os.mkfifo("pipe")
    with Path("large.json").open("wb") as file:
        file.truncate(2**26 + 1)
    for name in ("pipe", "/dev/zero"):
        for words in ((name,), (path, "--table", name), (path, "--public-key", name)):
            assert "is no plain file" in call("verify", *words).err
    assert "the 67,108,864 that such a file may have" in call("verify", "large.json").err
    assert "is no plain file" in call("record", "run", "--key", "pipe").err


def test_numbers_of_a_forged_record_raise_nothing(recorded, call):
    path = recorded()
    for sigma in ("1e+308", "5e-324"):
        path.write_text(path.read_text().replace('"sigma":0.25', f'"sigma":{sigma}'))
        assert call("verify", path).code in (1, 2)


def test_whatever_the_checks_raise_is_one_line(recorded, call, monkeypatch):
    def fail(*_):
        raise RecursionError("too deep\n\x1b[2J")

    path = recorded()
    monkeypatch.setattr("certiball.records.verify.check_counts", fail)
    said = call("verify", path)
    assert (said.code, said.out) == (2, "")
    assert "could not be checked (RecursionError: too deep)" in said.err


@pytest.mark.parametrize(
    ("level", "option", "least"),
    [
        (1, ("--model", "nets:Bright"), 2),
        (0, ("--inputs", "3"), 2),
        (1, ("--all",), 2),
        (1, ("--nonce", "a coin"), 2),
        (1, ("--resize", "8"), 2),
        (1, ("--votes", "3"), 3),
        (2, ("--votes", "3"), 3),
        (2, ("--false-alarm", ".1"), 3),
        (1, ("--dtype", "float32"), 3),
    ],
)
def test_options_that_a_level_does_not_heed_are_refused(call, level, option, least):
    said = call("verify", "no file", "--level", level, *option)
    assert said.code == 2
    assert f"{option[0]} is for level {least}, and this is level {level}" in said.err


def test_nothing_is_claimed_before_what_was_asked_is_known_to_be_possible(recorded, call):
    path = recorded()
    draws = ("--level", 2, "--model", "nets:Bright", "--data", "greys.npz")
    for words in (
        ("--expect", "abc"),
        ("--public-key", "none.pem"),
        (*draws, "--nonce", ""),
        ("--level", 2, "--model", "nets:Missing", "--data", "greys.npz"),
    ):
        said = call("verify", path, *words)
        assert (said.code, said.out) == (2, "")


def test_a_quiet_failure_says_what_failed(recorded, call):
    path = recorded()
    said = call("verify", path, "--quiet", "--expect", f"sha256:{64 * '0'}")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("fail  digest")
    assert said.err.count("\n") == 1
