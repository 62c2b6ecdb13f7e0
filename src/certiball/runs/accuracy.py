"""How often the base classifier is right, and whether its inputs are prepared as in training."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from certiball.claim import Rule
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient, answers, labels_of, noisy_batches

LOW = 0.6  # clean accuracy that few models worth certifying fall short of
BETTER = 0.2  # more inputs that are right: no accident among 64
NEEDED = {
    Rule.ONE_SIDED: "a class needs more than half of the votes: most inputs will not be certified",
    Rule.TWO_CLASS: "a class needs a clear lead in votes over every other one",
    Rule.EVERY_CLASS: "a class needs a lead over every other one among all views",
}
AS_TRAINED = (
    "inputs must be as in its training: check normalisation (--mean and --std), channel order "
    "(RGB or BGR) and scale (0 to 1, or 0 to 255)"
)


def clean_accuracy(patient: Patient) -> Finding:
    """Accuracy of the base classifier without noise; where it is low, what would make it higher."""
    rate = _rate(patient, patient.batch)
    found = _accuracy(patient, "clean accuracy", rate, "")
    better = None if found.level is Level.OK else _better_prepared(patient, rate)
    if better is None:
        return found
    how, share = better
    return Finding(
        check=found.check,
        level=Level.FAIL,
        text=f"{rate:.1%} of {len(patient.inputs)} inputs, but {share:.1%} where they are {how}",
        remedy="the model was trained on such inputs: do that inside of it, as a first layer (or "
        "--mean and --std), for noise is added to what it is given and must come before",
    )


def noisy_accuracy(patient: Patient, rule: Rule) -> Finding:
    """Accuracy of the base classifier on single noisy inputs, and what a rule needs of them."""
    rates = [_rate(patient, batch) for batch in noisy_batches(patient)]
    rate = sum(rates) / len(rates)
    found = _accuracy(patient, "accuracy under noise", rate, f" under {patient.g.law}")
    if found.level is Level.OK and rate < 0.5:
        return replace(found, level=Level.WARN, remedy=NEEDED[rule])
    return found


def _rate(patient: Patient, batch: Tensor) -> float:
    found = labels_of(answers(patient.g.classifier, batch))
    return float((found == torch.tensor(list(patient.labels.values()))).double().mean())


def _better_prepared(patient: Patient, rate: float) -> tuple[str, float] | None:
    """What could have been done to inputs in training and is not done here, if it explains much."""
    best: tuple[str, float] | None = None
    for how, prepared in _preparations(patient.batch):
        try:
            share = _rate(patient, prepared)
        except Exception:  # a user's model may raise anything
            continue
        if share >= rate + BETTER and (best is None or share > best[1]):
            best = (how, share)
    return best


def _preparations(batch: Tensor) -> Iterator[tuple[str, Tensor]]:
    yield "multiplied by 255", batch * 255
    yield "divided by 255", batch / 255
    yield "scaled to −1…1", 2 * batch - 1
    if batch.ndim != 4:
        yield "normalised to mean 0 and deviation 1", (batch - batch.mean()) / batch.std()
        return
    means, spreads = (t[:, None, None] for t in (batch.mean((0, 2, 3)), batch.std((0, 2, 3))))
    normalised = (batch - means) / spreads.clamp_min(1e-6)
    yield "normalised to mean 0 and deviation 1 in each channel", normalised
    if batch.shape[1] == 3:
        yield "given with their channels in reverse order (RGB, BGR)", batch.flip(1)


def _accuracy(patient: Patient, check: str, rate: float, where: str) -> Finding:
    text = f"{rate:.1%} of {len(patient.inputs)} inputs{where}"
    if rate <= 1.5 / patient.g.classifier.num_classes:
        return Finding(
            check=check,
            level=Level.FAIL if not where else Level.WARN,
            text=f"{text}, no better than guessing",
            remedy="train with this noise, or choose less of it"
            if where
            else f"check that labels are those of the model; {AS_TRAINED}",
        )
    if not where and rate < LOW:
        remedy = f"if the model should do better: {AS_TRAINED}"
        return Finding(check=check, level=Level.WARN, text=text, remedy=remedy)
    return Finding(check=check, level=Level.OK, text=text)
