"""certiball attack: on a run, a model or an endpoint; stopped it goes on, contradicted it stops."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from certiball.attacks.endpoint import Http
from certiball.attacks.oracle import SmoothedOracle
from certiball.campaigns.store import FILE
from certiball.cli.attacks import NAMES, Wish, attack_of
from certiball.errors import EndpointError, InputError
from certiball.runs.evidence import pack
from certiball.runs.store import FILE as RUN_FILE

QUICK = ("--max-queries", 40, "--votes", 120, "--first", 3)
ON_RUN = ("attack", "run", "--attack", "rays", "--n", 5, *QUICK)
ON_BASE = ("attack", "--model", "nets:Bright", "--data", "greys.npz", "--out", "there", *QUICK)


def _bright(inputs: np.ndarray) -> list[int]:
    return [int(x) for x in np.rint(255 * inputs.astype(np.float64)).sum((1, 2, 3)) > 510]


def test_a_run_is_attacked_and_its_page_shows_it(certify, call, home):
    assert certify().code == 0
    said = call(*ON_RUN)
    assert said.code == 0
    assert "rays on 3 inputs, Gaussian(sigma=0.25), n = 5, judged at level 0.5" in said.out
    assert "which proves nothing" in said.out
    assert f"stored in run/{FILE}" in said.out
    told = json.loads(call(*ON_RUN, "--json").out)  # nothing is done again
    [attack] = told["attacks"]
    assert (attack["attack"], attack["norm"], attack["complete"]) == ("rays", "l2", True)
    assert [each["input"] for each in attack["inputs"]] == [0, 1, 2]
    third = attack["inputs"][2]
    assert third["judged"]
    assert third["queries"] <= 40
    assert third["verified_distance"] is None or third["verified_distance"] >= 36 / 255 - 1e-9
    said = call("report", "run", "--out", "page.html")
    assert said.code == 0
    assert "attacked and certified accuracy of the 3 inputs that were attacked: at most" in said.out
    [study] = json.loads(call("report", "run", "--out", "page.html", "--json").out)["studies"]
    told = study["attacked"]
    assert (told["inputs"], told["attacks"]) == (3, ["rays"])
    for radius, share in told["certified_accuracy"].items():
        assert share <= told["attacked_accuracy"][radius]
    page = (home / "page.html").read_text()
    assert "Clean, attacked and certified" in page
    assert "3 inputs attacked by rays" in page
    table = call("export", "run", "--format", "csv").out.splitlines()
    assert table[0].endswith("attacked,distance_verified,distance_claimed,attacked_by")
    assert table[4].endswith("False,,,")  # the fourth was not attacked


def test_a_model_without_noise_and_several_attacks(call):
    said = call(*ON_BASE, "--attack", "rays", "--attack", "pgd", "--epsilon", 0.1, "--json")
    assert said.code == 0
    rays, pgd = json.loads(said.out)["attacks"]
    for attack in (rays, pgd):
        assert attack["target"] == "without noise"
        near = attack["inputs"][2]["verified_distance"]
        assert near is None or near >= 18 / 255 - 1e-9
    assert rays["inputs"][2]["verified_distance"] == pytest.approx(18 / 255, abs=2 / 255)
    assert call(*ON_BASE, "--attack", "rays", "--quiet").out == ""


def test_points_within_epsilon_are_counted(call):
    """The third input is 18/255 from the boundary: within .1, and not within .05."""
    for epsilon, near in ((0.1, True), (0.05, False)):
        command = (*ON_BASE, "--attack", "rays", "--epsilon", epsilon)
        [attack] = json.loads(call(*command, "--json").out)["attacks"]
        distances = [each["verified_distance"] for each in attack["inputs"]]
        within = [each["within_epsilon"] for each in attack["inputs"]]
        assert within == [distance is not None and distance <= epsilon for distance in distances]
        assert within[2] is near
        assert (attack["epsilon"], attack["within_epsilon"]) == (epsilon, sum(within))
        said = f"{sum(within)} of {attack['verified']} within ε = {epsilon:g}, "
        assert said in call(*command).out
    [attack] = json.loads(call(*ON_BASE, "--attack", "rays", "--json").out)["attacks"]
    assert attack["within_epsilon"] is None


def test_only_inputs_that_are_asked_for_are_told(certify, call):
    certify()
    assert call(*ON_RUN).code == 0
    said = call(*ON_RUN, "--first", 2)
    assert "2 of 2 inputs:" in said.out
    [attack] = json.loads(call(*ON_RUN, "--first", 2, "--json").out)["attacks"]
    assert [each["input"] for each in attack["inputs"]] == [0, 1]
    assert (attack["planned"], attack["attacked"], attack["complete"]) == (2, 2, True)
    [attack] = json.loads(call(*ON_RUN, "--json").out)["attacks"]
    assert attack["attacked"] == 3


def test_noise_in_other_units_is_warned_of(call):
    said = call(*ON_BASE, "--attack", "rays", "--sigma", 64, "--n", 3)
    assert said.code == 0
    assert "more than twice the inputs' range" in said.err
    assert "divide by 255" in said.err


def test_an_interruption_says_how_to_go_on(certify, call, monkeypatch):
    certify()
    original, left = SmoothedOracle.counts, [8]

    def counts(self, questions):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return original(self, questions)

    monkeypatch.setattr(SmoothedOracle, "counts", counts)
    said = call(*ON_RUN, "--seed", 5)
    assert said.code == 130
    assert "all answers are safe in run/attacks.sqlite: repeat the same command" in said.err
    with closing(sqlite3.connect(f"run/{FILE}")) as connection:
        assert connection.execute("SELECT sum(questions) FROM answers").fetchone()[0] > 40
    assert call(*ON_RUN, "--seed", 5).code == 0
    whole = call(*ON_RUN, "--seed", 5, "--json").out
    Path("run", FILE).unlink()
    assert call(*ON_RUN, "--seed", 5, "--json").out == whole


def test_an_endpoint_that_fails_midway_is_exit_3_and_goes_on(call, monkeypatch):
    left = [10]

    def ask(self, inputs):
        left[0] -= 1
        if not left[0]:
            raise EndpointError(f"{self.url} did not answer within 30 seconds")
        return _bright(inputs)

    monkeypatch.setattr(Http, "__call__", ask)
    options = ("attack", "--endpoint", "http://127.0.0.1:9/predict", "--data", "greys.npz")
    command = (*options, "--out", "live", "--attack", "rays", "--deterministic", *QUICK)
    said = call(*command)
    assert said.code == 3
    assert "stopped: http://127.0.0.1:9/predict did not answer within 30 seconds" in said.err
    assert "all answers are stored: repeat the same command to go on" in said.err
    said = call(*command)
    assert said.code == 0
    assert "always answers the same, judged at level 0.5 by rule calls" in said.out
    refused = call(*options, "--out", "live", "--attack", "pgd")
    assert refused.code == 2
    assert "needs gradients, and an endpoint gives none" in refused.err


def test_an_endpoint_with_noise_of_its_own_is_probed_as_widely(call, monkeypatch):
    monkeypatch.setattr(Http, "__call__", lambda self, inputs: _bright(inputs))
    options = ("attack", "--endpoint", "http://127.0.0.1:9/", "--data", "greys.npz", *QUICK)
    command = (*options, "--out", "wide", "--attack", "hsja-adaptive")
    assert "here is none with a deviation" in call(*command).err
    said = call(*command, "--sigma", 0.25, "--json")
    assert said.code == 0
    [attack] = json.loads(said.out)["attacks"]
    assert "probe_deviation=0.25" in attack["parameters"]
    assert (attack["norm"], attack["target"]) == ("l2", "an endpoint")
    refused = call(*command, "--sigma", 0.25, "--n", 5)
    assert refused.code == 2
    assert "the endpoint's own affair" in refused.err


def test_a_wrong_certificate_is_found_out(certify, call, home):
    """The third input is .137 from the boundary; its votes are edited to prove more than .5."""
    certify(n=2000)
    with closing(sqlite3.connect(home / "run" / RUN_FILE)) as connection, connection:
        rows = connection.execute(
            "SELECT phase, first, samples FROM blocks WHERE input = 2 AND kind = 'votes'"
        )
        for phase, first, samples in rows.fetchall():
            counts = _unanimous(connection, phase, first, samples)
            connection.execute(
                "UPDATE blocks SET counts = ? WHERE input = 2 AND kind = 'votes' AND phase = ? "
                "AND first = ?",
                (pack(counts), phase, first),
            )
    said = call("attack", "run", "--attack", "rays", "--n", 25, "--max-queries", 60, "--first", 3)
    assert said.code == 1
    assert "CONTRADICTION: rays: input 2 is certified as class 0" in said.err
    assert "a wrong certificate" in said.err


def _unanimous(connection, phase, first, samples):
    """All votes of a block for class 0, in chunks of as many samples as there were."""
    from certiball.runs.tables import read_spec

    chunk = read_spec(connection).execution.chunk
    sizes = [min(chunk, samples - i) for i in range(0, samples, chunk)]
    return np.array([[size, 0] for size in sizes])


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ((), "name an attack: --attack hsja-adaptive"),
        (("--attack", "hjsa"), "there is no such attack; did you mean hsja?"),
        (("--attack", "square"), "give it with --epsilon"),
        (("--attack", "square", "--epsilon", 8), "epsilon = 8 in L∞ reaches every input"),
        (("--attack", "pgd", "--epsilon", 8), "8/255 for images in [0, 1]"),
        (("--attack", "hsja", "--epsilon", 8, "--norm", "linf"), "8/255 for images in [0, 1]"),
        (("--attack", "surfree", "--norm", "linf"), "surfree measures in L2 alone"),
        (("--attack", "rays", "--norm", "l0"), "RayS measures in L∞ or L2, not in L0"),
        (("--attack", "hsja-adaptive"), "here is none with a deviation: take hsja"),
        (("--attack", "rays", "--max-queries", 0), "max_queries must be at least 1, not 0"),
        (("--attack", "rays", "--n", 5), "--n and --frozen are about noise"),
        (("--attack", "rays", "--level", 1), "P_a must be above 0 and below 1"),
        (("--attack", "rays", "--first", 0), "0"),
        (("--attack", "rays", "--seed", "x"), "--seed 'x' is not an integer"),
        (("--attack", "eot-pgd"), "EOTPGD attacks smoothed classifiers"),
    ],
    ids=range(15),
)
def test_bad_input_is_one_line(call, home, more, complaint):
    said = call("attack", "--model", "nets:Bright", "--data", "greys.npz", "--out", "no", *more)
    assert said.code == 2
    assert complaint in said.err
    assert not (home / "no").exists()


def test_what_contradicts_itself_is_refused(certify, call):
    certify()
    for more, complaint in (
        (("run", "--out", "there"), "--out contradicts the run"),
        (("run", "--sigma", 0.5), "--sigma contradicts the run"),
        (("run", "--endpoint", "http://x/"), "--endpoint contradicts the run"),
        (("--out", "there"), "nothing to attack"),
        ((), "name a folder for the attacks with --out"),
        (("--out", "a", "--data", "greys.npz"), "name what is attacked once"),
        (("--out", "a", "--data", "greys.npz", "--endpoint", "ftp://x"), "begins with http"),
        (("nowhere",), "is not a run folder"),
    ):
        said = call("attack", *more, "--attack", "rays")
        assert said.code == 2
        assert complaint in said.err


def test_a_model_or_data_that_changed_is_refused(certify, call, home):
    certify()
    said = call(*ON_RUN, "--model", "nets:Three")
    assert said.code == 2
    assert "the model of run has changed since" in said.err
    assert not (home / "run" / FILE).exists()
    held = dict(np.load("greys.npz"))
    np.savez(home / "greys.npz", **(held | {"y": 1 - held["y"]}))
    said = call(*ON_RUN)
    assert said.code == 2
    assert "the data of run has changed since" in said.err
    call(*ON_BASE, "--attack", "rays", "--first", 1)
    said = call("attack", "--model", "nets:Three", *ON_BASE[3:], "--attack", "rays")
    assert said.code == 2
    assert "holds attacks on another model or on other data" in said.err


def test_every_name_is_an_attack():
    from certiball.balls import Norm

    for name in NAMES:
        named = attack_of(name, Wish(epsilon=0.1, deviation=0.25))
        assert named.attack.norm in (Norm.L2, Norm.LINF)
        assert hasattr(named.attack, "search") or callable(named.attack)
        if hasattr(named.attack, "search"):
            assert not named.on_base
    with pytest.raises(InputError, match="there is no such attack"):
        attack_of("nonsense", Wish())


def test_a_run_that_names_no_file_asks_for_its_model(certify, call, monkeypatch):
    certify()
    monkeypatch.setattr("certiball.models.factory.is_factory", lambda name: False)
    said = call(*ON_RUN)
    assert said.code == 2
    assert "calls its model 'nets:Bright', and there is no such file here: give --model" in said.err
