"""certiball attack: what a defence is worth to somebody who wants to get past it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.attack_table import among, answered_by, lines, numbers
from certiball.cli.attacks import Wish, attack_of
from certiball.cli.defence import Defence, DefenceOptions, defence_of
from certiball.cli.names import parse_seed
from certiball.cli.noise import parse_norm
from certiball.cli.output import Voice, counted
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import DataOptions, ModelOptions
from certiball.errors import EndpointError, InputError

if TYPE_CHECKING:
    from certiball.attacks.judging.judgement import Level
    from certiball.balls import Norm
    from certiball.campaigns.execute import Progress
    from certiball.campaigns.prepare import Job
    from certiball.campaigns.read import Stored

FILE = "attacks.sqlite"  # of a folder's campaigns
TIMEOUT = 30.0


def attack(
    run: Annotated[
        Path | None, typer.Argument(help="A run folder: attack what it certifies.")
    ] = None,
    attack: Annotated[
        list[str] | None,
        typer.Option(help="hsja, rays, surfree, eot-pgd, …, repeatable; a wrong name lists all."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="As of certify; by default the run's own.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="As of certify; by default the run's own.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="A URL that answers inputs with labels, instead of a model.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder for the attacks; a run's go into the run.")
    ] = None,
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    n: Annotated[
        int | None, typer.Option("--n", help="Votes of each answer of the smoothed model; 100.")
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="The same noise at every question.")
    ] = False,
    max_queries: Annotated[
        int | None, typer.Option(help="Questions about one input, at most.")
    ] = 1000,
    norm: options.NormName = None,
    epsilon: Annotated[
        float | None, typer.Option(help="The largest distance of interest, in input units.")
    ] = None,
    level: Annotated[
        float, typer.Option(help="P_a: how often a point must be answered adversarially.")
    ] = 0.5,
    judging: Annotated[
        Literal["level", "calls", "maho"] | None,
        typer.Option(help="How that is judged; level, or calls where answers are all there is."),
    ] = None,
    votes: Annotated[int, typer.Option(help="Fresh votes of one judgement.")] = 1000,
    alpha: Annotated[
        float, typer.Option(help="How often what is said of a point may be false, at most.")
    ] = 0.001,
    seed: options.Seed = None,
    every: Annotated[int | None, typer.Option(help="Take every N-th input.")] = None,
    first: options.First = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds that one answer of an endpoint may take.")
    ] = TIMEOUT,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The endpoint always answers the same.")
    ] = False,
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
    quiet: options.Quiet = False,
) -> None:
    """Attack a model, and judge what is found on fresh noise. Stopped, the same command goes on."""
    voice = Voice(as_json=as_json, quiet=quiet)
    if not attack:
        raise InputError("name an attack: --attack hsja-adaptive, --attack rays, or several")
    if run is None and out is None:
        raise InputError("name a folder for the attacks with --out")
    if run is not None and out is not None:
        raise InputError("--out contradicts the run, in whose folder its attacks are kept")
    chosen = parse_seed(seed)
    named = DefenceOptions(
        run=run,
        model=ModelOptions(
            text=model or "",
            arch=arch,
            mean=mean,
            std=std,
            classes=classes,
            trust_pickle=trust_pickle,
            device=device,
        ),
        data=DataOptions(
            text=data or "", resize=resize, crop=crop, grayscale=grayscale, space=space
        ),
        noise=(noise, sigma),
        n=n,
        frozen=frozen,
        endpoint=endpoint,
        timeout=timeout,
        deterministic=deterministic,
        every=every,
        first=first,
    )
    defence = defence_of(named)
    if defence.law is not None:
        warn_of_scale(voice, defence.law, defence.oracle.space, defence.subject_size)
    wish = Wish(norm=parse_norm(norm), epsilon=epsilon, deviation=defence.deviation)
    judged = _level(defence, judging, P_a=level, votes=votes, alpha=alpha)
    jobs = [
        _job(defence, name, _in_norm(name, wish, defence.norm), judged, max_queries=max_queries)
        for name in dict.fromkeys(attack)
    ]
    folder = run or out or Path()
    failure = _carry_out_all(voice, folder, defence, jobs, chosen)
    stored = _stored(folder, defence, jobs)
    _tell(
        voice, folder, [among(each, defence.numbers) for each in stored], _reach(defence, epsilon)
    )
    if failure is not None:
        voice.note(f"stopped: {failure}; all answers are stored: repeat the same command to go on")
        voice.blame(f"stopped: {failure}")
        raise typer.Exit(3)
    if defence.results is not None:
        _stop_at_contradictions(voice, defence, stored)


def _tell(voice: Voice, folder: Path, stored: Sequence["Stored"], epsilon: float | None) -> None:
    """What these attacks came to, as numbers or as tables."""
    voice.give({"folder": str(folder), "attacks": [numbers(each, epsilon) for each in stored]})
    for each in stored:
        for line in lines(each, epsilon):
            voice.say(line)
    voice.say(f"stored in {folder / FILE}")


def _reach(defence: Defence, epsilon: float | None) -> float | None:
    """ε as distances are measured, where 8/255 of a grid is no less than eight of its steps."""
    from certiball.attacks.epsilons import measured

    return None if epsilon is None else measured(defence.oracle.space, epsilon)


def _level(
    defence: Defence, judging: str | None, *, P_a: float, votes: int, alpha: float
) -> "Level":
    from certiball.attacks.judging.judgement import Judging, Level

    usual = Judging.CALLS if defence.base is None else Judging.LEVEL
    rule = usual if judging is None else Judging(judging)
    return Level(P_a=P_a, judging=rule, votes=votes, alpha=alpha)


def _in_norm(name: str, wish: Wish, usual: "Norm | None") -> Wish:
    """The wish in the norm of the certificates, if none was given and the attack has it."""
    if wish.norm is not None:
        return wish
    asked = replace(wish, norm=usual)
    with suppress(InputError):
        attack_of(name, asked)
        return asked
    return wish


def _job(
    defence: Defence, name: str, wish: Wish, level: "Level", *, max_queries: int | None
) -> "Job":
    from certiball.attacks.epsilons import check_epsilons
    from certiball.campaigns.prepare import Job

    named = attack_of(name, wish)
    check_epsilons(wish.epsilon, named.attack.norm, defence.oracle.space, defence.subject_size)
    by_queries = hasattr(named.attack, "search")
    if not by_queries and defence.base is None:
        raise InputError(
            f"{name} needs gradients, and an endpoint gives none: take an attack that asks, such "
            "as hsja or rays"
        )
    return Job(
        attack=named.attack,
        name=name,
        oracle=defence.oracle,
        asked=defence.base if named.on_base else None,
        max_queries=max_queries if by_queries else None,
        epsilon=None if by_queries else wish.epsilon,  # searches have it among their parameters
        level=level,
    )


def _carry_out_all(
    voice: Voice, folder: Path, defence: Defence, jobs: Sequence["Job"], seed: int | None
) -> EndpointError | None:
    """One attack after the other; what an endpoint said when it failed, or None."""
    from certiball.campaigns.begin import campaign
    from certiball.campaigns.execute import carry_out
    from certiball.campaigns.prepare import means_of, specify

    for job in jobs:
        spec = specify(job, defence.subject)
        voice.say(
            f"{job.name} on {counted(defence.inputs, 'input')}, {answered_by(spec)}, "
            f"judged at {spec.level}"
        )
        try:
            with (
                campaign(folder, spec, inputs=defence.inputs, seed=seed) as held,
                voice.bar(job.name, "queries") as tell,
            ):
                means = means_of(job, defence.dataset, defence.subject, held.draw)
                carry_out(held, means, _told(tell, job.max_queries))
        except KeyboardInterrupt:
            typer.echo(
                f"interrupted; all answers are safe in {folder / FILE}: repeat the same command "
                "to go on",
                err=True,
            )
            raise typer.Exit(130) from None
        except EndpointError as error:
            return error
    return None


def _told(
    tell: Callable[[float, float, float], None], budget: int | None
) -> Callable[["Progress"], None]:
    """What the bar is told: questions, as if each input took its whole budget; else inputs."""

    def told(progress: "Progress") -> None:
        if budget is None:
            tell(progress.done, progress.total, 0.0)
            return
        done, total = progress.done * budget + progress.underway, progress.total * budget
        tell(min(done, total), total, progress.rate)

    return told


def _stored(folder: Path, defence: Defence, jobs: Sequence["Job"]) -> list["Stored"]:
    """What these attacks have come to."""
    from certiball.campaigns.prepare import specify
    from certiball.campaigns.read import read_stored
    from certiball.campaigns.store import has_campaigns

    if not has_campaigns(folder):
        return []
    asked = [specify(job, defence.subject).digest for job in jobs]
    known = {each.spec.digest: each for each in read_stored(folder)}
    return [known[digest] for digest in asked if digest in known]


def _stop_at_contradictions(voice: Voice, defence: Defence, stored: Sequence["Stored"]) -> None:
    """Exit code 1 where a verified point denies what a certificate says."""
    from certiball.campaigns.contradictions import contradicted

    assert defence.results is not None
    found = [
        f"{each.spec.name}: {contradiction}"
        for each in stored
        for contradiction in contradicted(each, defence.results, defence.oracle)
    ]
    for line in found:
        voice.note(f"CONTRADICTION: {line}")
        voice.blame(f"CONTRADICTION: {line}")
    if found:
        raise typer.Exit(1)
