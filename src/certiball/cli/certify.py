"""certiball certify: sample a run, or go on with it."""

from typing import Annotated, Any, Literal

import typer

from certiball.cli import options
from certiball.cli.carry_out import Carried, Manner, carry_out
from certiball.cli.chosen_plan import PlanOptions, choices, plan_of, refuse_chance
from certiball.cli.commit import commit_run
from certiball.cli.headline import lines, numbers
from certiball.cli.names import RuleName, parse_seed, parse_shard
from certiball.cli.noise import law_of, parse_norm
from certiball.cli.output import Voice, duration
from certiball.cli.subject import (
    DataOptions,
    ModelOptions,
    inputs_of,
    open_data,
    open_model,
    source_of,
)
from certiball.cli.workers import WorkerOptions, connection_of, executor_of, threads_of
from certiball.errors import InputError


def certify(
    model: options.Model,
    data: options.Data,
    out: options.Out,
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    norm: options.NormName = None,
    n0: options.N0 = None,
    n: options.N = None,
    target_radius: options.TargetRadii = None,
    precision: options.Precision = None,
    radius_cap: options.RadiusCap = None,
    max_n: options.MaxN = None,
    beta: options.Beta = None,
    randomized: options.Randomized = False,
    alpha: options.AlphaOfDrawn = None,
    rule: Annotated[
        RuleName | None, typer.Option(help="How radii follow from bounds; one-sided.")
    ] = None,
    every: options.Every = 1,
    first: options.First = None,
    seed: options.Seed = None,
    commit: Annotated[
        str | None,
        typer.Option(
            help="Fix the run, draw nothing; names a public number to come. See --beacon."
        ),
    ] = None,
    beacon: Annotated[
        str | None, typer.Option(help="That number, hexadecimal, mixed into the run's key.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Only the i-th of m parts, as i/m; with 1 thread. See merge.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(help="Stop after so long; repeat to go on.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Inputs per batch; tuned otherwise.")] = None,
    layout: Annotated[
        Literal["contiguous", "channels_last"] | None, typer.Option(help="Memory layout; tuned.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads of torch; tuned, or 1 for --shard.")
    ] = None,
    executor: options.Executor = "serial",
    workers: options.Workers = None,
    address: options.Address = None,
    backend: options.Backend = None,
    dtype: options.Dtype = None,
    arch: options.Arch = None,
    mean: options.Mean = None,
    std: options.Std = None,
    classes: options.Classes = None,
    trust_pickle: options.TrustPickle = False,
    device: options.Device = None,
    resize: options.Resize = None,
    crop: options.Crop = None,
    grayscale: options.Grayscale = False,
    space: options.SpaceText = None,
    accept_environment: Annotated[
        bool, typer.Option("--accept-environment", help="Go on under other versions or hardware.")
    ] = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Certify inputs into a run folder. Stopped at any moment, the same command goes on."""
    from certiball.classifiers.backend import run_by
    from certiball.runs.backends import is_taken, settle_backend
    from certiball.runs.prepare import Job
    from certiball.smoothed import Smoothed

    voice = Voice(as_json=as_json, quiet=quiet)
    _check_seconds(max_seconds)
    if commit is not None and beacon is not None:
        raise InputError("--commit comes before --beacon is known: give one of them")
    named_workers = WorkerOptions(executor=executor, workers=workers, address=address)
    open_executor = executor_of(named_workers)
    samples = PlanOptions(
        n0=n0,
        n=n,
        target_radius=target_radius,
        precision=precision,
        radius_cap=radius_cap,
        max_n=max_n,
        beta=beta,
        randomized=randomized,
    )
    plan_of(samples)  # refuses what contradicts itself, before any data is loaded
    part, chosen = parse_shard(shard), parse_seed(seed)
    named = DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space)
    dataset = open_data(named)
    law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    plan, level, settled_rule = choices(law, samples, alpha, rule)
    refuse_chance(law, {"seed": seed, "commit": commit, "beacon": beacon})
    classifier = open_model(
        ModelOptions(
            text=model,
            arch=arch,
            mean=mean,
            std=std,
            classes=classes,
            trust_pickle=trust_pickle,
            device=device,
        ),
        inputs_of(dataset, law),
    )
    job = Job(
        g=Smoothed(classifier, law, space=dataset.space),
        dataset=dataset,
        model_name=model,
        plan=plan,
        alpha=level,
        rule=settled_rule,
        norm=parse_norm(norm),
        every=every,
        first=first,
        shard=part,
        batch=batch,
        layout=layout,
        threads=threads_of(named_workers, threads, out),
        seed=chosen,
        commit=commit,
        beacon=None if beacon is None else beacon.lower(),
        source=source_of(named, dataset),
        accept_environment=accept_environment,
    )
    job = settle_backend(out, job, backend=backend, dtype=dtype)
    asked = run_by(classifier, backend=None if backend == "auto" else backend, dtype=dtype)
    taken = is_taken(out, asked, job)
    if commit is not None:
        commit_run(voice, out, job)
        return
    with connection_of(named_workers):
        manner = Manner(max_seconds=max_seconds, executor=open_executor, taken=taken)
        carried = carry_out(voice, out, job, manner)
    _conclude(voice, out, carried)


def _check_seconds(max_seconds: float | None) -> None:
    """Before any data is loaded: that may take longer than the seconds asked for."""
    if max_seconds is not None and not max_seconds > 0:
        raise InputError(f"--max-seconds must be > 0, not {max_seconds}: leave it out for no limit")


def _conclude(voice: Voice, out: Any, carried: Carried) -> None:
    """The headline numbers of what is finished, and exit code 3 where not everything is."""
    from certiball.certification.judge import largest_radius
    from certiball.report.from_run import study_of_run
    from certiball.runs.read import read_run

    results, progress, spec = read_run(out), carried.progress, carried.request.spec
    finished = any(outcome.finished for outcome in results.outcomes)
    failures = {o.item.input: o.failure for o in results.outcomes if o.failure is not None}
    study = study_of_run(results) if finished else None
    voice.give(
        {
            "run": str(out),
            "complete": progress.complete,
            "samples": progress.done,
            "samples_wanted": progress.total,
            "failed": {str(number): reason for number, reason in failures.items()},
            "largest_radius": largest_radius(spec.question, spec.plan),
            **(numbers(study) if study else {}),
        }
    )
    for line in lines(study) if study else ():
        voice.say(line)
    if not progress.complete:
        most = "about" if progress.fixed else "at most"
        left = f", {most} {duration(progress.left)} to go" if progress.left else ""
        of = "of" if progress.fixed else "of at most"
        voice.note(
            f"stopped early: {progress.done} {of} {progress.total} samples are stored{left}; "
            "repeat the same command to go on"
        )
    else:
        voice.say(f"stored in {out}")
    if failures:
        number, reason = next(iter(failures.items()))
        voice.note(
            f"{len(failures)} of {len(results.outcomes)} inputs failed and count as not certified; "
            f"input {number}: {reason}"
        )
    if failures or not progress.complete:
        raise typer.Exit(3)
