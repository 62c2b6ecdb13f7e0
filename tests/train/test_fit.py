import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.digits import digits
from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.models.architecture import build
from certiball.models.files import load_model
from certiball.models.normalise import Normalise
from certiball.spaces import Grid, Reals
from certiball.train.fit import fit
from certiball.train.gaussian import GaussianLoss
from certiball.train.recipe import Recipe
from certiball.train.recipes import DIGITS, DIGITS_CNN
from certiball.train.tensors import as_tensors, fingerprint
from certiball.train.train import train

LOSS = GaussianLoss(sigma=0.25)
RECIPE = Recipe(epochs=4, threads=1, batch=16, lr=0.05, schedule="cosine", warmup=1, seed=5)
ADAM = dataclasses.replace(RECIPE, optimiser="adamw", lr=0.01)


def toy(shift=0):
    rng = np.random.default_rng(3)
    labels = np.arange(50) % 2
    levels = rng.integers(0, 100, (50, 1, 4, 4)) + 120 * labels[:, None, None, None] + shift
    return ArrayDataset(
        name="toy", space=Grid.uint8(), classes=("dark", "light"), inputs=levels, labels=labels
    )


def net(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        # Batch statistics and dropout: state and randomness beyond weights and noise.
        layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()]
        return nn.Sequential(*layers, nn.Dropout(0.2), nn.Linear(16, 2))


def identical(one, two):
    first, second = one.state_dict(), two.state_dict()
    assert first.keys() == second.keys()
    return all(torch.equal(first[key], second[key]) for key in first)


class KilledError(Exception):
    pass


def kill_at(epoch, batch):
    def report(progress):
        if (progress.epoch, progress.batch) == (epoch, batch):
            raise KilledError

    return report


@pytest.mark.parametrize("recipe", [RECIPE, ADAM], ids=["sgd", "adamw"])
def test_the_weights_are_a_function_of_the_arguments(recipe):
    trained = fit(net(), toy(), LOSS, recipe)
    torch.rand(7)  # torch's own generator does not matter
    assert identical(trained, fit(net(), toy(), LOSS, recipe))
    other = dataclasses.replace(recipe, seed=6)
    assert not identical(trained, fit(net(), toy(), LOSS, other))
    assert not trained.training


def test_torchs_own_generator_is_left_alone():
    before = torch.random.get_rng_state()
    fit(net(0), toy(), LOSS, RECIPE)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("recipe", [RECIPE, ADAM], ids=["sgd", "adamw"])
@pytest.mark.parametrize("place", [(0, 0), (0, 3), (1, 1), (2, 3), (3, 0), (3, 3)])
def test_a_killed_training_continues_to_the_same_bits(tmp_path, recipe, place):
    whole = fit(net(), toy(), LOSS, recipe)
    with pytest.raises(KilledError):
        fit(net(), toy(), LOSS, recipe, folder=tmp_path, report=kill_at(*place))
    epochs = []
    resumed = fit(
        net(seed=9), toy(), LOSS, recipe, folder=tmp_path, report=lambda p: epochs.append(p.epoch)
    )
    assert identical(resumed, whole)
    assert epochs[0] == place[0]


def test_a_training_killed_twice_and_one_that_is_done(tmp_path):
    for place in ((1, 2), (3, 1)):
        with pytest.raises(KilledError):
            fit(net(), toy(), LOSS, RECIPE, folder=tmp_path, report=kill_at(*place))
    resumed = fit(net(), toy(), LOSS, RECIPE, folder=tmp_path)
    assert identical(resumed, fit(net(), toy(), LOSS, RECIPE))
    again = fit(net(), toy(), LOSS, RECIPE, folder=tmp_path, report=kill_at(0, 0))
    assert identical(again, resumed)
    assert not again.training


def test_threads_are_the_recipes_while_training_and_torchs_afterwards():
    before, seen = torch.get_num_threads(), set()
    recipe = dataclasses.replace(RECIPE, threads=before + 1)
    fit(net(), toy(), LOSS, recipe, report=lambda progress: seen.add(torch.get_num_threads()))
    assert seen == {before + 1}
    assert torch.get_num_threads() == before


def test_progress_is_reported_after_each_batch():
    seen = []
    fit(net(), toy(), LOSS, RECIPE, report=seen.append)
    assert [(p.epoch, p.batch) for p in seen] == [(e, b) for e in range(4) for b in range(4)]
    assert {(p.epochs, p.batches) for p in seen} == {(4, 4)}
    assert [p.ends_epoch for p in seen[:4]] == [False, False, False, True]
    assert seen[-1].loss < seen[0].loss
    assert seen[-1].accuracy > 0.8


def test_a_loss_may_be_any_callable_and_need_not_show_its_answers(tmp_path):
    def distillation(model, batch, labels, generator):
        return model(batch.repeat(2, 1, 1, 1)).square().mean()

    seen = []
    fit(net(), toy(), distillation, RECIPE, folder=tmp_path, report=seen.append)
    assert {p.accuracy for p in seen} == {None}
    with pytest.raises(SpecMismatchError, match=r"loss .*distillation → GaussianLoss\(sigma=0.25"):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path)


class Plain:
    def __call__(self, model, batch, labels, generator):
        return nn.functional.cross_entropy(model(batch), labels)


def test_an_objects_address_is_not_its_configuration(tmp_path):
    fit(net(), toy(), Plain(), RECIPE, folder=tmp_path)
    fit(net(), toy(), Plain(), RECIPE, folder=tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": dataclasses.replace(RECIPE, lr=0.5, epochs=9)}, "epochs 4 → 9; lr 0.05 → 0.5"),
        ({"loss": GaussianLoss(sigma=1.0)}, r"loss GaussianLoss\(sigma=0.25\) → Gaussian.*1.0"),
        ({"dataset": toy(shift=1)}, r"data \w+ → \w+\): choose another folder"),
        ({"model": nn.Sequential(nn.Flatten(), nn.Linear(16, 2))}, r"model \w+ → \w+"),
    ],
)
def test_another_configuration_is_refused_and_nothing_is_lost(tmp_path, change, message):
    first = {"model": net(), "dataset": toy(), "loss": LOSS, "recipe": RECIPE}
    fit(**first, folder=tmp_path)
    before = (tmp_path / "training.pt").read_bytes()
    with pytest.raises(SpecMismatchError, match=message):
        fit(**{**first, **change}, folder=tmp_path)
    assert (tmp_path / "training.pt").read_bytes() == before


def test_another_normalisation_is_another_model(tmp_path):
    first, other = (nn.Sequential(Normalise(mean=(m,), std=(1.0,)), net()) for m in (0.0, 0.5))
    fit(first, toy(), LOSS, RECIPE, folder=tmp_path)
    with pytest.raises(SpecMismatchError, match="model "):
        fit(other, toy(), LOSS, RECIPE, folder=tmp_path)


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_a_damaged_state_is_refused(tmp_path, content):
    if content is None:
        torch.save({"weights": torch.zeros(1)}, tmp_path / "training.pt")
    else:
        (tmp_path / "training.pt").write_bytes(content)
    with pytest.raises(StoreError, match=r"training\.pt is not a training state .*remove it"):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path)


def test_the_state_holds_no_code(tmp_path):
    fit(net(), toy(), LOSS, ADAM, folder=tmp_path)
    state = torch.load(tmp_path / "training.pt", weights_only=True)
    assert state["done"] == 4
    assert {p.name for p in tmp_path.iterdir()} == {"training.pt", "training.lock"}


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot make the folder .*file"):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path / "file")


def test_two_trainings_in_one_folder_do_not_mix(tmp_path):
    def again(progress):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path)

    with pytest.raises(StoreError, match="is in use by another training"):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path, report=again)
    assert identical(
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path), fit(net(), toy(), LOSS, RECIPE)
    )


def test_divergence_stops_with_the_place_and_the_remedy(tmp_path):
    def explode(model, batch, labels, generator):
        return model(batch).sum() * float("nan")

    with pytest.raises(InputError, match="loss became nan in epoch 1, batch 1, at lr 0.05: lower"):
        fit(net(), toy(), explode, RECIPE, folder=tmp_path)
    assert torch.load(tmp_path / "training.pt", weights_only=True)["done"] == 0


def test_noise_is_gaussian_is_added_before_the_model_and_is_not_clipped():
    seen = []

    class Spy(nn.Module):
        def forward(self, x):
            seen.append(x)
            return x.flatten(1)

    batch, labels = torch.zeros(1000, 1, 8, 8), torch.zeros(1000, dtype=torch.int64)
    for _ in range(2):
        GaussianLoss(sigma=0.5)(Spy(), batch, labels, torch.Generator().manual_seed(1))
    assert torch.equal(seen[0], seen[1])
    assert seen[0].std() == pytest.approx(0.5, rel=0.02)
    assert seen[0].mean() == pytest.approx(0, abs=0.01)
    assert seen[0].min() < -1.5


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
def test_sigma_must_be_positive(sigma):
    with pytest.raises(InputError, match=f"sigma must be finite and > 0, not {sigma}"):
        GaussianLoss(sigma=sigma)


def test_tensors_are_the_values_the_model_sees():
    inputs, labels = as_tensors(digits("train"))
    data = digits("train")
    assert inputs.dtype == torch.float32
    assert torch.equal(inputs[7], torch.from_numpy(data.space.values(data[7][0])))
    assert labels.tolist() == data.labels.tolist()
    assert fingerprint(inputs, labels) != fingerprint(inputs, labels.flip(0))


def test_real_data_is_taken_as_it_is():
    rows = np.array([[0.25], [0.5]])
    data = ArrayDataset(
        name="r", space=Reals(), classes=("a",), inputs=rows, labels=np.array([0, 0])
    )
    assert as_tensors(data)[0].tolist() == [[0.25], [0.5]]


def test_empty_data_is_refused():
    class Empty:
        name, space, classes = "nothing", Grid.uint8(), ("a",)

        def __len__(self):
            return 0

        def __getitem__(self, index):
            raise IndexError(index)

    with pytest.raises(InputError, match="nothing is empty"):
        as_tensors(Empty())


def test_train_leaves_a_checkpoint_and_continues(tmp_path):
    recipe = dataclasses.replace(DIGITS, epochs=6, warmup=0, lr=0.1)
    with pytest.raises(KilledError):
        train(DIGITS_CNN, digits("train"), LOSS, recipe, folder=tmp_path, report=kill_at(4, 2))
    seen = []
    model = train(DIGITS_CNN, digits("train"), LOSS, recipe, folder=tmp_path, report=seen.append)
    assert seen[0].epoch == 4
    assert seen[-1].accuracy > 0.75
    straight = fit(build(DIGITS_CNN, seed=recipe.seed), digits("train"), LOSS, recipe)
    assert identical(model, straight)
    loaded = load_model(tmp_path)
    assert identical(loaded.model, model)
    assert loaded.architecture == DIGITS_CNN
