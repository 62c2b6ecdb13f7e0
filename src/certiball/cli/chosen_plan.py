"""Which plan the options of a command ask for."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from certiball.cli.names import RuleName, parse_radii, parse_rule
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.certification.plan import Plan
    from certiball.claim import Rule
    from certiball.laws import Law

N0, N = 100, 100_000  # of a fixed number of samples, as articles have them
N0_STOPPED, MAX_N = 64, 100_000
BETA = 1e-3


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """How many samples were asked for on the command line; None where nothing was said."""

    n0: int | None = None
    n: int | None = None
    target_radius: str | None = None
    precision: float | None = None
    radius_cap: float | None = None
    max_n: int | None = None
    beta: float | None = None
    randomized: bool = False


def plan_of(options: PlanOptions) -> "Plan":
    """The plan that options ask for: a fixed number of samples unless they say otherwise.

    Raises:
        InputError: if they contradict each other, or a value is out of range.
    """
    from certiball.certification.plan import FixedSamples
    from certiball.certification.precision import Precision
    from certiball.certification.target_radius import TargetRadius
    from certiball.claim import Bound

    _check_together(options)
    stopped = {
        "max_n": MAX_N if options.max_n is None else options.max_n,
        "n0": N0_STOPPED if options.n0 is None else options.n0,
    }
    beta = BETA if options.beta is None else options.beta
    if options.target_radius is not None:
        return TargetRadius(radii=parse_radii(options.target_radius), beta=beta, **stopped)
    if options.precision is not None:
        cap = options.radius_cap
        return Precision(rel=options.precision, radius_cap=cap, beta=beta, **stopped)
    return FixedSamples(
        n0=N0 if options.n0 is None else options.n0,
        n=N if options.n is None else options.n,
        bound=Bound.RANDOMIZED if options.randomized else Bound.CLOPPER_PEARSON,
    )


def choices(
    law: "Law", options: PlanOptions, alpha: float | None, rule: RuleName | None
) -> "tuple[Plan | None, float | None, Rule | None]":
    """Plan, error rate and rule that options ask for; None where nothing was said.

    Raises:
        InputError: if something is chosen for a law whose views are all asked, or as `plan_of`.
    """
    from certiball.laws.enumerated import EnumeratedLaw

    if not isinstance(law, EnumeratedLaw):
        return plan_of(options), alpha, None if rule is None else parse_rule(rule)
    named = {**asdict(options), "alpha": alpha, "rule": rule}
    refuse_chance(law, {name: value or None for name, value in named.items() if value != 0})
    return None, None, None


def refuse_chance(law: "Law", options: dict[str, object]) -> None:
    """Refuse options about chance, by name, for a law that leaves nothing to it.

    Args:
        law: of the run.
        options: by their names, with _ for -; None where one was not given.

    Raises:
        InputError: if one was given and all views of the law are asked.
    """
    from certiball.laws.enumerated import EnumeratedLaw

    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given and isinstance(law, EnumeratedLaw):
        raise InputError(
            f"under {law} all {law.views} views vote, and nothing is left to chance: leave out "
            f"{', '.join(given)}"
        )


def _check_together(options: PlanOptions) -> None:
    """Refuse options that belong to different plans."""
    if options.target_radius is not None and options.precision is not None:
        raise InputError("--target-radius and --precision are two plans: give one of them")
    stopping = "--target-radius" if options.target_radius is not None else "--precision"
    stops = options.target_radius is not None or options.precision is not None
    if stops and options.n is not None:
        raise InputError(
            f"--n fixes the number of samples, and {stopping} stops by the votes: "
            "give --max-n instead of --n"
        )
    if stops and options.randomized:
        raise InputError(
            f"--randomized is for a fixed number of samples, and {stopping} stops by the votes: "
            "leave one of them out"
        )
    for name, value in (("--max-n", options.max_n), ("--beta", options.beta)):
        if value is not None and not stops:
            raise InputError(
                f"{name} belongs to --target-radius and --precision: give one of them, or --n for "
                "a fixed number of samples"
            )
    if options.radius_cap is not None and options.precision is None:
        raise InputError("--radius-cap belongs to --precision: give both, or neither")
