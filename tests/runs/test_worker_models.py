"""A worker runs the model that the run was fixed with, or none."""

import os
import sys
from functools import partial

import numpy as np
import pytest
import torch

from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.sklearn import SklearnClassifier
from certiball.classifiers.torch import SOURCE, TorchClassifier
from certiball.errors import BackendError, ModelError
from certiball.execution import Execution
from certiball.executors.processes import processes
from certiball.executors.serial import serial
from certiball.executors.shipping import pack, unpack
from certiball.executors.work import Work
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.identity import check_model, model_id
from certiball.runs.prepare import prepare
from certiball.smoothed import Smoothed

SHAPE = (1, 2, 2)
one = partial(processes, workers=1)

SOURCES = {  # each in two versions
    "net": """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = torch.nn.Flatten()

    def forward(self, x):
        s = {sign} self.flat(x).sum(1, keepdim=True) - 2
        return torch.cat([-s, s], 1)
""",
    "answer": """
def bright(batch):
    return ({sign} batch.mean((1, 2, 3)) > 0.5).astype(int)
""",
}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a version of a module, and import it anew."""
    folder = tmp_path / "code"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    names = []

    def write(kind, sign):
        name = f"{kind}_of_{tmp_path.name.replace('-', '_')}"
        (folder / f"{name}.py").write_text(SOURCES[kind].format(sign=sign))
        sys.modules.pop(name, None)
        names.append(name)
        return name

    yield write
    for name in names:
        sys.modules.pop(name, None)


def classifier_of(module_name, kind, **options):
    module = __import__(module_name)
    if kind == "net":
        return TorchClassifier(module.Net(), 2)
    return FunctionClassifier(module.bright, 2, **options)


def checked(classifier, job, space):
    """Work with the check that a run gives it."""
    check = partial(
        check_model,
        expected=model_id(classifier, "a", space, SHAPE),
        space=space,
        shape=SHAPE,
    )
    g = Smoothed(classifier, job().g.law, space=space)
    return Work(g=g, key=1, execution=Execution(batch=32, threads=1), check=check)


KINDS = [("net", {}), ("answer", {}), ("answer", {"name": "v1"})]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_code_of_another_version_is_refused_where_it_is_loaded(module, job, dataset, kind, options):
    work = checked(classifier_of(module(kind, "+1 *"), kind, **options), job, dataset.space)
    parcel = pack(work)
    module(kind, "+1 *")
    unpack(parcel)  # the same text, imported anew
    module(kind, "-1.0 *")
    field = "digest" if kind == "net" or options else "probes"
    with pytest.raises(
        ModelError, match=rf"another model than the run was fixed with \({field}: .* → "
    ):
        unpack(parcel)


def test_code_that_only_answers_otherwise_elsewhere_is_refused_as_well(module, job, dataset):
    """The labels of the fixed inputs stay; the source does not."""
    work = checked(classifier_of(module("net", "+1 *"), "net"), job, dataset.space)
    parcel = pack(work)
    module("net", "+1.0 *")
    with pytest.raises(ModelError, match="another model than the run was fixed with"):
        unpack(parcel)


def run_with(folder, wanted, executor, between=lambda: None):
    request = prepare(folder, wanted)
    between()
    with attempt(folder, request) as run:
        return list(execute(run, wanted.g, wanted.dataset, executor=executor))[-1]


def test_a_file_that_is_edited_stops_a_run_with_workers_before_its_first_vote(
    tmp_path, module, job, dataset, stored
):
    classifier = classifier_of(module("net", "+1 *"), "net")
    wanted = job(g=Smoothed(classifier, job().g.law, space=dataset.space))
    with pytest.raises(ModelError, match=r"a worker on .* has another model .*--executor serial"):
        run_with(tmp_path / "run", wanted, one, lambda: module("net", "-1.0 *"))
    assert stored(tmp_path / "run") == {}


def test_what_is_sent_by_value_is_the_model_of_the_run(tmp_path, job, dataset, stored):
    """Its class is in no file that a worker could look into."""

    class Typed(torch.nn.Sequential):
        def forward(self, x):
            s = self[0](x).sum(1, keepdim=True) - 2
            return torch.cat([-s, s], 1)

    classifier = TorchClassifier(Typed(torch.nn.Flatten()), 2)
    wanted = job(g=Smoothed(classifier, job().g.law, space=dataset.space))
    assert run_with(tmp_path / "run", wanted, one).complete
    assert SOURCE not in vars(Typed)
    assert run_with(tmp_path / "serial", wanted, serial).complete
    assert stored(tmp_path / "run") == stored(tmp_path / "serial")


def test_a_fitted_estimator_is_the_same_once_it_was_sent(job, dataset):
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    inputs = np.random.default_rng(0).random((40, 4))
    fitted = linear.LogisticRegression().fit(inputs, inputs.sum(1) > 2)
    unpack(pack(checked(SklearnClassifier(fitted), job, dataset.space)))


def test_a_model_that_fails_in_a_worker_stops_the_run_in_one_line(tmp_path, job):
    home = os.getpid()

    def sick(batch):
        if os.getpid() != home:
            raise RuntimeError("no such device\nand more")
        return (batch.mean((1, 2, 3)) > 0.5).astype(int)

    with pytest.raises(
        ModelError, match=r"the model fails in a worker on \S+ \(RuntimeError: no such device\) "
    ):
        run_with(tmp_path, job(function=sick), one)


def test_what_a_machine_lacks_is_said_in_its_own_words(job, dataset):
    lacks = []

    def compiled(batch):
        if lacks:
            raise BackendError("no compiler")
        return (batch.mean((1, 2, 3)) > 0.5).astype(int)

    work = checked(FunctionClassifier(compiled, 2), job, dataset.space)
    lacks.append(1)
    with pytest.raises(BackendError, match="no compiler"):
        work.check(work.g.classifier)
