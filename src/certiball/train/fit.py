"""The training loop. There is no other."""

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TypeAlias

import torch
from torch import nn

from certiball.datasets import Dataset
from certiball.errors import InputError, StoreError
from certiball.train.lock import held
from certiball.train.progress import Progress
from certiball.train.randomness import epoch_generator, epoch_seed
from certiball.train.recipe import Recipe
from certiball.train.schedule import learning_rate
from certiball.train.state import Configuration, load_state, save_state
from certiball.train.tally import Tally
from certiball.train.tensors import as_tensors, fingerprint

Loss: TypeAlias = Callable[[nn.Module, torch.Tensor, torch.Tensor, torch.Generator], torch.Tensor]


def fit(
    model: nn.Module,
    dataset: Dataset,
    loss: Loss,
    recipe: Recipe,
    *,
    folder: Path | None = None,
    report: Callable[[Progress], None] | None = None,
) -> nn.Module:
    """Train a model in place.

    On one machine with one number of threads, the weights are a function of the arguments. With a
    folder the state is kept after each epoch, and the same call continues from it, to weights
    identical bit for bit with those of an uninterrupted run.

    Args:
        model: with its normalisation inside; its initial weights are the caller's.
        dataset: held in memory as float32 while training.
        loss: (model, inputs (n, …), labels (n,), generator) → scalar; all its randomness comes
            from the generator.
        recipe: optimiser, schedule, epochs, batch, seed.
        folder: where to keep the training state; made if it is not there.
        report: called after each batch; what it raises stops the training.

    Returns:
        The same model, in eval mode.

    Raises:
        InputError: if the loss is no longer finite, or the data is empty.
        SpecMismatchError: if the folder holds a training that differs, saying in what.
        StoreError: if the folder's state is damaged or cannot be written, or another process
            trains in the folder.

    Example:
        >>> from certiball.datasets.digits import digits
        >>> from certiball.train.gaussian import GaussianLoss
        >>> net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
        >>> _ = fit(net, digits("train"), GaussianLoss(sigma=0.25), Recipe(epochs=1))
    """
    data = as_tensors(dataset)
    if folder is not None:
        _make(folder)
    with held(folder):
        _fit(model, data, loss, recipe, folder, report)
    return model.eval()


def _fit(
    model: nn.Module,
    data: tuple[torch.Tensor, torch.Tensor],
    loss: Loss,
    recipe: Recipe,
    folder: Path | None,
    report: Callable[[Progress], None] | None,
) -> None:
    optimiser = _optimiser(model, recipe)
    done = 0
    if folder is not None:
        configuration = _configuration(model, loss, recipe, fingerprint(*data))
        done = load_state(folder, model, optimiser, configuration=configuration)
        if not done:
            # The initial weights too: a run killed in its first epoch starts from the same.
            save_state(folder, model, optimiser, done=0, configuration=configuration)
    device = next(model.parameters()).device
    data = data[0].to(device), data[1].to(device)
    with _threads(recipe.threads):
        for epoch in range(done, recipe.epochs):
            for progress in _epoch(model, optimiser, loss, recipe, data, epoch):
                if report is not None:
                    report(progress)
            if folder is not None:
                save_state(folder, model, optimiser, done=epoch + 1, configuration=configuration)


def _epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Loss,
    recipe: Recipe,
    data: tuple[torch.Tensor, torch.Tensor],
    epoch: int,
) -> Iterator[Progress]:
    inputs, labels = data
    noise = epoch_generator(recipe.seed, epoch, "noise", inputs.device)
    shuffle = epoch_generator(recipe.seed, epoch, "shuffle", torch.device("cpu"))
    order = torch.randperm(len(labels), generator=shuffle).to(inputs.device)
    batches = torch.split(order, recipe.batch)
    tally = Tally()
    model.train()
    with _own_torch_seed(epoch_seed(recipe.seed, epoch, "layers")), tally.listening(model):
        for place, chosen in enumerate(batches):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(recipe, epoch * len(batches) + place, len(batches))
            value = loss(model, inputs[chosen], labels[chosen], noise)
            tally.count(value, labels[chosen])
            progress = Progress(
                epoch=epoch,
                epochs=recipe.epochs,
                batch=place,
                batches=len(batches),
                loss=tally.loss,
                accuracy=tally.accuracy,
            )
            _refuse_diverged(progress, recipe)
            optimiser.zero_grad()
            torch.autograd.backward(value)
            optimiser.step()
            yield progress


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _own_torch_seed(seed: int) -> Iterator[None]:
    # Dropout and its kind draw from torch's own generator.
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def _optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(model.parameters(), recipe.lr, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(
        model.parameters(),
        recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )


def _configuration(model: nn.Module, loss: Loss, recipe: Recipe, data: str) -> Configuration:
    # A function's repr has its address, which differs between processes.
    named = getattr(loss, "__qualname__", type(loss).__qualname__)
    shapes = [(key, tuple(value.shape)) for key, value in model.state_dict().items()]
    return {
        **asdict(recipe),
        "loss": repr(loss) if is_dataclass(loss) else f"{loss.__module__}.{named}",
        "model": hashlib.sha256(f"{model} {shapes}".encode()).hexdigest()[:16],
        "data": data[:16],
    }


def _refuse_diverged(progress: Progress, recipe: Recipe) -> None:
    if not math.isfinite(progress.loss):
        raise InputError(
            f"the loss became {progress.loss} in epoch {progress.epoch + 1}, batch "
            f"{progress.batch + 1}, at lr {recipe.lr}: lower the learning rate, or warm it up"
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the folder {folder} ({error.strerror}): choose a writable place"
        ) from error
