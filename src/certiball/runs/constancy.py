"""Whether the model is a function of its single input, looked at longer than before every run."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from certiball.certification.change import ROUNDINGS, Change, change, rounding
from certiball.certification.single_input import called_often, generators, look
from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend, run_by, settings
from certiball.classifiers.torch import TorchClassifier
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient, answers, noisy_batches, soon
from certiball.sampling import exact_kernels
from certiball.tuning import COMPILED

CALLS = 3000  # of one input: what happens in 1 of 1,000 calls is missed in 1 of 20 pre-flights
SECONDS = 2.0  # for these calls; a slow model gets fewer
UNEVEN = 7  # inputs in other batches: no multiple of what kernels take at a time
FEW = 0.05  # of hard labels that other shapes of batch may change by rounding
NO_DRAWS = "votes are then no draws of one function, and no certificate follows from them"
ONE_INPUT = f"make the model a function of its single input: {NO_DRAWS}"


def eval_mode(patient: Patient) -> Finding:
    """Parts that answer differently in training: dropout, statistics of the batch."""
    check, classifier = "eval mode", patient.g.classifier
    if not isinstance(classifier, TorchClassifier):
        return Finding(check=check, level=Level.OK, text="not a torch module")
    for name, part in classifier.model.named_modules():
        if part.training:
            return Finding(
                check=check,
                level=Level.FAIL,
                text=f"part '{name}' is in train mode",
                remedy=f"call model.eval(): with dropout or batch statistics {NO_DRAWS}",
            )
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.running_mean is None:
            return Finding(
                check=check,
                level=Level.FAIL,
                text=f"part '{name}' normalises by the statistics of the batch",
                remedy=f"train it with track_running_stats=True: {NO_DRAWS}",
            )
    return Finding(check=check, level=Level.OK, text="all parts are in eval mode")


def repeats(patient: Patient) -> Finding:
    """Whether the same inputs get the same answers again: often, and under noise."""
    check, classifier = "repeated calls", patient.g.classifier
    same = _same(patient)
    drawn: dict[str, None] = {}
    rows = 0
    for batch in soon(_all_batches(patient)):
        before = generators(classifier)
        first, second = answers(classifier, batch), answers(classifier, batch)
        after = generators(classifier)
        drawn |= dict.fromkeys(name for name, state in before.items() if state != after[name])
        found = change(first, second, same)
        rows += found.rows
        if found.real:
            return _failed(check, f"asked again, {found}", ONE_INPUT)
    calls, changed = _called_often(patient, same)
    if changed is not None:
        return _failed(check, f"in call {calls:,} of the same batch, {changed}", ONE_INPUT)
    text = f"the same answers to {rows:,} inputs asked twice, and in {calls:,} calls"
    operations, inner = _watched(patient)
    if drawn or operations:
        named = ", ".join((*operations, *(f"the generator of {name}" for name in drawn)))
        return Finding(
            check=check,
            level=Level.WARN,
            text=f"{text}, but the model draws random numbers ({named})",
            remedy="find what draws them, and remove it: what changes more seldom than in 1 of "
            f"{max(1, max(rows, calls) // 3):,} is not seen here, and where answers hang on "
            "chance, votes cannot be drawn again and nothing shows that they are independent",
        )
    within = f"; it computes in {inner} inside, which is a part of it" if inner else ""
    return Finding(check=check, level=Level.OK, text=f"{text}{within}")


def rebatched(patient: Patient) -> Finding:
    """Whether an answer depends on what else is in the batch, on its place, or on its size."""
    check, classifier, same = "other batches", patient.g.classifier, _same(patient)
    with exact_kernels(torch.get_num_threads()):
        seen = look(patient.g, next(noisy_batches(patient)))
    if seen.company is not None and seen.company.real:
        return _failed(check, f"beside other inputs, {seen.company}", f"{_OWN_NUMBERS}{NO_DRAWS}")
    whole = answers(classifier, patient.batch)
    backwards = answers(classifier, patient.batch.flip(0)).flip(0)
    for found in (seen.moved, change(whole, backwards, same)):
        if found is not None and found.real:
            return _failed(check, f"in other places of the batch, {found}", ONE_INPUT)
    pieces = [answers(classifier, piece) for piece in torch.split(patient.batch, UNEVEN)]
    sized = change(whole, torch.cat(pieces), max(same, _inner_rounding(patient)))
    if sized.real and (whole.ndim > 1 or sized.flips > FEW * sized.rows):
        return _failed(check, f"in batches of {UNEVEN}, {sized}", f"{_OWN_NUMBERS}{NO_DRAWS}")
    if sized.real:
        return Finding(
            check=check,
            level=Level.WARN,
            text=f"in batches of {UNEVEN}, {sized}",
            remedy="labels as good as tied may change by rounding: deploy the model in the "
            "batches that it is run in, or give scores instead of labels to see how near they are",
        )
    far = max(each.far for each in (seen.repeated, seen.moved or sized, sized))
    return Finding(check=check, level=Level.OK, text=f"the same answers, scores within {far:.1g}")


_OWN_NUMBERS = (
    "normalise by fixed numbers, not by those of the batch, and along the axes of one input: "
)


def _failed(check: str, text: str, remedy: str) -> Finding:
    return Finding(check=check, level=Level.FAIL, text=text, remedy=remedy)


def _all_batches(patient: Patient) -> Iterator[Tensor]:
    yield patient.batch
    yield from noisy_batches(patient)


def _called_often(patient: Patient, same: float) -> tuple[int, Change | None]:
    """Ask for one noisy input again and again: calls, and what changed in the last of them."""
    classifier, batch = patient.g.classifier, next(noisy_batches(patient))
    found = settings(backend(classifier))
    if found is None or found[0] not in COMPILED:  # for which another shape takes long
        batch = batch[:1]
    with exact_kernels(torch.get_num_threads()):
        return called_often(classifier, batch, same, most=CALLS, seconds=SECONDS)


def _same(patient: Patient) -> float:
    with exact_kernels(torch.get_num_threads()):
        return rounding(patient.g.classifier, patient.batch)


class _Watch(TorchDispatchMode):
    """Notes which operations draw random numbers, and the types of numbers that are computed."""

    def __init__(self) -> None:
        TorchDispatchMode.__init__(self)
        self.random: dict[str, None] = {}
        self.dtypes: set[torch.dtype] = set()

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.random[str(func.overloadpacket).rpartition(".")[2]] = None
        if isinstance(result, Tensor):
            self.dtypes.add(result.dtype)
        return result


def _watched(patient: Patient) -> tuple[tuple[str, ...], str]:
    """Random operations of a torch module, and a lower precision that it computes in."""
    classifier = patient.g.classifier
    if not isinstance(classifier, TorchClassifier):
        return (), ""
    eager: Classifier = run_by(classifier, backend="eager")
    with _Watch() as watch:
        answers(eager, next(noisy_batches(patient)))
    stated = (settings(backend(classifier)) or ("", ""))[1]
    lower = [t for t in (torch.bfloat16, torch.float16) if t in watch.dtypes]
    names = [name for t in lower if (name := str(t).removeprefix("torch.")) != stated]
    return tuple(watch.random), " and ".join(names)


def _inner_rounding(patient: Patient) -> float:
    """How far scores of another batch shape may lie apart by the precision computed in inside."""
    inner = _watched(patient)[1]
    return ROUNDINGS * torch.finfo(torch.bfloat16).eps if inner else 0.0
