"""Whether a classifier answers each input by itself, as the theorem takes it to.

The theorem is about a function of one input. Votes of a model that is random, remembers earlier
calls, or mixes the inputs of a batch are no independent draws of such a function, and no other
batch will repeat them. A look can prove that a model is none; it cannot prove that it is one.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from certiball.certification.change import Change, change, rounding, same_within
from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend, settings
from certiball.classifiers.device import device_of
from certiball.classifiers.machine import machine_failed
from certiball.errors import BackendError, MissingExtraError, ModelError
from certiball.execution import Execution
from certiball.laws.enumerated import EnumeratedLaw
from certiball.samplers.streams import Phase, Stream
from certiball.sampling import exact_kernels, misfits_explained
from certiball.shapes import Array
from certiball.smoothed import Smoothed
from certiball.tuning import COMPILED

ROWS = 16  # noisy inputs in a look's batch, where scores show every difference
LABELS = 32  # where labels alone do, which few differences change
AGAIN = 8  # times that labels are asked for: one fair coin for a whole batch is missed in 1 of 256
CALLS = 300  # of one noisy input: what 1 of 100 calls does is missed by 1 look in 20
SECONDS = 0.3  # for these calls; a slow model gets fewer
SAID = (300, 100, 30, 10)  # calls that are told of: a round number is the same in every run
TOLD = "one of them {} times (95 % sure to show what changes in 1 of {} calls)"
KEY = 20190208  # any number: a look is the same for ever, and tells nothing of a run's noise
FAR = 2  # company is so many ranges of the space away, which no batch statistic overlooks
UNTRIED = "not tried: the model gave no vote for any input that it was shown"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What became of the same inputs asked for again.

    Args:
        repeated: as they were.
        moved: in other places of the batch; None for batches of one.
        company: with other inputs in the rest of the batch; likewise, and None where the model
            raises for those.
        generators: the generators of random numbers that the model drew from.
        calls: how often one of them was asked for besides.
        asked: what they are, in a word or two.
    """

    repeated: Change
    moved: Change | None
    company: Change | None
    generators: tuple[str, ...]
    calls: int = 0
    asked: str = "noisy input"

    def __str__(self) -> str:
        again = ["again", *(["in other places"] if self.moved else [])]
        again += ["beside other inputs"] if self.company else []
        often = next((calls for calls in SAID if calls <= self.calls), None)
        again += [TOLD.format(often, often // 3)] if often else []
        drawn = ", ".join(self.generators)
        warned = f", though it draws random numbers ({drawn})" if drawn else ""
        count = self.repeated.rows
        rows = f"{count} {self.asked}{'' if count == 1 else 's'} asked {', '.join(again)}"
        return f"{rows}: the same answers{warned}"


def check_single(g: Smoothed, inputs: Iterable[Array], execution: Execution) -> str:
    """Refuse a classifier that is seen to be no function of one input, before any vote.

    It is asked three times, for labels nine times, for a batch of a few noisy inputs, or of the
    shape to be executed where every shape is compiled for itself; then, for a third of a second
    at most, for one of them again and again. What it raises is left to the run to say.

    Args:
        g: the smoothed classifier.
        inputs: a few of those to be certified, encoded.
        execution: of the run.

    Returns:
        What was looked at, in words.

    Raises:
        ModelError: naming what its answers depend on.
    """
    run = settings(backend(g.classifier))
    compiled = run is not None and run[0] in COMPILED
    size = execution.batch if compiled else min(execution.batch, ROWS if run else LABELS)
    with exact_kernels(execution.threads):
        for x in inputs:
            rows = _noisy(g, x, max(1, size // 2))
            if execution.layout == "channels_last" and rows.ndim == 4:
                rows = rows.contiguous(memory_format=torch.channels_last)
            try:
                found = look(g, rows, alone=size == 1)
            except (BackendError, MissingExtraError):
                raise
            except Exception as error:  # a user's model may raise anything
                if machine_failed(error):
                    with misfits_explained(rows.shape[1:]):
                        raise
                continue
            _refuse(found)
            if found.repeated.rows:
                whole = rows if size == 1 else torch.cat([rows, rows])
                with misfits_explained(rows.shape[1:]):
                    calls = _often(g.classifier, [whole] if compiled else [rows[:1], whole])
                asked = "view" if isinstance(g.law, EnumeratedLaw) else found.asked
                return str(replace(found, calls=calls, asked=asked))
    return UNTRIED


def look(g: Smoothed, rows: Tensor, *, alone: bool = False) -> Look:
    """Ask a classifier for the same inputs again. The caller has chosen the kernels.

    Args:
        g: the smoothed classifier.
        rows: inputs [n, ...] as the model sees them.
        alone: with nothing else in the batch.
    """
    classifier, count = g.classifier, len(rows)
    batch = rows if alone else torch.cat([rows, rows.flip(0)])
    before = generators(classifier)
    first, *others = [classifier(batch) for _ in range(2)]
    others += [classifier(batch) for _ in range(AGAIN - 2) if first.ndim == 1]
    after = generators(classifier)
    first = first.cpu()
    same = same_within(classifier, first)
    again = [change(first, other.cpu(), same) for other in others]
    moved = company = None
    if not alone:
        moved = change(first[:count], first[count:].flip(0), same)
        for beside in _company(g, rows):
            try:
                third = classifier(torch.cat([rows, beside])).cpu()
            except Exception as error:  # of company that no run has
                if machine_failed(error):
                    raise
                continue
            company = change(first[:count], third[:count], same)
            break
    return Look(
        repeated=max(again, key=lambda each: (each.real, each.flips)),
        moved=moved,
        company=company,
        generators=tuple(name for name, state in before.items() if state != after[name]),
    )


def called_often(
    classifier: Classifier, batch: Tensor, same: float, *, most: int, seconds: float
) -> tuple[int, Change | None]:
    """Ask for the same batch again and again: calls, and what changed in the last of them.

    The caller has chosen the kernels.

    Args:
        classifier: whom to ask.
        batch: inputs [n, ...] as the model sees them.
        same: how far apart scores may lie, relatively.
        most: calls, of at least two.
        seconds: after which there are no more.
    """
    end = time.monotonic() + seconds
    first = classifier(batch).cpu()
    for calls in range(2, most + 1):
        changed = change(first, classifier(batch).cpu(), same)
        if changed.real:
            return calls, changed
        if time.monotonic() > end:
            break
    return calls, None


def generators(classifier: Classifier) -> dict[str, object]:
    """The state of each generator that a model may draw from without being given it.

    What else draws meanwhile, such as another thread, moves them too.
    """
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 (it is the one others draw from)
    states: dict[str, object] = {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "numpy": (name, np.asarray(keys).tobytes(), *rest),
        "python": random.getstate(),
    }
    device = device_of(classifier)
    if device.type == "cuda":
        states["torch on the GPU"] = torch.cuda.get_rng_state(device).numpy().tobytes()
    return states


def _refuse(found: Look) -> None:
    if found.repeated.real:
        raise ModelError(
            "the classifier is no function of its input: when the same batch is asked for again, "
            f"{found.repeated}; remove what is random in it (such as dropout(training=True)) or "
            "remembers earlier calls, and see certiball doctor"
        )
    if found.moved is not None and found.moved.real:
        raise ModelError(
            "the classifier's answer depends on the place of an input in its batch: in other "
            f"places, {found.moved}; remove what is seeded or counted inside of it"
        )
    if found.company is not None and found.company.real:
        raise ModelError(
            "the classifier's answer depends on the other inputs of its batch: beside others, "
            f"{found.company}; normalise by fixed numbers and not by those of the batch "
            "(track_running_stats=True), and along the axes of one input only"
        )


def _often(classifier: Classifier, batches: Sequence[Tensor]) -> int:
    """How often the first of the batches was asked for that the model takes."""
    for batch in batches:
        try:
            same = rounding(classifier, batch)
            calls, found = called_often(classifier, batch, same, most=CALLS, seconds=SECONDS)
        except Exception as error:  # of a batch of one, which no run may have
            if machine_failed(error):
                raise
            continue
        if found is not None:
            raise ModelError(
                "the classifier is no function of its input: when the same input is asked for "
                f"again and again, in call {calls} {found}; remove what is random or counts calls "
                "in it, and see certiball doctor"
            )
        return calls
    return 0


def _noisy(g: Smoothed, x: Array, count: int) -> Tensor:
    stream = Stream(key=KEY, phase=Phase.PREDICTION, input=0, chunk=0)
    rows = g.sampler(x.shape).noisy(x.reshape(-1), stream, count)
    return torch.from_numpy(rows).view(count, *g.law.seen(x.shape))


def _company(g: Smoothed, rows: Tensor) -> Iterator[Tensor]:
    """Other inputs, far from these and from each other; then some that no model may refuse."""
    low, high = g.space.bounds
    span = high - low if np.isfinite(high - low) else float(rows.std()) + float(rows.abs().max())
    half = len(rows) // 2
    yield torch.cat([rows[:half] + FAR * span, rows[half:] - 2 * FAR * span])
    yield rows[:1].expand(rows.shape)
