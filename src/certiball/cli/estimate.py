"""What `certiball plan` found, for programs and for people."""

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from certiball.cli.output import counted, duration

if TYPE_CHECKING:
    from certiball.certification.forecast import Offer
    from certiball.certification.pilot import Pilot
    from certiball.certification.question import Question


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Everything that is said.

    Args:
        question: what would be claimed.
        pilot: what a short look showed.
        offers: what each plan would take, by a short name.
        inputs: how many there are.
        radius: that is wanted.
        devices: how many share the work.
        price: of one device for one hour; None if unknown.
    """

    question: "Question"
    pilot: "Pilot"
    offers: "Mapping[str, Offer]"
    inputs: int
    radius: float
    devices: int
    price: float | None


def numbers(estimate: Estimate) -> dict[str, Any]:
    """The estimate for programs."""
    pilot = estimate.pilot
    return {
        "samples_per_second": pilot.rate,
        "stepwise_samples_per_second": pilot.stepwise_rate,
        "execution": asdict(pilot.execution),
        "backend": estimate.question.claim.backend,
        "inputs": estimate.inputs,
        "votes": [list(pair) for pair in pilot.votes],
        "plans": [
            {"name": name, **asdict(offer), **_cost(estimate, offer)}
            for name, offer in estimate.offers.items()
        ],
        "radius": estimate.radius,
        **_needs(estimate),
    }


def lines(estimate: Estimate) -> Iterator[str]:
    """The estimate for people."""
    yield from _seen(estimate)
    yield ""
    yield from _table(estimate)
    yield ""
    yield from _needed(estimate)


def _cost(estimate: Estimate, offer: "Offer") -> dict[str, float | None]:
    return {
        "seconds": 3600 * offer.device_hours / estimate.devices,
        "price": None if estimate.price is None else estimate.price * offer.device_hours,
    }


def _needs(estimate: Estimate) -> dict[str, Any]:
    """Numbers of samples that give the wanted radius."""
    from certiball.certification.judge import smallest_n
    from certiball.claim import Bound

    question, wanted = estimate.question, estimate.radius
    median = statistics.median(estimate.pilot.shares)
    stepwise = replace(question, claim=replace(question.claim, bound=Bound.MIXTURE))
    return {
        "n_if_unanimous": smallest_n(question, wanted),
        "n_if_unanimous_stepwise": smallest_n(stepwise, wanted),
        "median_share": median,
        "n_at_median_share": smallest_n(question, wanted, median),
    }


def _seen(estimate: Estimate) -> Iterator[str]:
    pilot, shares = estimate.pilot, estimate.pilot.shares
    shape = pilot.execution
    yield (
        f"{pilot.rate:,.0f} samples/s in batches of {shape.batch} ({shape.layout}, "
        f"{counted(shape.threads, 'thread')}, {estimate.question.claim.backend})"
    )
    yield (
        f"{counted(estimate.inputs, 'input')}, {len(shares)} looked at with {pilot.votes[0][1]} "
        f"votes each: {min(shares):.3f} to {max(shares):.3f} of them are for their class, "
        f"in the median {statistics.median(shares):.3f}"
    )


def _table(estimate: Estimate) -> Iterator[str]:
    from certiball.statistics.rounding import format_down

    wide, digits = max(map(len, estimate.offers)), 0 if estimate.question.claim.norm.counts else 4
    priced = estimate.price is not None
    head = f"{'plan':<{wide}}  {'radii up to':>11}  {'samples/input':>17}  {'time':>9}"
    yield head + f"  {'device-hours':>12}" + (f"  {'price':>9}" if priced else "")
    for name, offer in estimate.offers.items():
        cost = _cost(estimate, offer)
        row = (
            f"{name:<{wide}}  {format_down(offer.largest_radius, digits):>11}  "
            f"{_samples(offer):>17}  {_time(cost['seconds'] or 0.0):>9}  "
            f"{_figures(offer.device_hours):>12}"
        )
        yield row + (f"  {_figures(cost['price'] or 0.0):>9}" if priced else "")
    if any(offer.error != 0 for offer in estimate.offers.values()):
        yield "± twice the standard error, by how the inputs that were looked at differ"
    if not any(name.startswith("target") for name in estimate.offers):
        radius = f"{estimate.radius:g}"
        yield f"plans for radius {radius} are left out: not even unanimous votes reach it"


def _needed(estimate: Estimate) -> Iterator[str]:
    from certiball.report.texts import number

    claim, wanted, needs = estimate.question.claim, estimate.radius, _needs(estimate)
    how = f"at alpha = {claim.alpha}, {claim.rule.value}"
    unanimous, share, n = needs["n_if_unanimous"], needs["median_share"], needs["n_at_median_share"]
    if unanimous is None:
        yield f"no number of samples up to 10⁹ gives radius {wanted:g} {how}: take more noise"
        return
    stepwise = needs["n_if_unanimous_stepwise"]
    also = f" ({number(stepwise)} for plans that stop)" if stepwise else ""
    yield f"radius {wanted:g} takes {counted(unanimous, 'vote')}, all for one class{also}, {how}"
    if n is None:
        yield f"with a share of {share:.3f} (the median) no number of samples up to 10⁹ proves it"
    else:
        yield f"with a share of {share:.3f} (the median) it takes a fixed number of {number(n)}"


def _samples(offer: "Offer") -> str:
    """With twice the standard error, where the inputs differ."""
    if offer.error == 0:
        return f"{offer.samples:,.0f}"
    return f"{offer.samples:,.0f} ± " + ("?" if offer.error is None else f"{2 * offer.error:,.0f}")


def _time(seconds: float) -> str:
    return duration(seconds) if seconds >= 60 else f"{_figures(seconds)} s"


def _figures(value: float) -> str:
    """At least two significant figures, without an exponent."""
    decimals = 2 if value >= 0.1 or value == 0 else 1 - math.floor(math.log10(value))
    return f"{value:,.{min(decimals, 9)}f}"
