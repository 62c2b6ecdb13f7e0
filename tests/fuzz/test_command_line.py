"""The whole command line on strangers' files and strangers' numbers: a code and a line, always."""

import os
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.survival import DEEP, LOG, QUICK, call, damaged, tree

NUMBERS = (
    "nan", "inf", "-inf", "-0", "0", "-1", "1e400", "1e308", "5e-324", "9" * 400, "9" * 5000,
    "١٢", "", " ", "0x10", "1_0", "½", "\x1b[2J", "a\nb", "1e999999999", "1e999999999:0:1",
    "1/0:0:1", "1/3:0:9" + "9" * 30, "reals:nan:nan", "1,nan", "," * 99, "1/999999", "0/0",
)  # fmt: skip
OPTIONS = (
    "sigma", "n", "n0", "alpha", "max-n", "beta", "precision", "radius-cap", "target-radius",
    "every", "first", "seed", "shard", "batch", "max-seconds", "resize", "crop", "space", "mean",
    "classes", "workers", "device", "beacon",
)  # fmt: skip


MODEL = "--model brightness:Bright --sigma .25 --n0 9 --n 99 --alpha .1"
CERTIFY = f"certify {MODEL} --data greys.npz --out new -q"
COMMANDS = {
    "run/run.sqlite": ("status run", "export run", "report run", "merge run --out new", CERTIFY),
    "run/spec.json": ("status run --json",),
    "greys.npz": (CERTIFY, "report run"),
    "log.tsv": ("import-log log.tsv", "export log.tsv --format csv", "report log.tsv"),
    "record.json": ("verify record.json", "verify record.json --json --level 0"),
    "record.table.tsv": ("verify record.json",),
}


def _tried(home, name, command):
    before = tree(home)
    code, *_ = call(*command.split())
    made = {place for place, content in tree(home).items() if before.get(place) != content}
    assert all(place.split("/")[0] in ("new", "report.html") for place in made), made
    for place in ("new", "report.html"):
        path = home / place
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return code


@pytest.mark.parametrize(("name", "command"), [(n, c) for n in COMMANDS for c in COMMANDS[n]])
def test_commands_read_what_is_going_to_be_damaged(home, name, command):
    assert _tried(home, name, command) == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_on_damaged_files_answer_or_refuse(home, name):
    real = (home / name).read_bytes()

    @settings(QUICK)
    @given(damaged(real), st.sampled_from(COMMANDS[name]))
    def holds(content, command):
        (home / name).write_bytes(content)
        _tried(home, name, command)

    holds()


@settings(QUICK)
@given(option=st.sampled_from(OPTIONS), number=st.sampled_from(NUMBERS))
def test_some_number_for_some_option_is_taken_or_refused(home, option, number):
    _numbered(home, option, number)


@pytest.mark.slow
@settings(DEEP)
@given(option=st.sampled_from(OPTIONS), number=st.sampled_from(NUMBERS))
def test_many_numbers_for_options_are_taken_or_refused(home, option, number):
    _numbered(home, option, number)


def _numbered(home, option, number):
    words = {"--sigma": ".25", "--n0": "4", "--n": "9"} | {f"--{option}": number}
    if option in ("max-n", "beta", "precision", "radius-cap", "target-radius"):
        del words["--n"]
        words = {"--precision": ".5", "--max-n": "200"} | words
    flat = [word for pair in words.items() for word in pair]
    fixed = ("--model", "brightness:Bright", "--data", "greys.npz", "--out", "new", "-q")
    call("certify", *fixed, *flat)
    shutil.rmtree(home / "new", ignore_errors=True)


@pytest.mark.parametrize("out", ["", ".", "run", "greys.npz/x", "x" * 300, "pipe"])
def test_places_that_cannot_be_written_are_refused(home, out):
    os.mkfifo(home / "pipe")  # never a real device: root could replace it
    for words in ("report run", "export run --format csv", "record run", "merge run"):
        assert call(*words.split(), "--out", out)[0] == 2, words
    assert (home / "pipe").is_fifo()
    assert call("verify", "record.json")[0] == call("status", "run")[0] == 0


def test_names_that_would_steer_a_terminal_are_written_out(home):
    evil = "cat\x1b[2J\x9b\u202e\n.npz"
    code, _, said = call(
        "certify", "--model", "a:b", "--data", evil, "--sigma", ".25", "--out", "o"
    )
    assert code == 2
    assert r"cat\x1b[2J\x9b\u202e" in said
    (home / evil).write_bytes((home / "greys.npz").read_bytes())
    for more in ((), ("--json",)):
        run = ("certify", *MODEL.split(), "--data", evil, "--out", f"o{len(more)}", *more)
        assert call(*run)[0] == 0
    assert call("status", "o0")[0] == call("report", "o0")[0] == 0


def test_logs_of_odd_numbers_are_refused_or_reported(home):
    odd = ("1e308", "5e-324", "-0", "nan", "1_0", "١", "1e9", "9" * 5000)
    for place, number in ((place, number) for place in (0, 3, 5) for number in odd):
        cells = ["0", "3", "3", "0.5", "1", "7"]
        cells[place] = number
        (home / "log.tsv").write_text(LOG.splitlines()[0] + "\n" + "\t".join(cells) + "\n")
        for words in ("import-log log.tsv --out new.tsv", "report log.tsv"):
            call(*words.split())
