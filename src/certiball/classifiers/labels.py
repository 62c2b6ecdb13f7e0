"""What every adapter checks and hashes."""

from collections.abc import Callable

import torch
from torch import Tensor

from certiball.classifiers.machine import machine_failed
from certiball.errors import CertiballError, InputError, ModelError

RAISED = b"raised"  # stands for the label of a probe for which a model raises


def check_classes(num_classes: int) -> None:
    """Refuse a number of classes that leaves nothing to classify."""
    if num_classes < 2:
        raise InputError(f"num_classes must be at least 2, not {num_classes}")


def probe_labels(classify: Callable[[Tensor], Tensor], probes: Tensor) -> bytes:
    """The labels that a classifier gives fixed inputs, as bytes to hash.

    A model may raise for an input that no run will ever show it. Where it does, it is asked for
    one after the other, and what it raises for is hashed as such.

    Args:
        classify: scores [batch, classes] or class indices [batch] of inputs [batch, ...].
        probes: the inputs.

    Raises:
        CertiballError: what the classifier itself says, if it says so of all of them, and what
            no input can be blamed for.
        MemoryError, RuntimeError: if the machine failed.
    """
    try:
        return _labels(classify(probes))
    except Exception as error:  # a user's model may raise anything
        _pass_on(error)
    answers: list[bytes] = []
    said: Exception | None = None
    for probe in probes:
        try:
            answers.append(_labels(classify(probe[None])))
        except Exception as error:
            _pass_on(error)
            answers.append(RAISED)
            said = error
    if isinstance(said, ModelError) and set(answers) == {RAISED}:  # such as: it is in train mode
        raise said
    return b"".join(answers)


def _labels(output: Tensor) -> bytes:
    labels = output.argmax(1) if output.ndim == 2 else output
    return labels.to("cpu", torch.int64).numpy().tobytes()


def _pass_on(error: Exception) -> None:
    """Raise what is not about an input."""
    own = isinstance(error, CertiballError) and not isinstance(error, ModelError)
    if own or machine_failed(error):
        raise error
