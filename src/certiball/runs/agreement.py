"""How often a model run in another way, or on inputs treated otherwise, gives another label.

None of this voids a certificate: each is about the classifier that was sampled. It is what is lost
where another one is deployed.
"""

from collections.abc import Callable
from itertools import islice

import torch
from torch import Tensor

from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend, run_by, settings
from certiball.classifiers.device import device_of
from certiball.classifiers.torch import TorchClassifier
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient, answers, labels_of, noisy_batches, soon

SOME = 16  # noisy copies of each input, where a share is all that is wanted
LEVELS = 255  # steps of an 8-bit picture


def agreement(patient: Patient) -> Finding:
    """Labels beside those of the same model eager in float32, clean and under the same noise."""
    run = patient.g.classifier
    found = settings(backend(run))
    same = found is not None and found[1] == "float32"
    usual = run_by(run, backend="eager", dtype=None if same else "float32")
    clean = _differences(run, usual, patient.batch)
    noisy = sum(_differences(run, usual, batch) for batch in noisy_batches(patient))
    count = patient.copies * len(patient.inputs)
    return Finding(
        check="same as float32",
        level=Level.OK,
        text=f"{backend(run)} gives {clean} of {len(patient.inputs)} inputs another label than "
        f"eager float32, and {noisy} of {count} under noise ({noisy / count:.2%})",
        remedy="it is another classifier: deploy the model as it is run here" if noisy else "",
    )


def autocast(patient: Patient) -> Finding:
    """Labels of the same module under torch.autocast, as some services run it."""
    check, run = "autocast", patient.g.classifier
    if not isinstance(run, TorchClassifier):
        return Finding(check=check, level=Level.OK, text="not a torch module")
    device = device_of(run).type
    kind = torch.get_autocast_dtype(device)

    def under(batch: Tensor) -> Tensor:
        weight = next(run.model.parameters(), batch)
        with torch.autocast(device, kind):
            scores: Tensor = run.model(batch.to(device=weight.device, dtype=weight.dtype))
        return scores

    changed, count = _under_noise(patient, under, lambda batch: batch)
    name = str(kind).removeprefix("torch.")
    remedy = (
        "under autocast it is another classifier, of which a certificate says nothing: deploy it "
        f"without, or certify it with autocast inside of its forward, or as --dtype {name}"
    )
    return Finding(
        check=check,
        level=Level.OK,
        text=f"under torch.autocast ({name}) {changed} of {count} noisy inputs get another label "
        f"({changed / count:.2%})",
        remedy=remedy if changed else "",
    )


def pictures(patient: Patient) -> Finding:
    """Labels of noisy inputs that were clipped and rounded to 8 bits on their way to the model.

    That the model does so itself shows only where noise is added: else nothing leaves the range.
    """
    check, (low, high) = "8-bit pictures", patient.g.space.bounds
    width = high - low
    if not 0 < width < float("inf"):
        return Finding(check=check, level=Level.OK, text="the space has no ends to clip at")

    def clipped(batch: Tensor) -> Tensor:
        return batch.clamp(low, high)

    def as_picture(batch: Tensor) -> Tensor:
        return low + width * ((clipped(batch) - low) * (LEVELS / width)).round() / LEVELS

    added = patient.g.law.deviation(patient.batch[0].numel()) is not None
    own = {"makes 8-bit pictures of": as_picture, "clips": clipped} if added else {}
    done = next((what for what, does in own.items() if _same_scores(patient, does)), None)
    changed, count = _under_noise(patient, patient.g.classifier, as_picture)
    if done and not changed:
        text = f"the model {done} noisy inputs itself: a part of it, and certified with it"
        return Finding(check=check, level=Level.OK, text=text)
    itself = f"the model {done} noisy inputs itself, a part of it; " if done else ""
    return Finding(
        check=check,
        level=Level.OK,
        text=f"{itself}clipped to {low:g}…{high:g} and rounded to 8 bits after the noise, "
        f"{changed} of {count} noisy inputs get another label ({changed / count:.2%})",
        remedy="give the model noisy inputs as they are, here and in deployment: clipped or saved "
        "as pictures they make another classifier, of which a certificate says nothing"
        if changed
        else "",
    )


def _under_noise(
    patient: Patient, other: Callable[[Tensor], Tensor], treated: Callable[[Tensor], Tensor]
) -> tuple[int, int]:
    """Labels that change where inputs are treated and asked of another, and how many there are."""
    changed = count = 0
    for batch in soon(islice(noisy_batches(patient), SOME)):
        count += len(batch)
        first = labels_of(answers(patient.g.classifier, batch))
        changed += int((first != labels_of(_asked(other, treated(batch)))).sum())
    return changed, count


def _same_scores(patient: Patient, treated: Callable[[Tensor], Tensor]) -> bool:
    batch = next(noisy_batches(patient))
    first, second = (answers(patient.g.classifier, each) for each in (batch, treated(batch)))
    return torch.allclose(first.double(), second.double(), rtol=1e-5, equal_nan=True)


def _asked(other: Callable[[Tensor], Tensor], batch: Tensor) -> Tensor:
    with torch.inference_mode():
        return other(batch).detach().cpu()


def _differences(run: Classifier, usual: Classifier, batch: Tensor) -> int:
    first, second = (labels_of(answers(each, batch)) for each in (run, usual))
    return int((first != second).sum())
