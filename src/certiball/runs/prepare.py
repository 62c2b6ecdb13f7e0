"""From what a user wants to a run's specification."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from certiball.balls import Norm
from certiball.certification.assumptions import assumed
from certiball.certification.every_view import settled
from certiball.certification.judge import check_feasible
from certiball.certification.pending import looking
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.certification.single_input import check_single
from certiball.certification.smooth import draw_seed
from certiball.claim import Claim, Rule
from certiball.datasets import Dataset
from certiball.errors import InputError
from certiball.execution import Execution
from certiball.runs.attempt import Request, stored_spec
from certiball.runs.identity import data_id, model_id
from certiball.runs.items import examples, list_items
from certiball.runs.shards import WHOLE, Shard
from certiball.runs.source import Source
from certiball.runs.spec import RunSpec
from certiball.sampling import misfits_explained
from certiball.smoothed import Smoothed
from certiball.theorems import ball_of
from certiball.tuning import execution_for, usual_execution, with_any

THREADS_PER_CORE = 4  # more only stand in each other's way, and millions end the process
MOST_THREADS = 1024


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be certified, and how.

    Args:
        g: the smoothed classifier.
        dataset: the inputs; its space is the one of g.
        model_name: for people.
        plan: how many samples; None, like the next two, for what is usual. A law whose views are
            listed has all of them asked, and leaves nothing to choose.
        alpha: error rate of each certificate.
        rule: the radius rule.
        every: take every so-manieth input.
        first: of these, take the first so many.
        shard: which part of them.
        batch: inputs per call of the classifier; like the next two, None leaves it to a begun
            run, or to tuning.
        layout: "contiguous" or "channels_last".
        threads: torch's threads on the CPU; None likewise, but 1 for shards, so that machines of
            other core counts are of one run.
        seed: None for one from the operating system.
        commit: fix the run and draw nothing: which public number will be mixed into its key.
        beacon: that number, once it is published.
        source: how the data was opened.
        accept_environment: go on under other libraries or hardware.
    """

    g: Smoothed
    dataset: Dataset
    model_name: str
    plan: Plan | None = None
    alpha: float | None = None
    rule: Rule | None = None
    norm: Norm | None = None
    every: int = 1
    first: int | None = None
    shard: Shard = WHOLE
    batch: int | None = None
    layout: str | None = None
    threads: int | None = None
    seed: int | None = None
    commit: str | None = None
    beacon: str | None = None
    source: Source | None = None
    accept_environment: bool = False


def prepare(folder: Path, job: Job) -> Request:
    """Fix everything that votes may depend on, before the first is drawn.

    Raises:
        InfeasibleError: if no votes could certify (with the smallest n that can).
        InputError: if the inputs do not belong to the space or a label not to the model, or the
            layout is one for images and they are none, or the threads are too many, or the seed
            does not fit into 128 bits.
        ModelError: if the machine fails while the model answers fixed inputs, or its answers
            are seen to depend on more than the input.
        StoreError: if the folder's store cannot be read.
    """
    if job.seed is not None:
        draw_seed(job.seed)  # refuses one that does not fit
    g, dataset = job.g, job.dataset
    shape = dataset[0][0].shape
    items = list_items(dataset, classes=g.classifier.num_classes, every=job.every, first=job.first)
    data = data_id(dataset, every=job.every, first=job.first)
    with misfits_explained(shape, g.law):  # of a digest of the user's own
        model = model_id(g.classifier, job.model_name, g.space, g.law.seen(shape))
    numbers = [item.input for item in items]
    example = next(examples(dataset, numbers))
    norm, strict = ball_of(g.law, job.norm)
    plan, alpha, rule = settled(g.law, job.plan, job.alpha, job.rule)
    claim = Claim(
        law=g.law,
        norm=norm,
        strict=strict,
        rule=rule,
        alpha=alpha,
        space=g.space,
        bound=plan.bound,
        backend=model.backend,
    )
    check_feasible(Question(claim=claim, dimension=example.size), plan)
    execution = _execution(folder, job, plan, numbers)
    spec = RunSpec(model=model, data=data, claim=claim, plan=plan, execution=execution)
    tried = check_single(g, examples(dataset, numbers), execution)
    return Request(
        spec=spec,
        items=items,
        source=job.source,
        shard=job.shard,
        seed=job.seed,
        commit=job.commit,
        beacon=job.beacon,
        accept_environment=job.accept_environment,
        assumptions=assumed(tried),
    )


def _execution(folder: Path, job: Job, plan: Plan, numbers: Sequence[int]) -> Execution:
    """What the user forced, and for the rest a begun run's shape: another could vote otherwise.

    Shards are not tuned, each machine by itself: they would not be of one run.
    """
    _check_threads(job.threads)
    example = next(examples(job.dataset, numbers))
    stored = stored_spec(folder)
    if stored is not None:
        base = stored.execution
    elif job.shard.of > 1:
        base = replace(usual_execution(example), threads=1)
    elif job.batch is not None:
        base = usual_execution(example)
    else:
        samples = (plan.selection + plan.most) * len(numbers)
        base = with_any(
            examples(job.dataset, numbers), lambda each: execution_for(job.g, each, samples)
        )
    if job.layout == "channels_last" and example.ndim != 3:
        raise InputError(
            f"layout channels_last is for images (channels, height, width), and the inputs have "
            f"shape {example.shape}: leave it out, or give contiguous"
        )
    return replace(
        looking(plan, base),
        batch=base.batch if job.batch is None else job.batch,
        layout=base.layout if job.layout is None else job.layout,
        threads=base.threads if job.threads is None else job.threads,
    )


def _check_threads(threads: int | None) -> None:
    """Refuse numbers of threads that would slow this machine down or end the process."""
    cores = max(os.cpu_count() or 1, 1)
    most = min(THREADS_PER_CORE * cores, MOST_THREADS)
    if threads is not None and not 1 <= threads <= most:
        raise InputError(
            f"threads must be from 1 to {most} on this machine of {cores} cores, not {threads}: "
            "leave it out to have it tuned"
        )
