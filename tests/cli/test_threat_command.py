"""certiball threat: sentences, tables, units and exit codes."""

import json
import subprocess
import sys

import pytest

ASK = ("threat", "--norm", "linf", "--eps")


@pytest.fixture
def run(certify):
    assert certify("--seed", 7).code == 0
    return "run"


def test_a_threat_without_a_run(call):
    said = call(*ASK, "8/255", "--shape", "3x224x224")
    assert said.code == 0
    first = said.out.splitlines()[0]
    assert "12.1720 in L2" in first
    assert "4722.4471 in L1" in first
    [row] = [line for line in said.out.splitlines() if line.startswith("  100\u202f000")]
    assert "3.1936      5.3153" in row
    assert "not realistic: 3.2 times the range of the data" in row
    assert "certiball does not have them yet" in said.out
    assert "no formula says" in said.out


def test_units_and_spellings_are_one_threat(call):
    levels = json.loads(call(*ASK, "8", "--units", "pixels", "--shape", "784", "--json").out)
    ours = json.loads(call(*ASK, "8/255", "--shape", "1x28x28", "--json").out)
    named = json.loads(call("threat", "--threat", "linf:8/255", "--shape", "28x28", "--json").out)
    assert levels == ours == named
    assert ours["longest"]["l2"] == pytest.approx(28 * 8 / 255)


@pytest.mark.parametrize("words", [("--norm", "rotation"), ("--threat", "paint on the sign")])
def test_what_is_no_ball_is_never_passed_over(call, words):
    said = call("threat", *words, "--shape", "28x28")
    assert said.code == 0
    assert said.out.startswith("Not covered")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ASK, "8", "--shape", "28x28"), "did you mean 8/255?"),
        ((*ASK, "1.01", "--shape", "28x28"), "give --units pixels"),
        ((*ASK, "8/255"), "give the shape of an input"),
        ((*ASK, "8/255", "--shape", "0x28"), "--shape '0x28' is none"),
        ((*ASK, "8/255", "--shape", "999999999x999999999"), "more than 1,000,000,000,000"),
        ((*ASK, "-1", "--shape", "28"), "must be a number above 0"),
        (("threat", "--norm", "linf", "--shape", "28"), "--norm linf needs --eps"),
        (("threat", "--shape", "28"), "name the threat once"),
        ((*ASK, "1/2", "--threat", "l2:1", "--shape", "28"), "name the threat once"),
        (("threat", "--threat", "l2:1", "--eps", "1", "--shape", "28"), "put it after a colon"),
        ((*ASK, "1/2", "--shape", "28", "--require", ".5"), "name it with --run"),
        ((*ASK, "1/2", "--shape", "28", "--n", "0"), "--n must be at least 1"),
        ((*ASK, "1/2", "--run", "absent"), "is not a run folder"),
        (("threat", "--norm", "l0", "--eps", "1.5", "--shape", "28"), "whole numbers"),
    ],
)
def test_bad_input_is_one_line(call, words, said):
    answer = call(*words)
    assert answer.code == 2
    assert said in answer.err


def test_a_run_is_asked(call, run):
    said = call(*ASK, "1/10", "--run", run, "--require", ".6")
    first, second, third, *_ = said.out.splitlines()
    assert "Partly covered: of 6 inputs, 4 are proven" in first
    assert second.startswith("66.6% covered with the right class; that takes a radius of more")
    assert "votes if all agree" in third
    assert said.code == 0
    assert call(*ASK, "1/10", "--run", run, "--require", ".7").code == 1
    found = json.loads(call(*ASK, "1/10", "--run", run, "--json").out)["run"]
    assert (found["verdict"], found["covered_right"], found["inputs"]) == ("partly covered", 4, 6)
    assert found["radius_needed"] == pytest.approx(0.2)
    assert found["votes_if_unanimous"] <= 500


def test_what_is_not_covered_fails_on_request(call, run):
    assert call(*ASK, "1/2", "--run", run).code == 0
    said = call(*ASK, "1/2", "--run", run, "--require", ".1")
    assert said.code == 1
    assert "Not covered: of 6 inputs, 0" in said.out
    assert "more votes than there can be" in said.out
    assert call(*ASK, "1/2", "--run", run, "--require", "0").code == 0
    assert "must be a share" in call(*ASK, "1/2", "--run", run, "--require", "50").err


def test_a_run_against_words_and_other_norms(call, run):
    said = call("threat", "--norm", "rotation", "--run", run)
    assert said.code == 0
    assert "Not covered: “rotation” is no ball of a norm: what is compared is every" in said.out
    assert (
        "--shape 3x3 is given beside --run"
        in call(*ASK, "1/10", "--run", run, "--shape", "3x3").err
    )


def test_a_log_without_a_claim_has_no_verdict(call, home):
    (home / "log.tsv").write_text(
        "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t1\t1\t0.6\t1\t0:00:01\n"
    )
    said = call(*ASK, "1/10", "--run", "log.tsv")
    assert said.code == 2
    assert "states no claim" in said.err


def test_it_needs_no_torch():
    code = (
        "import sys; from certiball.cli import main; "
        "code = main(['threat', '--norm', 'linf', '--eps', '8/255', '--shape', '3x32x32', '-q']); "
        "sys.exit(code or 10 * ('torch' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
