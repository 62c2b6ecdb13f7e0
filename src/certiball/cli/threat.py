"""certiball threat: what a threat amounts to, and whether certificates cover it."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.output import Voice
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.report.study import Study
    from certiball.spaces import Space
    from certiball.threats.threat import Threat

Unit = Literal["input", "pixels"]
MOST = 10**12  # numbers of an input


def threat(
    norm: Annotated[
        str | None, typer.Option(help="linf, l2, l1, l0, patch, or anything in words.")
    ] = None,
    eps: Annotated[str | None, typer.Option(help="The largest such norm: 8/255 or .5.")] = None,
    named: Annotated[
        str | None, typer.Option("--threat", help="Both in one, as records have it: linf:8/255.")
    ] = None,
    units: Annotated[
        Unit, typer.Option(help="Of eps: those of inputs from 0 to 1, or levels 0 to 255.")
    ] = "input",
    shape: Annotated[str | None, typer.Option(help="Of an input: 3x224x224.")] = None,
    run: Annotated[Path | None, typer.Option(help="A run whose certificates are asked.")] = None,
    require: Annotated[
        float | None,
        typer.Option(help="Exit with 1 unless this share of the run's inputs is covered, right."),
    ] = None,
    n: Annotated[int, typer.Option("--n", help="Votes, for the comparison of laws.")] = 100_000,
    alpha: options.Alpha = 0.001,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Say what a threat amounts to, what certifying it would take, and whether a run covers it."""
    from certiball.cli.threat_lines import lines, numbers, run_lines, run_numbers
    from certiball.report.threats import verdict_on
    from certiball.threats.answer import answer
    from certiball.threats.threat import question

    voice = Voice(as_json=as_json, quiet=quiet)
    asked = _parsed(norm, eps, named, units)
    _check(require, run, n)
    study = None if run is None else _read(run, voice)
    space, dimension = _inputs(study, shape, units)
    question(asked, space, dimension)
    low, high = space.bounds
    found = answer(asked, dimension, alpha=alpha, votes=n, width=high - low)
    if study is None:
        voice.give(numbers(found))
        for line in lines(found):
            voice.say(line)
        return
    verdict = verdict_on(asked, study)
    voice.give({**numbers(found), **run_numbers(verdict, study)})
    for line in (*run_lines(verdict, study), "", *lines(found)):
        voice.say(line)
    if require is not None and verdict.right < require * verdict.tried:
        voice.blame(f"{verdict.right} of {verdict.tried} inputs are covered: fewer than --require")
        raise typer.Exit(1)


def _parsed(norm: str | None, eps: str | None, named: str | None, units: Unit) -> "Threat":
    """The threat of --norm and --eps, or of --threat."""
    from certiball.threats.threat import NORMS, Units, parse_threat

    if (norm is None) is (named is None):
        raise InputError(
            "name the threat once: --norm linf --eps 8/255, or --threat linf:8/255, or in words "
            "such as --threat rotation"
        )
    if named is not None:
        if eps is not None:
            raise InputError(
                f"--eps {eps} is given beside --threat {named!r}: put it after a colon"
            )
        return parse_threat(named, Units(units))
    text = norm or ""
    if text.lower() not in NORMS:
        return parse_threat(text if eps is None else f"{text} {eps}", Units(units))
    if eps is None:
        raise InputError(f"--norm {text} needs --eps, the largest such norm: 8/255 or .5")
    return parse_threat(f"{text.lower()}:{eps}", Units(units))


def _check(require: float | None, run: Path | None, n: int) -> None:
    if n < 1:
        raise InputError(f"--n must be at least 1, not {n}")
    if require is None:
        return
    if run is None:
        raise InputError("--require is about the inputs of a run: name it with --run")
    if not 0 <= require <= 1:
        raise InputError(f"--require must be a share from 0 to 1, not {require}")


def _read(run: Path, voice: Voice) -> "Study":
    from certiball.cli.studies import read_study

    return read_study(run, voice)


def _inputs(study: "Study | None", shape: str | None, units: Unit) -> "tuple[Space, int]":
    """Where inputs live, and how many numbers they have: the run's, or images of a shape."""
    from certiball.spaces import Reals

    if study is None:
        if shape is None:
            raise InputError("give the shape of an input, such as --shape 3x224x224, or a --run")
        return Reals(low=0.0, high=1.0), _numbers_in(shape)
    if shape is not None:
        raise InputError(f"--shape {shape} is given beside --run, which has one: leave it out")
    if study.claim is None or study.dimension is None:
        raise InputError(f"{study.title} states no claim, and no shape of its inputs: take a run")
    space = study.claim.space
    if units == "pixels" and space.bounds != (0.0, 1.0):
        raise InputError(f"inputs live in {space}, not from 0 to 1: give --eps in their units")
    return space, study.dimension


def _numbers_in(shape: str) -> int:
    """The numbers of an input, of a shape such as 3x224x224."""
    if not re.fullmatch(r"[1-9]\d{0,8}([x×,][1-9]\d{0,8}){0,7}", shape):
        raise InputError(f"--shape {shape!r} is none: 3x224x224 and 784 are")
    number = math.prod(map(int, re.split("[x×,]", shape)))
    if number > MOST:
        raise InputError(f"--shape {shape} has {number:,} numbers, more than {MOST:,}")
    return number
