"""certiball top-k: what a run's votes prove of the k likeliest classes."""

from pathlib import Path
from typing import Annotated

import typer

from certiball.cli import options
from certiball.cli.output import Voice, counted

ROWS = 8  # of the table, at most


def top_k(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    k: Annotated[int, typer.Option("--k", help="How many classes count as the top.")],
    true_class: Annotated[
        bool, typer.Option("--true-class", help="Of the true class, not of the selected one.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Read a run's votes for a class among the k likeliest: another claim, and exploratory."""
    from certiball.certification.top_k import TopKCertificate
    from certiball.runs.read import read_run
    from certiball.runs.top_k import read_top_k
    from certiball.statistics.rounding import format_down
    from certiball.statistics.steps import ticks

    voice = Voice(as_json=as_json)
    results = read_run(run)
    found = read_top_k(results, k, true_class=true_class)
    radii = [each.radius if isinstance(each, TopKCertificate) else 0.0 for each in found]
    claim = results.spec.question.claim
    rows = [
        {"input": o.item.input, "class": None if r is None else r.label, "radius": radius}
        for o, r, radius in zip(results.outcomes, found, radii, strict=True)
    ]
    voice.give(
        {
            "run": str(run),
            "k": k,
            "true_class": true_class,
            "exploratory": True,
            "alpha": claim.alpha,
            "inputs": rows,
        }
    )
    which = "the true class" if true_class else "the selected class"
    voice.say(
        f"{run}: {which} stays among the {k} likeliest under {claim.law}, in {claim.norm}; each "
        f"radius false with probability at most {claim.alpha}"
    )
    certified = sum(radius > 0 for radius in radii)
    voice.say(f"certified at any radius: {certified} of {counted(len(radii), 'input')}")
    for radius in ticks(max(radii), ROWS)[1:] if certified else ():
        share = sum(each >= radius for each in radii) / len(radii)
        voice.say(f"radius {radius:g}: {format_down(100 * share, digits=1)} %")
    voice.say(
        "exploratory: the run claimed another thing, and its votes were there before k was; fix k "
        "first by certify_top_k in Python"
    )
