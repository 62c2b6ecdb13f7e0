"""Which backend a run uses: the stored one, the one asked for, or the fastest."""

from dataclasses import replace
from pathlib import Path

from certiball.certification.every_view import settled
from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend as words
from certiball.classifiers.backend import run_by, settings
from certiball.classifiers.forward import DTYPES, check_wanted
from certiball.datasets.select import select
from certiball.errors import InputError
from certiball.runs.attempt import stored_spec
from certiball.runs.items import examples
from certiball.runs.prepare import Job
from certiball.runs.shards import WHOLE
from certiball.tuning import COMPILED, on_backend, with_any


def settle_backend(folder: Path, job: Job, *, backend: str | None, dtype: str | None) -> Job:
    """The job with its classifier on a backend, and with a shape where that was tuned for it.

    A begun run keeps its own, unless another is asked for: that is another run, which will be
    refused.

    Args:
        folder: of the run, begun or not.
        job: what is to be certified.
        backend: one of a `TorchClassifier`, "auto" for the fastest, or None for "eager";
            "compile" takes "freezing" where that is faster.
        dtype: a precision, or None for the model's own.

    Raises:
        InputError: for a backend that does not exist, or "auto" with shards.
        BackendError: if the backend cannot run the model here.
        MissingExtraError: if it needs an extra that is not installed.
    """
    check_wanted(backend)
    stored = stored_spec(folder)
    held = settings(stored.model.backend) if stored else None
    if held is not None:
        kept = backend in (None, "auto") or (backend in COMPILED[:1] and held[0] in COMPILED)
        job = _run_by(job, held[0] if kept else backend, dtype)
        own = settings(words(job.g.classifier))
        # Asked for only where it is another: what is mixed, or no option makes, stays as it is.
        other = dtype is None and own is not None and own[1] != held[1] and held[1] in DTYPES
        return _run_by(job, None, held[1]) if other else job
    if backend == "auto" and job.shard != WHOLE:
        raise InputError(
            "--backend auto looks for the fastest on each machine, and shards must be of one run: "
            "name the backend"
        )
    job = _run_by(job, None, dtype)
    return job if backend is None else _tuned(job, backend)


def is_taken(folder: Path, asked: Classifier, job: Job) -> bool:
    """Whether a begun run goes on in another way than its command would begin one.

    Args:
        folder: of the run.
        asked: the classifier as the command's options alone have it.
        job: with the classifier that was settled on.
    """
    return stored_spec(folder) is not None and words(asked) != words(job.g.classifier)


def _run_by(job: Job, backend: str | None, dtype: str | None) -> Job:
    classifier = run_by(job.g.classifier, backend=backend, dtype=dtype)
    return replace(job, g=replace(job.g, classifier=classifier))


def _tuned(job: Job, backend: str) -> Job:
    """On the fastest backend of that name, with its shape where the user stated none."""
    chosen = select(len(job.dataset), every=job.every, first=job.first)
    plan, _, _ = settled(job.g.law, job.plan, None, None)
    samples = len(chosen) * (plan.selection + plan.most) if job.shard == WHOLE else 0
    g, shape = with_any(
        examples(job.dataset, chosen), lambda each: on_backend(job.g, each, samples, backend)
    )
    if shape is None:
        return replace(job, g=g)
    return replace(
        job,
        g=g,
        batch=job.batch or shape.batch,
        layout=job.layout or shape.layout,
        threads=job.threads or shape.threads,
    )
