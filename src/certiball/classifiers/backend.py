"""What runs a classifier, in words: another backend or precision is another classifier."""

from dataclasses import replace

import torch

from certiball.classifiers import Classifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.samplers.packed import ALIGNED

ENGINES = {
    "eager": "torch",
    "compile": "torch.compile",
    "freezing": "torch.compile(freezing)",
    "onnxruntime": "onnxruntime",
}


def backend(classifier: Classifier) -> str:
    """What runs a classifier: for torch modules the engine, kind of device and type of numbers.

    Example:
        >>> backend(TorchClassifier(torch.nn.Linear(4, 3), num_classes=3))
        'torch cpu float32'
        >>> backend(TorchClassifier(torch.nn.Linear(4, 3), 3, "compile", "bfloat16"))
        'torch.compile cpu bfloat16'
    """
    if not isinstance(classifier, TorchClassifier):
        return type(classifier).__name__
    weight = next(classifier.model.parameters(), torch.empty(0))
    dtype = classifier.dtype or str(weight.dtype).removeprefix("torch.")
    return f"{ENGINES[classifier.backend]} {weight.device.type} {dtype}"


def run_by(
    classifier: Classifier, *, backend: str | None = None, dtype: str | None = None
) -> Classifier:
    """The same model with another backend or dtype; None leaves either as it is.

    Raises:
        InputError: if it is no torch module, and so has neither, or for names that are none.
    """
    if backend is None and dtype is None:
        return classifier
    if not isinstance(classifier, TorchClassifier):
        if backend in (None, "eager") and dtype in (None, "float32"):
            return classifier
        raise InputError(
            f"backend and dtype are for torch modules, not for a {type(classifier).__name__}: "
            "leave them out"
        )
    return replace(
        classifier,
        backend=classifier.backend if backend is None else backend,
        dtype=classifier.dtype if dtype is None else dtype,
    )


def lanes_of(classifier: Classifier, rows: int, threads: int) -> int:
    """How many threads may run equal parts of a batch at once, each for itself.

    onnxruntime allows it; a torch module, or a function, may keep something between calls. Each
    part is a multiple of the rows at which chunks of noise start, so that a chunk gets the same
    bits wherever in a batch an interruption has put it.

    Args:
        classifier: what runs.
        rows: of a batch.
        threads: that there are.
    """
    if not (isinstance(classifier, TorchClassifier) and classifier.backend == "onnxruntime"):
        return 1
    return next((n for n in range(threads, 1, -1) if rows % (n * ALIGNED) == 0), 1)


def settings(text: str) -> tuple[str, str] | None:
    """Backend and dtype as `backend` words them; None for classifiers that have neither.

    Example:
        >>> settings("torch.compile(freezing) cuda bfloat16")
        ('freezing', 'bfloat16')
    """
    engine, _, rest = text.partition(" ")
    name = next((name for name, words in ENGINES.items() if words == engine), None)
    return None if name is None else (name, rest.rpartition(" ")[2])
