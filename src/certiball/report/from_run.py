"""From a stored run to the study that a report shows."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from certiball.certification.judge import largest_radius
from certiball.certification.plan import Plan
from certiball.certification.precision import Precision
from certiball.certification.predict import Prediction, answer
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Draw, is_usual
from certiball.datasets import Dataset
from certiball.errors import StoreError
from certiball.laws.gaussian import Gaussian
from certiball.report.exact import is_exact
from certiball.report.study import Answer, Asked, Entry, Origin, Study, entry_of
from certiball.runs.ledger import Attempt
from certiball.runs.read import Outcome, Results
from certiball.runs.spec import RunSpec
from certiball.shapes import Array


def study_of_run(
    results: Results, *, title: str | None = None, dataset: Dataset | None = None
) -> Study:
    """A run as a study: one entry for each input whose samples are all there, or that failed.

    Args:
        results: what `read_run` gave.
        title: a short name; the noise by default, such as "σ = 0.25".
        dataset: the data of the run, for pictures; the caller has checked its digest.

    Raises:
        StoreError: if no input is finished.
    """
    spec = results.spec
    entries = [_entry(spec, outcome) for outcome in results.outcomes if outcome.finished]
    if not entries:
        raise StoreError(f"{results.folder} has no finished input yet: let certify go on")
    draws, asked = tuple(results.draws.values()), asked_by(spec.plan)
    return Study(
        title=title or law_title(spec),
        entries=tuple(entries),
        origin=Origin.RUN,
        claim=spec.claim,
        unfinished=len(results.outcomes) - len(entries),
        shards=_finished_shards(results),
        draw=_single(draws),
        draws=draws,
        n0=spec.plan.selection,
        n=spec.plan.most,
        asked=asked,
        classes=_class_names(results),
        dimension=spec.dimension,
        largest=None  # votes stop before
        if asked is not None and asked.limit is not None
        else largest_radius(spec.question, spec.plan),
        notes=tuple(_notes(results, len(entries))),
        facts=tuple(_facts(results)),
        assumptions=results.assumptions,
        picture=None if dataset is None else lambda index: picture(dataset, index),
    )


def asked_by(plan: Plan) -> Asked | None:
    """What a plan stops for; None for a fixed number of votes."""
    if isinstance(plan, TargetRadius):
        return Asked(radii=plan.ascending, beta=plan.beta)
    if isinstance(plan, Precision):
        return Asked(precision=plan.rel, cap=plan.radius_cap, beta=plan.beta)
    return None


def law_title(spec: RunSpec) -> str:
    """The noise as a short name."""
    law = spec.claim.law
    return f"σ = {law.sigma:g}" if isinstance(law, Gaussian) else str(law)


def picture(dataset: Dataset, index: int) -> Array | None:
    """An input as height × width (× 3) in uint8; None where it is no picture."""
    levels = dataset[index][0]
    if levels.ndim != 3 or levels.shape[0] not in (1, 3):
        return None
    low, high = _ends(dataset)
    if not np.isfinite([low, high]).all():
        return None
    scaled = np.clip((levels.astype(np.float64) - low) / (high - low), 0, 1)
    pixels = np.rint(255 * scaled).astype(np.uint8)
    return pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)


def _ends(dataset: Dataset) -> tuple[float, float]:
    """The least and greatest number that an input of the dataset may hold."""
    integers = np.issubdtype(dataset[0][0].dtype, np.integer)
    space = dataset.space
    return (float(space.low), float(space.high)) if integers else space.bounds


def _entry(spec: RunSpec, outcome: Outcome) -> Entry:
    result = outcome.result
    if outcome.failure is not None:
        return _failed(outcome, outcome.failure)
    if result is None:
        raise StoreError(f"input {outcome.item.input} is not finished: let certify go on")
    known = entry_of(
        result, index=outcome.item.input, label=outcome.item.label, seconds=outcome.seconds
    )
    votes = result.estimation
    gap: Fraction = spec.plan.most * spec.question.slack
    said = answer(votes, spec.claim.alpha, result.draw, gap)
    label = said.label if isinstance(said, Prediction) else None
    return replace(known, clean=outcome.clean, answer=Answer(label=label))


def _failed(outcome: Outcome, reason: str) -> Entry:
    """An input without votes: not certified, and `predict` would not answer either."""
    return Entry(
        index=outcome.item.input,
        label=outcome.item.label,
        predicted=None,
        radius=0.0,
        seconds=outcome.seconds,
        clean=outcome.clean,
        answer=Answer(label=None),
        reason=f"failed: {reason}",
    )


def _class_names(results: Results) -> tuple[str, ...]:
    """A name for each class of the model; its number where the data names fewer, or none."""
    names = results.source.classes if results.source else ()
    if not names:
        return ()
    return (*names, *map(str, range(len(names), results.spec.model.classes)))


def _single(draws: tuple[Draw, ...]) -> Draw | None:
    """The one draw of a run that was not split."""
    return draws[0] if len(draws) == 1 else None


def _finished_shards(results: Results) -> tuple[str, ...]:
    """The shards of which every input is finished, where others are missing altogether."""
    every = range(len(results.outcomes))
    there = [place for shard in results.draws for place in shard.of_inputs(every)]
    if len(there) == len(every) or not all(results.outcomes[place].finished for place in there):
        return ()
    return tuple(map(str, results.draws))


def _notes(results: Results, finished: int) -> list[str]:
    notes = []
    if finished < len(results.outcomes) and not _finished_shards(results):
        notes.append(
            f"Unfinished: {finished} of {len(results.outcomes)} inputs have all their samples; "
            "rates are of those, and guarantees count the others as not certified."
        )
    failed = sum(outcome.failure is not None for outcome in results.outcomes)
    if failed:
        notes.append(
            f"{failed} of {len(results.outcomes)} inputs failed, for the model gave no votes: they "
            "count as not certified in every number here."
        )
    if results.spec.model.digest is None:
        notes.append("The model is unidentified: nothing ties these results to its weights.")
    if not is_usual(results.spec.claim.backend):
        notes.append(
            f"The base classifier was run by {results.spec.claim.backend}: in another way it is "
            "another classifier, of which nothing is said here."
        )
    if len(results.environments) > 1:
        notes.append(
            f"Computed under {len(results.environments)} environments (library versions or "
            "hardware), accepted by the user."
        )
    return notes


def _facts(results: Results) -> list[tuple[str, str]]:
    spec, execution = results.spec, results.spec.execution
    last = list(results.environments.values())[-1:]
    seeds = [
        (f"seed of shard {shard}", str(draw))
        for shard, draw in results.draws.items()
        if len(results.draws) > 1 and not is_exact(spec.claim)
    ]
    return [
        ("run", str(results.folder)),
        ("specification", spec.digest),
        ("model", spec.model.name),
        ("model digest", spec.model.digest or "unidentified"),
        ("data", _data(spec)),
        ("data digest", spec.data.digest),
        ("plan", str(spec.plan)),
        (
            "executed",
            f"{spec.model.backend}, batch {execution.batch}, {execution.layout}, "
            f"{execution.threads} threads, chunks of {execution.chunk}",
        ),
        *seeds,
        ("attempts", _attempts(results.attempts)),
        *((f"with {name}", value) for facts in last for name, value in facts.items()),
    ]


def _data(spec: RunSpec) -> str:
    data = spec.data
    every = f", every {data.every}th" if data.every > 1 else ""
    first = f", the first {data.first}" if data.first is not None else ""
    return f"{data.name}{every}{first}: {data.count} inputs of shape {data.shape}"


def _attempts(attempts: tuple[Attempt, ...]) -> str:
    begun = attempts[0].started if attempts else "never"
    return f"{len(attempts)}, the first at {begun}"
