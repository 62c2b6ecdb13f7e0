"""certiball doctor: the pre-flight."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from certiball.cli import options
from certiball.cli.chosen_plan import PlanOptions, choices, plan_of, refuse_chance
from certiball.cli.names import RuleName, parse_seed
from certiball.cli.noise import law_of, parse_norm
from certiball.cli.output import Voice
from certiball.cli.subject import (
    DataOptions,
    ModelOptions,
    inputs_of,
    open_data,
    open_model,
    run_as,
)

if TYPE_CHECKING:
    from certiball.runs.finding import Finding

WIDE = 72  # columns that hold the table; on narrower terminals sentences begin further left
INDENT, NARROW = " " * 28, " " * 6


def doctor(
    model: Annotated[str, typer.Argument(help="As --model of certify.")],
    data: options.Data,
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    norm: options.NormName = None,
    n0: options.N0 = None,
    n: options.N = None,
    target_radius: options.TargetRadii = None,
    precision: options.Precision = None,
    radius_cap: options.RadiusCap = None,
    max_n: options.MaxN = None,
    alpha: options.AlphaOfDrawn = None,
    rule: Annotated[RuleName | None, typer.Option(help="As in the run to come; one-sided.")] = None,
    seed: options.Seed = None,
    every: options.Every = 1,
    first: options.First = None,
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
    as_json: options.AsJson = False,
) -> None:
    """Check a model and its data before a long run. Exit code 1 if something fails."""
    from certiball.certification.every_view import settled
    from certiball.claim import Claim
    from certiball.datasets.select import select
    from certiball.runs.doctor import diagnose
    from certiball.runs.finding import Level
    from certiball.smoothed import Smoothed
    from certiball.theorems import ball_of

    voice = Voice(as_json=as_json)
    samples = PlanOptions(
        n0=n0,
        n=n,
        target_radius=target_radius,
        precision=precision,
        radius_cap=radius_cap,
        max_n=max_n,
    )
    plan_of(samples)  # refuses what contradicts itself, before any data is loaded
    dataset = open_data(
        DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space)
    )
    # A model may be looked at before its noise is settled: .25 is usual for images.
    sigma = 0.25 if noise is None and sigma is None else sigma
    law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    seen = inputs_of(dataset, law)
    options_given = ModelOptions(
        text=model,
        arch=arch,
        mean=mean,
        std=std,
        classes=classes,
        trust_pickle=trust_pickle,
        device=device,
    )
    measured, strict = ball_of(law, parse_norm(norm))
    refuse_chance(law, {"seed": seed})
    plan, level, settled_rule = settled(law, *choices(law, samples, alpha, rule))
    claim = Claim(
        law=law,
        norm=measured,
        strict=strict,
        rule=settled_rule,
        alpha=level,
        space=dataset.space,
        bound=plan.bound,
    )
    count = len(select(len(dataset), every=every, first=first))
    g = run_as(
        Smoothed(open_model(options_given, seen), law, space=dataset.space),
        seen,
        (plan.selection + plan.most) * count,
        backend=backend,
        dtype=dtype,
    )
    findings = []
    chosen = parse_seed(seed) is not None
    for finding in diagnose(g, dataset, claim, plan, count, chosen=chosen):
        findings.append(finding)
        for line in _lines(finding, _columns()):
            voice.say(line)
    healthy = all(finding.level is not Level.FAIL for finding in findings)
    voice.give(
        {
            "healthy": healthy,
            "findings": [
                {"check": f.check, "level": f.level.value, "text": f.text, "remedy": f.remedy}
                for f in findings
            ],
        }
    )
    if not healthy:
        raise typer.Exit(1)


def _columns() -> int | None:
    """How wide the terminal is; None where there is none, and lines are for programs to read."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _lines(finding: "Finding", columns: int | None = None) -> list[str]:
    """A row of the table, and its remedy below; folded where a terminal is so many columns wide."""
    indent = INDENT if columns is None or columns >= WIDE else NARROW
    row = [f"{finding.level.value:<5} {finding.check:<20}  {finding.text}"]
    row += [f"{indent}→ {finding.remedy}"] if finding.remedy else []
    if columns is None:
        return row
    return [line for each in row for line in textwrap.wrap(each, columns, subsequent_indent=indent)]
