"""certiball demo: the whole way, from training to a report, on handwritten digits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from certiball.cli import options
from certiball.cli.carry_out import carry_out
from certiball.cli.headline import lines, numbers
from certiball.cli.output import Voice
from certiball.cli.studies import read_studies
from certiball.cli.train import train_into

if TYPE_CHECKING:
    from certiball.datasets import Dataset
    from certiball.train.recipe import Recipe

SIGMAS = (0.25, 0.5)
N0 = 100
ALPHA = 1e-3


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder for models, runs and the report.")
    ] = Path("runs/demo"),
    n: Annotated[int, typer.Option("--n", help="Samples that bound a probability.")] = 10_000,
    first: options.First = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training digits.")] = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Train on handwritten digits, certify 500 others, write a report. Repeat to go on."""
    from certiball.datasets.digits import digits
    from certiball.report.html import write_report

    voice = Voice(as_json=as_json, quiet=quiet)
    held_out = digits("test")
    _check(held_out, n, first)
    for sigma in SIGMAS:
        _one(voice, out, sigma, held_out, (n, first, epochs))
    studies = read_studies([out / f"sigma-{sigma:g}" for sigma in SIGMAS], voice, pictures=True)
    page = out / "report.html"
    write_report(page, studies, "Handwritten digits, certified")
    voice.give(
        {"report": str(page), "studies": [{"title": s.title, **numbers(s)} for s in studies]}
    )
    for study in studies:
        for line in lines(study):
            voice.say(line)
    voice.say(f"report: {page}")


def _check(held_out: "Dataset", n: int, first: int | None) -> None:
    """Refuse before training what certify would refuse after it.

    Raises:
        InputError: if the plan could certify nothing, or no inputs are selected.
    """
    from certiball.balls import Norm
    from certiball.certification.judge import check_feasible
    from certiball.certification.plan import FixedSamples
    from certiball.certification.question import Question
    from certiball.claim import Claim, Rule
    from certiball.datasets.select import select
    from certiball.laws.gaussian import Gaussian

    select(len(held_out), first=first)
    for sigma in SIGMAS:
        claim = Claim(
            law=Gaussian(sigma=sigma),
            norm=Norm.L2,
            rule=Rule.ONE_SIDED,
            alpha=ALPHA,
            space=held_out.space,
        )
        question = Question(claim=claim, dimension=held_out[0][0].size)
        check_feasible(question, FixedSamples(n0=N0, n=n))


def _recipe(epochs: int | None) -> "Recipe":
    """The digits' recipe, its warm-up not longer than a shorter training."""
    from dataclasses import replace

    from certiball.train.recipes import DIGITS

    if epochs is None:
        return DIGITS
    warmup = max(0, min(DIGITS.warmup, epochs - 1))
    return replace(DIGITS, epochs=epochs, warmup=warmup)


def _one(
    voice: Voice,
    out: Path,
    sigma: float,
    held_out: "Dataset",
    size: tuple[int, int | None, int | None],
) -> None:
    """Train a network at one σ and certify the held-out digits with it."""
    from certiball.certification.plan import FixedSamples
    from certiball.classifiers.torch import TorchClassifier
    from certiball.datasets.digits import digits
    from certiball.laws.gaussian import Gaussian
    from certiball.models.files import load_model
    from certiball.runs.prepare import Job
    from certiball.runs.source import Source
    from certiball.smoothed import Smoothed
    from certiball.train.recipes import DIGITS_CNN

    n, first, epochs = size
    home = out / f"model-{sigma:g}"
    train_into(voice, home, DIGITS_CNN, digits("train"), _recipe(epochs), Gaussian(sigma=sigma))
    classifier = TorchClassifier(load_model(home).model, num_classes=DIGITS_CNN.classes)
    job = Job(
        g=Smoothed(classifier, Gaussian(sigma=sigma), space=held_out.space),
        dataset=held_out,
        model_name=f"small CNN trained at σ = {sigma:g}",
        plan=FixedSamples(n0=N0, n=n),
        alpha=ALPHA,
        first=first,
        source=Source(text="digits", classes=held_out.classes),
    )
    carry_out(voice, out / f"sigma-{sigma:g}", job, what=f"σ = {sigma:g}: ")
