"""Keys, signatures and the levels that draw votes, at the command line."""

import base64
import json
import sys

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.records.record import read_record
from certiball.records.signature import check_signature
from certiball.runs.finding import Level


@pytest.fixture
def signed(certify, call, home):
    """A signed record of a run, with the greys and the network that it is about."""
    assert certify().code == 0
    assert call("keygen", "key.pem").code == 0
    said = call("record", "run", "-o", "cert.json", "--key", "key.pem")
    assert said.code == 0, said.err
    assert "signed by sha256:" in said.out
    return home / "cert.json"


@pytest.fixture
def verify(call):
    def run(*more, model="nets:Bright", data="greys.npz"):
        subject = ("--model", model, "--data", data)
        return call("verify", "cert.json", *more, *subject)

    return run


def checks(said):
    """The words and checks of a printed verification."""
    rows = [line.split(None, 2) for line in said.out.splitlines()]
    return {row[1]: row[0] for row in rows if row[0] in ("ok", "open", "warn", "fail")}


def test_replayed_and_fresh(signed, verify):
    said = verify("--level", 2, "--public-key", "key.pub.pem")
    assert said.code == 0, said.out
    assert "3,240 votes of 6 inputs, drawn again with the recorded seeds: identical" in said.out
    assert checks(said)["signature"] == "ok"
    said = verify(
        "--level", 3, "--votes", 500, "--inputs", 4, "--nonce", "a coin", "--false-alarm", "1e-6"
    )
    assert said.code == 0, said.out
    assert "4 inputs and noise by the nonce a coin" in said.out
    assert "probability at most 1e-06 (4 inputs, 500 fresh votes each)" in said.out
    assert "2 inputs had no fresh votes" in said.out
    assert checks(said)["signature"] == "warn"


def test_programs_get_the_findings(signed, verify):
    found = json.loads(verify("--level", 2, "--all", "--json").out)
    assert (found["passed"], found["level"]) == (True, 2)
    assert {"model", "data", "labels", "environment", "choice", "randomness", "replay"} <= {
        each["check"] for each in found["findings"]
    }


def test_programs_see_what_is_not_established(signed, call, home):
    def said(*more):
        found = json.loads(call("verify", "cert.json", "--json", *more).out)
        return found["passed"], found["integrity"], found["table"]

    key, digest = ("--public-key", "key.pub.pem"), read_record(signed).digest
    assert said() == (True, "not established", "checked")
    assert said(*key) == said("--expect", digest) == (True, "established", "checked")
    assert said(*key, "--expect", f"sha256:{64 * '0'}") == (False, "not established", "checked")
    (home / "cert.table.tsv").unlink()
    assert said("--level", "0") == (True, "not established", "not checked")


def test_what_is_trusted_is_said_at_each_level(signed, verify):
    for level in (2, 3):
        votes = ("--votes", 10) if level == 3 else ()
        said = verify("--level", level, "--inputs", 1, *votes)
        assert checks(said)["trust"] == "open"
        assert "which inputs were chosen" in said.out


def test_another_model_and_other_data(signed, verify, home):
    said = verify("--level", 2, model="nets:Three")
    assert said.code == 1
    assert "another model: the record's digest is" in said.out
    assert "no vote was drawn" in said.out
    greys = dict(np.load("greys.npz"))
    greys["x"] = np.minimum(greys["x"], 254)
    np.savez("darker.npz", **greys)
    said = verify("--level", 3, data="darker.npz")
    assert said.code == 1
    assert "other data: the record's digest is" in said.out
    np.savez(
        "few.npz",
        **{name: values[:2] if name != "classes" else values for name, values in greys.items()},
    )
    assert verify("--level", 2, data="few.npz").code == 1


def test_a_model_and_data_of_another_shape(signed, verify, home):
    rows = np.zeros((6, 99), dtype=np.uint8)
    np.savez("wide.npz", x=rows, y=np.arange(6) % 2, classes=np.array(["dark", "light"]))
    said = verify("--level", 2, model="nets:Wide", data="wide.npz")
    assert said.code == 1
    assert checks(said) | {"model": "fail", "data": "fail"} == checks(said)
    assert "of shape (1, 2, 2)), this one's" in said.out
    assert verify("--level", 2, model="nets:Wide").code == 2


def test_a_record_that_fails_below_draws_nothing(signed, verify, home):
    table = home / "cert.table.tsv"
    table.write_bytes(table.read_bytes().replace(b"certified", b"Certified", 1))
    said = verify("--level", 2)
    assert said.code == 1
    assert "no vote was drawn, for what is above has failed" in said.out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--level", 2, "--inputs", 0), "--inputs"),
        (("--level", 3, "--votes", 0), "fresh votes"),
        (("--level", 3, "--false-alarm", 2), "false alarms"),
        (("--level", 3, "--nonce", ""), "--nonce"),
        (("--level", 2, "--dtype", "bfloat16"), "--dtype is for level 3"),
    ],
)
def test_what_cannot_be_asked(signed, verify, more, words):
    said = verify(*more)
    assert said.code == 2
    assert words in said.err


def test_votes_need_a_model(signed, call):
    said = call("verify", "cert.json", "--level", 2, "--data", "greys.npz")
    assert said.code == 2
    assert "give --model and --data" in said.err


WEIGHTED = """
import torch
from torch import nn


class Weighted(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[-1.0], [1.0]]).expand(2, 4))
            self.linear.bias.copy_(torch.tensor([2.0, -2.0]))

    def forward(self, x):
        return self.linear(x.flatten(1))
"""


def test_precision_is_the_records_or_said_to_be_another(certify, call, home, verify):
    (home / "weighted.py").write_text(WEIGHTED)
    model = "weighted:Weighted"
    assert certify("--dtype", "bfloat16", model=model).code == 0
    assert call("record", "run", "-o", "cert.json").code == 0
    said = verify("--level", 2, model=model)
    assert said.code == 0, said.out
    assert "identical" in said.out
    assert checks(said)["environment"] == "ok"
    said = verify("--level", 3, "--votes", 100, "--dtype", "float32", model=model)
    assert "not as recorded (backend: torch cpu bfloat16 → torch cpu float32)" in said.out


def test_signatures(signed, call, home):
    assert call("keygen", "other.pem").code == 0
    said = call("verify", "cert.json", "--level", 0, "--public-key", "other.pub.pem")
    assert said.code == 1
    assert checks(said)["signature"] == "fail"
    payload = base64.b64decode(json.loads(signed.read_bytes())["payload"])
    signed.write_bytes(payload)
    said = call("verify", "cert.json", "--public-key", "key.pub.pem")
    assert said.code == 1
    assert "unsigned, where a signature by key.pub.pem is asked for" in said.out
    assert checks(call("verify", "cert.json"))["signature"] == "warn"
    assert call("record", "run", "-o", "two.json", "--key", "key.pub.pem").code == 2
    assert not (home / "two.json").exists()
    assert call("verify", "cert.json", "--public-key", "key.pem").code == 2


def test_a_locked_key_signs_with_its_passphrase_file(signed, call, home):
    (home / "words").write_text("correct horse\n")
    assert call("keygen", "locked.pem", "--passphrase-file", "words").code == 0
    sign = (
        "record",
        "run",
        "-o",
        "locked.json",
        "--key",
        "locked.pem",
        "--passphrase-file",
        "words",
    )
    assert call(*sign).code == 0
    assert call("verify", "locked.json", "--public-key", "locked.pub.pem").code == 0


def test_every_byte_of_a_signed_record_counts(signed, home):
    data, other = signed.read_bytes(), home / "other.json"
    rng = np.random.default_rng(1)
    for place in {
        *range(0, len(data), max(1, len(data) // 150)),
        *range(len(data) - 260, len(data)),
    }:
        mutated = bytearray(data)
        mutated[place] ^= int(rng.integers(1, 256))
        other.write_bytes(bytes(mutated))
        try:
            finding = check_signature(read_record(other), home / "key.pub.pem")
        except InputError:
            continue
        assert finding.level is Level.FAIL, place


def test_without_the_extra_a_signature_is_not_checked(signed, call, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    said = call("verify", "cert.json")
    assert said.code == 0
    assert "signature not checked: integrity not established" in said.out
    said = call("verify", "cert.json", "--public-key", "key.pub.pem")
    assert said.code == 2
    assert "pip install 'certiball[sign]'" in said.err
    assert call("record", "run", "-o", "two.json", "--key", "key.pem").code == 2
