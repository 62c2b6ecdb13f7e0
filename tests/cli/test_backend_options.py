"""--backend and --dtype, as a user meets them."""

import json
import sys

import pytest

from certiball.runs.read import read_run

NETWORK = '''
import torch
from torch import nn


def bright():
    """Float32 weights, so that precision matters."""
    linear = nn.Linear(4, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[-1.0] * 4, [1.0] * 4]))
        linear.bias.copy_(torch.tensor([2.0, -2.0]))
    return nn.Sequential(nn.Flatten(), linear)


def label(x):
    return (x.mean((1, 2, 3)) > 0.5).astype(int)


def function():
    from certiball import FunctionClassifier

    return FunctionClassifier(label, num_classes=2, name="bright")
'''


@pytest.fixture(autouse=True)
def linear(home):
    (home / "linear.py").write_text(NETWORK)
    yield
    sys.modules.pop("linear", None)


@pytest.fixture
def onnx():
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")


def test_run_and_certificates_name_backend_and_precision(certify, home, onnx):
    for out, more, words in (
        ("a", ("--dtype", "bfloat16"), "torch cpu bfloat16"),
        ("b", ("--backend", "onnxruntime"), "onnxruntime cpu float32"),
    ):
        said = certify(*more, model="linear:bright", out=out)
        assert said.code == 0, said.err
        assert f"run by {words}: what is said holds for the model run in this way" in said.out
        results = read_run(home / out)
        assert results.spec.model.backend == words
        certificates = [o.result for o in results.outcomes]
        assert {result.claim.backend for result in certificates} == {words}
        assert sum(words in str(result) for result in certificates) >= 4


def test_a_run_goes_on_as_it_was_begun(certify, home, onnx):
    certify("--backend", "onnxruntime", "--max-seconds", "1e-9", model="linear:bright", n=3000)
    said = certify(model="linear:bright", n=3000)
    assert said.code == 0, said.err
    assert "run by onnxruntime" in said.out
    said = certify("--backend", "eager", model="linear:bright", n=3000)
    assert said.code == 2
    assert "model.backend: onnxruntime cpu float32 → torch cpu float32" in said.err


def test_auto_is_eager_for_short_runs(certify, home):
    said = certify("--backend", "auto", model="linear:bright")
    assert said.code == 0, said.err
    assert "run by" not in said.out
    assert read_run(home / "run").spec.model.backend == "torch cpu float32"


def test_a_missing_extra_is_one_line_with_the_remedy(certify, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    said = certify("--backend", "onnxruntime", model="linear:bright")
    assert said.code == 2
    assert "needs onnx" in said.err
    assert "pip install 'certiball[onnx]'" in said.err


def test_what_has_no_backend_is_refused(certify, call):
    said = certify("--backend", "compile", model="linear:function")
    assert said.code == 2
    assert "backend and dtype are for torch modules, not for a FunctionClassifier" in said.err
    said = call("predict", "linear:function", "--data", "greys.npz", "--item", 1, "--sigma", 0.25,
                "--dtype", "float16")  # fmt: skip
    assert said.code == 2


def test_predict_says_what_runs_the_model(call, onnx):
    said = call("predict", "linear:bright", "--data", "greys.npz", "--item", 5, "--sigma", 0.25,
                "--backend", "onnxruntime")  # fmt: skip
    assert said.code == 0, said.err
    assert said.out.startswith("run by onnxruntime cpu float32")
    assert "class 1" in said.out


def test_doctor_reports_how_often_labels_differ(call):
    said = call("doctor", "linear:bright", "--data", "greys.npz", "--dtype", "bfloat16", "--json")
    found = {finding["check"]: finding for finding in json.loads(said.out)["findings"]}
    assert "torch cpu bfloat16 gives" in found["same as float32"]["text"]
    said = call("doctor", "linear:bright", "--data", "greys.npz", "--json")
    assert "same as float32" not in {f["check"] for f in json.loads(said.out)["findings"]}


def test_what_is_taken_from_the_run_is_said(certify):
    said = certify("--dtype", "bfloat16", "--max-seconds", "1e-9", model="linear:bright", n=3000)
    assert "run by torch cpu bfloat16: what is said" in said.out
    said = certify("--max-seconds", "1e-9", model="linear:bright", n=3000)
    assert "run by torch cpu bfloat16, taken from the run: what is said" in said.out
    said = certify("--dtype", "bfloat16", model="linear:bright", n=3000)
    assert "run by torch cpu bfloat16: what is said" in said.out


def test_a_refused_resume_says_nothing_else(certify):
    certify("--dtype", "bfloat16", model="linear:bright")
    for more, changes in (((), {"sigma": 0.5}), (("--seed", 3), {}), ((), {"model": "nets:Last"})):
        said = certify("--dtype", "bfloat16", *more, **{"model": "linear:bright"} | changes)
        assert said.code == 2
        assert said.out == ""
