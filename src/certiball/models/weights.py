"""Fitting published weights to a network: wrappers of the file and of the model taken off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from certiball.errors import InputError
from certiball.models.architecture import Architecture, build

NESTS = ("state_dict", "model_state_dict", "model_state", "model", "net", "weights")
MEANS, STDS = ("mean", "means"), ("std", "stds", "sd", "sds")
SHOWN = 3  # keys listed in an error
NESTED = 8  # dictionaries in dictionaries; one may hold itself
FEW = 16  # numbers that a message shows

State = dict[str, torch.Tensor]


def with_weights(
    architecture: Architecture, content: Mapping[Any, Any], name: str
) -> tuple[nn.Sequential, Architecture]:
    """The architecture's model in eval mode, with the weights of a file's content.

    Taken off, if they are there: an outer dictionary ("state_dict", "model", …), DataParallel's
    "module." at any place, and what wraps the network ("1." behind a normalising layer, as in
    arXiv 1902.02918's code, "model.", "network.", …). A normalising layer's own numbers become
    the architecture's where that has mean 0 and std 1, and must be the same where it has others.

    Args:
        architecture: what the weights are for.
        content: names to tensors, or a dictionary that holds one.
        name: of the file, for errors.

    Returns:
        The model, and its architecture with the file's normalisation.

    Raises:
        InputError: if the file's normalisation is another, or listing the first keys that are
            missing, unexpected or of another shape.

    Example:
        >>> a = Architecture(name="mlp", classes=10, shape=(1, 8, 8), mean=(0.5,), std=(0.5,))
        >>> state = build(a).network.state_dict()
        >>> parallel = {f"module.{key}": value for key, value in state.items()}
        >>> with_weights(a, {"state_dict": parallel}, "mine.pt")[0].training
        False
    """
    state = _without_parallel(_unnested(content, name))
    state, architecture = _without_normalisation(state, architecture, name)
    with torch.device("meta"):  # what a file claims must fit before memory is taken for it
        expected = build(architecture).get_submodule("network").state_dict()
    state = _without_prefix(state, expected)
    _refuse_misfits(state, expected, f"{name} as {architecture.name}")
    model = build(architecture, seed=0)
    model.get_submodule("network").load_state_dict(state, strict=True)
    return model.eval(), architecture


def _unnested(content: Mapping[Any, Any], name: str) -> State:
    for _ in range(NESTED):
        inner = (content[key] for key in NESTS if isinstance(content.get(key), Mapping))
        content = next(inner, content)
    if not content or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in content.items()
    ):
        found = ", ".join(str(key)[:40] for key in list(content)[:6]) or "nothing"
        raise InputError(
            f"{name} holds {found}, not weights: give a state dict, alone or under "
            f"{' or '.join(repr(key) for key in NESTS[:2])}"
        )
    odd = next((key for key, value in content.items() if not _is_plain(value)), None)
    if odd is not None:
        raise InputError(
            f"{odd} of {name} is no plain tensor of real numbers that are all there: "
            "save a state dict of dense tensors, on the processor"
        )
    return dict(content)


def _is_plain(value: torch.Tensor) -> bool:
    """Dense real numbers, each stored: one number expanded to many costs a file nothing."""
    dense = value.layout is torch.strided and value.device.type == "cpu"
    if not dense or value.is_quantized or value.is_complex():
        return False
    return value.untyped_storage().nbytes() >= value.numel() * value.element_size()


def _without_parallel(state: State) -> State:
    return {
        ".".join(part for part in key.split(".") if part != "module"): value
        for key, value in state.items()
    }


def _without_normalisation(
    state: State, architecture: Architecture, name: str
) -> tuple[State, Architecture]:
    means = {key: value for key, value in state.items() if key.rpartition(".")[2] in MEANS}
    stds = {key: value for key, value in state.items() if key.rpartition(".")[2] in STDS}
    layers = means | stds
    _refuse_other_channels(layers, architecture, name)
    if not any(architecture.mean) and set(architecture.std) == {1.0}:
        mean = _numbers(next(iter(means.values()), None), architecture.mean)
        std = _numbers(next(iter(stds.values()), None), architecture.std)
        try:
            architecture = replace(architecture, mean=mean, std=std)
        except InputError as error:
            raise InputError(f"{name} normalises with {', '.join(layers)}: {error}") from error
    for found, wanted in ((means, architecture.mean), (stds, architecture.std)):
        if not all(_same(value, wanted) for value in found.values()):
            said = ", ".join(f"{key} = {_rounded(value)}" for key, value in layers.items())
            raise InputError(
                f"{name} normalises with {said}, but --mean is {list(architecture.mean)} and "
                f"--std {list(architecture.std)}: leave --mean and --std out to take the file's"
            )
    return {key: value for key, value in state.items() if key not in layers}, architecture


def _refuse_other_channels(layers: State, architecture: Architecture, name: str) -> None:
    channels = architecture.shape[0]
    for key, value in layers.items():
        if value.numel() != channels:
            raise InputError(
                f"{name} normalises with {key} = {_rounded(value)}, which is not one number for "
                f"each of {channels} channels: give data with the channels that the model takes"
            )


def _numbers(value: torch.Tensor | None, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    return otherwise if value is None else tuple(value.flatten().double().tolist())


def _same(value: torch.Tensor, wanted: tuple[float, ...]) -> bool:
    numbers = torch.tensor(wanted, dtype=torch.float64)
    return torch.allclose(value.flatten().double(), numbers, atol=1e-6)


def _rounded(value: torch.Tensor) -> list[float] | str:
    if value.numel() > FEW:
        return f"{value.numel()} numbers"
    return [round(number, 4) for number in value.flatten().tolist()]


def _without_prefix(state: State, expected: State) -> State:
    # A network's own names may look like a wrapper's ("1."), so strip only where nothing fits.
    while not state.keys() & expected.keys():
        prefixes = {key.partition(".")[0] for key in state}
        if len(prefixes) != 1 or not all("." in key for key in state):
            break
        state = {key.partition(".")[2]: value for key, value in state.items()}
    return state


def _refuse_misfits(state: State, expected: State, name: str) -> None:
    # Old files have no batch counters; nothing depends on them in eval mode.
    missing = [
        key for key in expected if key not in state and not key.endswith("num_batches_tracked")
    ]
    unexpected = [key for key in state if key not in expected]
    reshaped = [key for key in expected if key in state and state[key].shape != expected[key].shape]
    shapes = [
        f"{key} {tuple(state[key].shape)} for {tuple(expected[key].shape)}" for key in reshaped
    ]
    misfits = (("missing", missing), ("unexpected", unexpected), ("wrong shape", shapes))
    complaints = [f"{what}: {_shortened(keys)}" for what, keys in misfits if keys]
    if complaints:
        remedies = [] if missing or unexpected else _remedies(state, expected, reshaped)
        raise InputError(
            f"the weights do not fit {name} ({'; '.join(complaints)}): "
            + ("; ".join(remedies) or "name the architecture they were trained with")
        )


def _remedies(state: State, expected: State, reshaped: list[str]) -> list[str]:
    """What to change where only the first or last layer differs, in channels or in classes."""
    first, (weight, bias) = next(iter(expected)), list(expected)[-2:]
    wanted, classes = state[first].shape, state[bias].shape[0] if state[bias].ndim == 1 else 0
    remedies, explained = [], set()
    if classes > 1 and state[weight].shape == (classes, expected[weight].shape[1]):
        explained |= {weight, bias}
        if bias in reshaped:
            remedies.append(f"they know {classes} classes: give --classes {classes}")
    if len(wanted) == 4 and _channels_aside(wanted) == _channels_aside(expected[first].shape):
        explained.add(first)
        if first in reshaped:
            takes, has = wanted[1], expected[first].shape[1]
            remedies.append(
                f"the model takes {_channels(takes)} and the data has {has}: "
                f"give data of {_channels(takes)}"
                + (" (--grayscale makes one of three)" if (takes, has) == (1, 3) else "")
            )
    return remedies if explained.issuperset(reshaped) else []


def _channels_aside(shape: torch.Size) -> tuple[int, ...]:
    return (shape[0], *shape[2:])


def _channels(count: int) -> str:
    return f"{count} channel" + ("" if count == 1 else "s")


def _shortened(keys: list[str]) -> str:
    more = len(keys) - SHOWN
    return ", ".join(keys[:SHOWN]) + (f" and {more} more" if more > 0 else "")
