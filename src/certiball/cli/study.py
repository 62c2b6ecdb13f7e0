"""certiball study: attack a network with and without smoothing, and judge the paper's claims."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.names import parse_numbers, parse_seed
from certiball.cli.output import Voice, duration
from certiball.cli.scale import warn_of_scale
from certiball.cli.study_networks import NetworkOptions, networks_of
from certiball.cli.subject import DataOptions, ModelOptions, inputs_of, open_data
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.study.conduct import Study
    from certiball.study.plan import StudyPlan
    from certiball.study.subject import Subject


def study(
    out: options.Out,
    data: options.Data = "digits",
    model: Annotated[
        str, typer.Option("--model", help="The undefended network; trained here if left out.")
    ] = "",
    noise_model: Annotated[
        list[str] | None,
        typer.Option(help="A noise-trained one, as SIGMA=MODEL, repeatable; else trained here."),
    ] = None,
    pgd_model: Annotated[
        str | None, typer.Option(help="The PGD-trained network; else trained here.")
    ] = None,
    train_data: Annotated[
        str | None, typer.Option(help="What to train on; digits:train for digits.")
    ] = None,
    train_first: Annotated[int | None, typer.Option(help="So many inputs of it.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over it.")] = None,
    lr: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    epsilon: Annotated[float, typer.Option(help="Of PGD training, in L2.")] = 0.5,
    images: Annotated[int, typer.Option(help="Attacked in each cell.")] = 16,
    queries: Annotated[int, typer.Option(help="About each image, at most.")] = 300,
    n: Annotated[str, typer.Option("--n", help="Votes of smoothed defences.")] = "1,10,50",
    sigmas: Annotated[str, typer.Option(help="Of the base network under noise.")] = ".12,.25",
    trained: Annotated[str, typer.Option(help="σ of noise-trained networks.")] = ".25",
    levels: Annotated[str, typer.Option(help="P_a: how often a point is to succeed.")] = ".5,.8",
    judged: Annotated[int, typer.Option(help="Votes of a judgement on fresh noise.")] = 1000,
    certified: Annotated[int, typer.Option(help="Images that are certified.")] = 200,
    samples: Annotated[int, typer.Option(help="Votes of a certificate.")] = 1000,
    counted: Annotated[int, typer.Option(help="Images of each clean accuracy.")] = 200,
    calls: Annotated[int, typer.Option(help="Answers at each place of figure 1.")] = 100,
    repeats: Annotated[int, typer.Option(help="Bisections of figure 3.")] = 200,
    side: Annotated[int, typer.Option(help="Points along a side of figure 2.")] = 41,
    space: Annotated[
        Literal["reals", "grid"],
        typer.Option(help="Points as they are, as in the paper, or rounded as by a deployment."),
    ] = "reals",
    seed: Annotated[str, typer.Option(help="Of everything.")] = "0",
    backend: Annotated[
        Literal["eager", "compile", "freezing", "onnxruntime"] | None,
        typer.Option(help="What runs the networks; onnxruntime where it is installed."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(help="Write the page here too, NAME.md, figures in pictures/NAME beside."),
    ] = None,
    arch: options.Arch = None,
    mean: options.Mean = None,
    std: options.Std = None,
    classes: options.Classes = None,
    trust_pickle: options.TrustPickle = False,
    device: options.Device = None,
    resize: options.Resize = None,
    crop: options.Crop = None,
    grayscale: options.Grayscale = False,
    quiet: options.Quiet = False,
) -> None:
    """Redo the study "Randomized smoothing under attack". Repeat the same command to go on."""
    from certiball.attacks.epsilons import check_epsilons
    from certiball.balls import Norm
    from certiball.laws.gaussian import Gaussian
    from certiball.study.parts import check_folder
    from certiball.study.plan import StudyPlan
    from certiball.study.subject import Subject, check_count, in_space

    voice = Voice(quiet=quiet)
    plan = StudyPlan(
        images=images,
        queries=queries,
        votes=_wholes(n),
        sigmas=parse_numbers(sigmas) or (),
        trained=parse_numbers(trained or None) or (),
        levels=parse_numbers(levels) or (),
        judged=judged,
        certified=certified,
        samples=samples,
        counted=counted,
        calls=calls,
        repeats=repeats,
        side=side,
        space=space,
        seed=parse_seed(seed) or 0,
    )
    check_folder(out, plan)  # this and what follows: before anything is trained
    dataset = open_data(DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale))
    check_count(in_space(dataset, plan.space), plan.most_images)
    check_epsilons(epsilon, Norm.L2, dataset.space, dataset[0][0].size)
    for sigma in sorted({*plan.sigmas, *plan.trained}):
        warn_of_scale(voice, Gaussian(sigma=sigma), dataset.space, dataset[0][0].size)
    named = NetworkOptions(
        base=ModelOptions(
            text=model,
            arch=arch,
            mean=mean,
            std=std,
            classes=classes,
            trust_pickle=trust_pickle,
            device=device,
        ),
        noise=noise_model or (),
        pgd=pgd_model,
        trained=plan.trained,
        train_data=train_data or ("digits:train" if data == "digits" else None),
        train_first=train_first,
        epochs=epochs,
        lr=lr,
        epsilon=epsilon,
        backend=backend,
    )
    networks = networks_of(voice, out, named, inputs_of(dataset, Gaussian(sigma=plan.sigmas[0])))
    subject = Subject(dataset=dataset, networks=networks)
    _report(voice, out, page, _conducted(voice, out, subject, plan))


def _wholes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--n {text} is no list of whole numbers: write 1,10,50") from None


def _conducted(voice: Voice, out: Path, subject: "Subject", plan: "StudyPlan") -> "Study":
    """Carry out what is missing; Ctrl-C says how to go on, and leaves with exit code 130."""
    import time

    from certiball.study.conduct import Step, Study, conduct

    begin = time.monotonic()
    with voice.bar("study", "parts") as tell:
        try:
            for made in conduct(out, subject, plan):
                if isinstance(made, Study):
                    return made
                assert isinstance(made, Step)
                seconds = time.monotonic() - begin
                tell(made.done, made.total, made.done / max(seconds, 1e-9))
                voice.say(f"{made.done}/{made.total} {made.what} ({duration(seconds)})")
        except KeyboardInterrupt:
            typer.echo(
                f"interrupted; what was answered is safe in {out}: "
                "repeat the same command to go on",
                err=True,
            )
            raise typer.Exit(130) from None
    raise AssertionError


def _report(voice: Voice, out: Path, page: Path | None, made: "Study") -> None:
    from certiball.report.study_page import write_study
    from certiball.study.findings import findings

    write_study(out, made, page)
    for finding in findings(made.results):
        voice.say(f"{finding.number}. {finding.claim} {finding.verdict.value}")
    voice.say(f"page: {out / 'study.html'}")
