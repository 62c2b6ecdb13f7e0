"""Other backends and precisions: almost the same scores, under a name of their own."""

import pickle
import sys

import numpy as np
import pytest
import torch
from torch import nn

from certiball.claim import is_usual
from certiball.classifiers.backend import ENGINES, backend, lanes_of, run_by, settings
from certiball.classifiers.forward import BACKENDS, check_wanted
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import BackendError, InputError, MissingExtraError
from certiball.models.architecture import Architecture, build
from certiball.sampling import exact_kernels

ARCHITECTURE = Architecture(name="small-cnn", classes=10, shape=(1, 8, 8), mean=(0.5,), std=(0.25,))
BATCH = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(0))
COMPILED = [pytest.param(name, marks=pytest.mark.slow) for name in ("compile", "freezing")]


def network():
    return build(ARCHITECTURE, seed=0)


def scores(classifier, batch=BATCH, threads=1):
    with exact_kernels(threads):
        return classifier(batch).float()


@pytest.fixture
def onnx():
    """Skips where the extra is absent."""
    pytest.importorskip("onnx")
    return pytest.importorskip("onnxruntime")


@pytest.fixture(params=["eager", "onnxruntime", *COMPILED])
def name(request):
    if request.param == "onnxruntime":
        request.getfixturevalue("onnx")
    return request.param


def test_a_backend_gives_the_scores_of_eager(name):
    other = TorchClassifier(network(), 10, backend=name)
    expected = scores(TorchClassifier(network(), 10))
    torch.testing.assert_close(scores(other), expected, rtol=1e-4, atol=1e-6)
    assert torch.equal(scores(other), scores(other))
    for size in (3, 64):  # other shapes, other numbers of threads
        found = scores(other, BATCH[:size], threads=2)
        torch.testing.assert_close(found, expected[:size], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", [32, 128])
def test_an_answer_does_not_depend_on_its_place_among_32_rows(name, size):
    other = TorchClassifier(network(), 10, backend=name)
    batch = torch.rand(size, 1, 8, 8)
    moved = scores(other, batch.roll(32, 0)).roll(-32, 0)
    assert torch.equal(moved, scores(other, batch))


@pytest.mark.parametrize(("dtype", "near"), [("bfloat16", 0.03), ("float16", 3e-3)])
@pytest.mark.parametrize("name", ["eager", *COMPILED])
def test_a_lower_precision_is_near_and_leaves_the_model_alone(name, dtype, near):
    model = network()
    low = TorchClassifier(model, 10, name, dtype)
    expected = scores(TorchClassifier(model, 10))
    found = scores(low)
    assert 0 < (found - expected).abs().max() < near * expected.abs().max()
    assert next(model.parameters()).dtype == torch.float32


def test_a_classifier_travels_to_other_processes_without_what_was_built(name):
    sent = TorchClassifier(network(), 10, backend=name)
    expected = scores(sent)
    arrived = pickle.loads(pickle.dumps(sent))
    assert "_forward" not in vars(arrived)
    assert (arrived.backend, arrived.dtype) == (name, None)
    assert torch.equal(scores(arrived), expected)
    assert arrived.digest(BATCH) == sent.digest(BATCH)


def test_words_name_engine_device_and_numbers():
    assert set(ENGINES) == set(BACKENDS)
    model = nn.Linear(4, 2)
    assert backend(TorchClassifier(model, 2)) == "torch cpu float32"
    assert backend(TorchClassifier(model, 2, dtype="float32")) == "torch cpu float32"
    assert backend(TorchClassifier(model.double(), 2)) == "torch cpu float64"
    for name in BACKENDS:
        for dtype in ("float32", "bfloat16"):
            words = backend(TorchClassifier(model, 2, name, dtype))
            assert settings(words) == (name, dtype)
            assert is_usual(words) == (words == "torch cpu float32")
    assert settings("FunctionClassifier") is None
    assert is_usual("FunctionClassifier")


def test_only_torch_modules_have_backends():
    function = FunctionClassifier(len, num_classes=2)
    assert run_by(function) is function
    assert run_by(function, backend="eager", dtype="float32") is function
    for wrong in ({"backend": "compile"}, {"dtype": "bfloat16"}):
        with pytest.raises(InputError, match="for torch modules, not for a FunctionClassifier"):
            run_by(function, **wrong)
    other = run_by(TorchClassifier(nn.Linear(4, 2), 2, dtype="float16"), backend="compile")
    assert (other.backend, other.dtype) == ("compile", "float16")


def test_names_that_are_none_are_refused():
    with pytest.raises(InputError, match="backend must be one of eager, .*, not 'jax'"):
        TorchClassifier(nn.Linear(4, 2), 2, backend="jax")
    with pytest.raises(InputError, match="dtype must be one of float32, .*, not 'int8'"):
        TorchClassifier(nn.Linear(4, 2), 2, dtype="int8")
    with pytest.raises(InputError, match="backend must be auto or one of eager"):
        check_wanted("jax")
    check_wanted("auto")


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_extra_is_named(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, "onnx", sys.modules.get("onnx") if package != "onnx" else None)
    classifier = TorchClassifier(network(), 10, backend="onnxruntime")
    with pytest.raises(MissingExtraError, match=r"pip install 'certiball\[onnx\]'"):
        classifier(BATCH)


def test_onnxruntime_is_for_float32(onnx):
    with pytest.raises(InputError, match="for float32 on the CPU, not for bfloat16 on cpu"):
        TorchClassifier(network(), 10, "onnxruntime", "bfloat16")(BATCH)


class Fickle(nn.Module):
    """Other scores from call to call."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        return x.flatten(1)[:, :2] * self.calls


class Complex(nn.Module):
    """Something that ONNX does not have."""

    def forward(self, x):
        return torch.linalg.eigvalsh(x.flatten(1)[:, :4].view(-1, 2, 2))


def test_an_export_that_answers_otherwise_is_refused(onnx):
    with pytest.raises(BackendError, match="other scores than the model"):
        TorchClassifier(Fickle(), 2, backend="onnxruntime")(BATCH)


def test_a_model_that_cannot_be_exported_is_refused_in_one_line(onnx):
    with pytest.raises(BackendError, match="cannot be exported .*: take --backend eager") as caught:
        TorchClassifier(Complex(), 2, backend="onnxruntime")(BATCH)
    assert "\n" not in str(caught.value)


def test_shapes_that_do_not_fit_raise_as_ever(onnx):
    with pytest.raises(RuntimeError, match="3 channels"):
        TorchClassifier(network(), 10, backend="onnxruntime")(torch.rand(4, 3, 8, 8))


class Fixed(nn.Module):
    """Exported, it takes batches as large as the example."""

    def forward(self, x):
        return x.reshape(int(x.shape[0]), 64)[:, :2]


def test_an_export_for_one_size_of_batch_is_refused_in_one_line(onnx):
    with pytest.raises(BackendError, match="cannot .*: take --backend eager") as caught:
        TorchClassifier(Fixed(), 2, backend="onnxruntime")(BATCH)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "threads", "lanes"), [(128, 1, 1), (128, 2, 2), (64, 4, 2), (192, 4, 3), (96, 2, 1)]
)
def test_each_thread_has_an_equal_part_that_starts_where_chunks_do(rows, threads, lanes):
    found = lanes_of(TorchClassifier(network(), 10, backend="onnxruntime"), rows, threads)
    assert found == lanes
    assert found == 1 or rows % (32 * found) == 0
    assert lanes_of(TorchClassifier(network(), 10), rows, threads) == 1


def test_sessions_use_the_threads_that_torch_may_use(onnx):
    classifier = TorchClassifier(network(), 10, backend="onnxruntime")
    for threads in (1, 2):
        scores(classifier, threads=threads)
    assert sorted(classifier._made["forward"]._sessions) == [1, 2]


@pytest.mark.slow
def test_without_a_compiler_it_says_so_in_one_line():
    import torch._inductor.config as config

    torch._dynamo.reset()
    classifier = TorchClassifier(nn.Sequential(nn.Linear(7, 5), nn.ReLU()), 5, backend="compile")
    nowhere = config.patch({"cpp.cxx": ("/nonexistent/g++",), "fx_graph_cache": False})
    with (
        nowhere,
        pytest.raises(BackendError, match=r"no working C\+\+ compiler .* eager") as caught,
    ):
        scores(classifier, torch.rand(3, 7))
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_more_shapes_than_torch_compiles_by_itself_are_compiled():
    classifier = TorchClassifier(nn.Sequential(nn.Linear(4, 3), nn.Tanh()), 3, backend="compile")
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    for size in range(2, 14):
        scores(classifier, torch.rand(size, 4))
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 12


def test_labels_are_as_good_as_those_of_eager(name):
    """What the doctor reports for a float32 backend of an untrained network: no flip in 4,096."""
    rows = torch.from_numpy(np.random.default_rng(1).normal(0.5, 0.3, (4096, 1, 8, 8)))
    plain, other = TorchClassifier(network(), 10), TorchClassifier(network(), 10, backend=name)
    flips = sum(
        int((scores(plain, b).argmax(1) != scores(other, b).argmax(1)).sum())
        for b in rows.float().split(64)
    )
    assert flips <= 2


class Branching(nn.Module):
    """A pure function of each row, with a branch that an export would follow one way for ever."""

    def forward(self, x):
        if (x < 0).any():
            x = torch.where(x < 0, -3 * x, x)
        return torch.stack([x.sum((1, 2, 3)), torch.full((len(x),), 32.0)], 1)


def test_a_model_that_branches_on_numbers_has_no_export(onnx):
    with pytest.raises(BackendError, match="branches on its numbers .test_backends.py, line"):
        TorchClassifier(Branching(), 2, backend="onnxruntime")(BATCH)


def test_an_export_does_not_depend_on_the_first_batch(onnx):
    ones, others = (TorchClassifier(network(), 10, backend="onnxruntime") for _ in range(2))
    ones(BATCH)
    others(-3 * BATCH[:5])
    assert ones._made["forward"]._exported == others._made["forward"]._exported


@pytest.mark.parametrize("dtype", [None, "bfloat16"])
def test_weights_that_change_are_seen(name, dtype):
    if name == "onnxruntime" and dtype is not None:
        pytest.skip("onnxruntime is for float32")
    model = network()
    classifier = TorchClassifier(model, 10, name, dtype)
    before, digest = scores(classifier), classifier.digest(BATCH)
    with torch.no_grad():
        for weight in model.parameters():
            weight.neg_()
    after = scores(classifier)
    assert torch.equal(after, scores(TorchClassifier(model, 10, name, dtype)))
    assert not torch.equal(after, before)
    assert classifier.digest(BATCH) != digest


def test_a_model_without_weights_has_no_precision():
    with pytest.raises(InputError, match="dtype bfloat16 is the precision of weights"):
        TorchClassifier(Branching(), 2, dtype="bfloat16")(BATCH)


def test_where_torch_must_not_compile_it_is_not_called_compiled(monkeypatch):
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "1")
    with pytest.raises(BackendError, match="TORCHDYNAMO_DISABLE keeps torch from compiling"):
        TorchClassifier(network(), 10, backend="compile")(BATCH)
