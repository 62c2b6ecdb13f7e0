"""From a job to a specification, and what is refused on the way."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from certiball.certification.plan import FixedSamples
from certiball.classifiers.backend import backend
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.errors import InfeasibleError, InputError
from certiball.runs import environment
from certiball.runs.environment import changes
from certiball.runs.identity import data_id, fixed_probes, model_id
from certiball.runs.items import list_items
from certiball.runs.prepare import prepare
from certiball.runs.source import Source
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals


def test_a_claim_that_no_votes_could_support_is_refused_before_sampling(tmp_path, job):
    with pytest.raises(InfeasibleError, match="n must be at least 10"):
        prepare(tmp_path, job(plan=FixedSamples(n0=10, n=9)))
    assert list(tmp_path.iterdir()) == []


def test_labels_must_be_classes_of_the_model(tmp_path, job, dataset):
    three = replace(dataset, classes=("a", "b", "c"), labels=np.array([0, 1, 0, 2, 1, 0]))
    with pytest.raises(InputError, match=r"input 3 .* has label 2, but the model has classes 0…1"):
        prepare(tmp_path, job(dataset=three))


def test_inputs_are_chosen_by_place(dataset):
    items = list_items(dataset, classes=2, every=2, first=2)
    assert [(item.position, item.input, item.label) for item in items] == [(0, 0, 0), (1, 2, 0)]


def test_only_the_chosen_inputs_enter_the_digest(dataset):
    pixels = dataset.inputs.copy()
    pixels[1] = 7
    other = replace(dataset, inputs=pixels)
    assert data_id(dataset, every=2).digest == data_id(other, every=2).digest
    assert data_id(dataset).digest != data_id(other).digest
    assert data_id(dataset, every=2).count == 3


class Numbers:
    """A dataset of single numbers."""

    name = "numbers"
    space = Grid.uint8()
    classes = ("a", "b")

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return np.array(index), 0


def test_single_numbers_are_no_inputs():
    with pytest.raises(InputError, match="single numbers: give arrays"):
        data_id(Numbers())


def test_a_network_is_known_by_its_weights_and_what_runs_it(dataset):
    torch.manual_seed(0)
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    same = model_id(TorchClassifier(linear, num_classes=2), "a", dataset.space, (1, 2, 2))
    assert same.backend == "torch cpu float32"
    assert same == model_id(TorchClassifier(linear, num_classes=2), "a", dataset.space, (1, 2, 2))
    with torch.no_grad():
        linear[1].bias += 1e-7
    changed = model_id(TorchClassifier(linear, num_classes=2), "a", dataset.space, (1, 2, 2))
    assert changed.digest != same.digest


def test_what_runs_other_models_is_their_adapter():
    assert backend(FunctionClassifier(len, num_classes=2)) == "FunctionClassifier"
    flat = TorchClassifier(torch.nn.Flatten(), num_classes=2)
    assert backend(flat) == "torch cpu float32"


@pytest.mark.parametrize(
    "space", [Grid.uint8(), Reals(low=-1.0, high=1.0), Reals(), Reals(low=0.0)]
)
def test_probes_are_the_same_for_ever_and_lie_in_the_space(space):
    probes = fixed_probes(space, (1, 2, 2))
    assert probes.shape == (64, 1, 2, 2)
    assert torch.equal(probes, fixed_probes(space, (1, 2, 2)))
    low, high = space.bounds
    assert (probes >= low).all()
    assert (probes <= high).all()


def test_half_of_the_probes_are_smooth_and_span_the_space():
    probes = fixed_probes(Grid.uint8(), (3, 8, 8))
    constant, ramps = probes[32:48], probes[48:]
    assert (constant == constant[:, :1, :1, :1]).all()
    assert constant[:, 0, 0, 0].tolist() == pytest.approx(list(np.linspace(0, 1, 16)))
    assert ramps.amin((1, 2, 3)).tolist() == pytest.approx([0.0] * 16)
    assert ramps.amax((1, 2, 3)).tolist() == pytest.approx([1.0] * 16)
    steps = (ramps[..., 1:] - ramps[..., :-1]).flatten(1)
    assert ((steps.amax(1) - steps.amin(1)) < 1e-5).all()
    assert fixed_probes(Reals(), (1,)).shape == (64, 1)


def test_float_inputs_run_as_well(tmp_path, job, carry):
    space = Reals(low=0.0, high=1.0)
    values = np.linspace(0, 1, 24, dtype=np.float32).reshape(6, 1, 2, 2)
    data = ArrayDataset(
        name="floats",
        space=space,
        classes=("dark", "light"),
        inputs=values,
        labels=np.array([0, 0, 0, 1, 1, 1]),
    )
    g = Smoothed(job().g.classifier, job().g.law, space=space)
    assert carry(tmp_path, job(g=g, dataset=data))[-1].complete


def test_a_layout_for_images_is_refused_for_other_inputs(tmp_path, job, dataset):
    rows = replace(dataset, inputs=dataset.inputs.reshape(6, 4))
    with pytest.raises(InputError, match=r"channels_last is for images .* shape \(4,\)"):
        prepare(tmp_path, job(dataset=rows, layout="channels_last", function=lambda x: x[:, :2]))
    assert prepare(tmp_path, job(layout="channels_last")).spec.execution.layout == "channels_last"


@pytest.mark.parametrize("threads", [0, 9, 9_999_999])
def test_more_threads_than_the_machine_bears_are_refused(tmp_path, job, monkeypatch, threads):
    monkeypatch.setattr("certiball.runs.prepare.os.cpu_count", lambda: 2)
    with pytest.raises(InputError, match=f"from 1 to 8 on this machine of 2 cores, not {threads}"):
        prepare(tmp_path, job(threads=threads))
    assert prepare(tmp_path, job(threads=8)).spec.execution.threads == 8


def test_sources_survive_json():
    source = Source(text="x.zip", resize=9, crop=8, grayscale=True, classes=("a", "b"))
    assert Source.from_json(source.to_json()) == source


def test_environments_name_versions_and_hardware(monkeypatch, tmp_path):
    facts = environment.environment()
    assert facts["torch"].startswith("2.")
    assert facts["cpu"]
    assert facts["gpu"] == "none" or torch.cuda.is_available()
    assert changes(facts, facts) == []
    assert changes({"a": "1"}, {"b": "2"}) == ["a: 1 → unknown", "b: unknown → 2"]
    assert set(environment.environment("onnxruntime cpu float32")) - set(facts) == {
        "onnx",
        "onnxruntime",
    }
    assert environment._version("no-such-package") == "absent"
    assert environment._cpu(tmp_path / "absent")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "H1000")
    assert environment.environment()["gpu"] == "H1000"
    monkeypatch.delitem(environment.sys.modules, "torch")
    assert environment.environment()["gpu"] == "none"
