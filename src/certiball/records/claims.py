"""What a record claims and by what right, from the specification alone."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from certiball.balls import Norm
from certiball.certification.assumptions import assumed
from certiball.certification.meaning import (
    VIEWS_RANDOMNESS,
    arithmetic_means,
    is_added,
    is_sound,
    seed_means,
)
from certiball.claim import Bound, Claim, Draw, Rule, is_usual
from certiball.laws.ablation import Ablation
from certiball.laws.transformation import Transformation
from certiball.records.exact import (
    exact_formula,
    exact_method,
    exact_sentence,
    exact_statistics,
)
from certiball.runs.spec import RunSpec
from certiball.spaces import Grid
from certiball.statistics.rounding import exact_up, fraction_up
from certiball.theorems import theorem_of
from certiball.threats.threat import LENGTHS
from certiball.votes import Design
from certiball.wording import in_floats, reach, unit_of

BOUNDS = {
    Bound.CLOPPER_PEARSON: "Clopper and Pearson, Biometrika 26 (1934); for a number of votes fixed "
    "beforehand",
    Bound.RANDOMIZED: "randomized Clopper–Pearson, arXiv:2406.17830, Definition 2.3, with W ≥ 1/2; "
    "for a number of votes fixed beforehand and seeds that nobody shopped for",
    Bound.MIXTURE: "a one-sided mixture martingale and Ville's inequality; at any stop",
}


def claim_of(spec: RunSpec, summary: dict[str, Any]) -> dict[str, Any]:
    """The claim, in symbols and in sentences, which begin with how many inputs it is about."""
    claim = spec.claim
    exact = claim.bound is Bound.EXACT
    return {
        "property": "stability",
        "target": "smoothed classifier",
        "norm": claim.norm.value,
        "strict": claim.strict,
        "units": "those of the space" if claim.norm in LENGTHS else unit_of(claim),
        "space": str(claim.space),
        "dimension": spec.dimension,
        "noise": str(claim.law),
        "formula": exact_formula(claim) if exact else _formula(claim),
        "sentence": exact_sentence(claim, summary, spec.plan.most)
        if exact
        else _sentence(claim, summary),
    }


def _formula(claim: Claim) -> str:
    exactly = "" if is_sound(claim) else "; in exact real arithmetic"
    likeliest = f"the likeliest class of f(v), v what {claim.law} shows of x"
    if claim.norm not in LENGTHS:
        return f"g(x′) = predicted for x′ by {reach(claim, 'radius')}; g(x) = {likeliest}{exactly}"
    if is_added(claim):
        likeliest = f"the likeliest class of f(x + η), η from {claim.law}"
    every = f"δ in ({claim.space.step})·Zᵈ" if isinstance(claim.space, Grid) else "real δ"
    return (
        f"g(x + δ) = predicted for every {every} with ‖δ‖ {'<' if claim.strict else '≤'} radius in "
        f"{claim.norm}; g(x) = {likeliest}{exactly}"
    )


def _sentence(claim: Claim, summary: dict[str, Any]) -> str:
    exact, transforms = "", isinstance(claim.law, Transformation)
    if not is_sound(claim):
        terms = "parameters and transformed images" if transforms else "noise and their sums"
        exact = (
            f" All this holds if inputs, {terms} were exact real numbers, which in "
            "floating point they are not."
        )
    run = "" if is_usual(claim.backend) else f", run by {claim.backend},"
    certified, right = summary["certified"], summary["certifiedRight"]
    return (
        f"{certified} of {summary['inputs']} inputs {'has' if certified == 1 else 'have'} a "
        f"certificate, {right} for the right class. For each input x of the table that is "
        "certified, the smoothed classifier g answers the class in the column predicted for "
        f"{_every(claim)}. g answers the class that the base classifier{run} gives most often "
        f"under the noise {claim.law}, {_drawn(claim)}.{exact} For each input tried, the "
        f"probability that it gets a false statement is at most {claim.alpha}, over the noise that "
        "was drawn for it."
    )


def _drawn(claim: Claim) -> str:
    """What the law does to an input."""
    if is_added(claim):
        return f"which is added to an input in the units of {claim.space}"
    if isinstance(claim.law, Transformation):
        return "which transforms a whole input, by a parameter that it draws"
    if isinstance(claim.law, Ablation):
        return "which hides a part of an input"
    return "which decides what is seen of an input"


def _every(claim: Claim) -> str:
    """The perturbed inputs that a certificate is about."""
    where = f" on the grid of step {claim.space.step}" if isinstance(claim.space, Grid) else ""
    if claim.norm not in LENGTHS:
        return f"{reach(claim, 'radius')}{where}, radius being the number in that column"
    within = "at most the number in the column radius"
    if claim.strict:
        within = (
            "strictly below the number in the column radius; at that distance itself, nothing is "
            "said"
        )
    return f"every perturbed input{where} whose {claim.norm} distance from x is {within}"


def method_of(spec: RunSpec) -> dict[str, Any]:
    """The theorem, the arithmetic, and the four words of ISO/IEC 24029-2 for a verifier."""
    claim = spec.claim
    if claim.bound is Bound.EXACT:
        return exact_method(spec)
    proven = theorem_of(claim)
    exact = is_sound(claim)
    return {
        "family": "statistical: randomized smoothing",
        "theorem": {"source": proven.source, "radius": proven.formula(claim.rule)},
        "verifier": {
            "complete": False,
            "deterministic": False,
            "access": "closed-box",
            "arithmetic": "computer" if exact else "real",
        },
        "bound": {"name": claim.bound.value, "source": BOUNDS[claim.bound]},
        "rounding": "lower bounds and radii down, upper bounds up",
        "noise": arithmetic_means(claim),
        "slack": f"at most {_slack(spec)} in total variation from the theorem's noise, which is "
        "paid on both sides"
        if exact
        else "unknown",
        "generator": "Philox4x64-10, addressed by position, chunk, input and phase; its key is "
        "SHA-256 of the seed and the specification's digest",
    }


def statistics_of(spec: RunSpec) -> dict[str, Any]:
    """How many votes, and where α went."""
    claim, plan = spec.claim, spec.plan
    if claim.bound is Bound.EXACT:
        return exact_statistics(spec)
    two = claim.rule is Rule.TWO_CLASS
    return {
        "plan": str(plan),
        "votesStop": plan.design is not Design.FIXED,
        "n0": plan.selection,
        "most": plan.most,
        "alpha": claim.alpha,
        "alphaIs": "for one input; what it means for all of them is under guarantees",
        "alphaSplit": {
            "lower": claim.alpha / 2 if two else claim.alpha,
            "upper": claim.alpha / 2 if two else None,
        },
        "slack": str(spec.question.slack),
        "separation": "the votes that choose the class are not among those that bound its "
        "probability",
    }


def randomness_of(claim: Claim, draws: Collection[Draw]) -> dict[str, Any]:
    """Who is said to have settled the random numbers, by the worst of the seeds."""
    chosen = any(draw.chosen for draw in draws)
    beacons = {draw.beacon for draw in draws}
    public = None not in beacons
    named = " and ".join(sorted({draw.announced or "" for draw in draws})) if public else None
    return {
        "saidToBe": "public" if public else "chosen" if chosen else "operating system",
        "sentence": VIEWS_RANDOMNESS
        if claim.bound is Bound.EXACT
        else seed_means(chosen=chosen, beacon=named),
    }


def sampling_of(spec: RunSpec) -> dict[str, Any]:
    """Which inputs."""
    data = spec.data
    which = "every input" if data.every == 1 else f"every {data.every}th input, from the first on,"
    most = "" if data.first is None else f", at most the first {data.first} of them"
    return {
        "name": data.name,
        "digest": data.digest,
        "inputs": data.count,
        "shape": list(data.shape),
        "rule": f"{which} of the data in its order{most}: said to be fixed before the first vote",
        "exclusions": "none that are known: inputs that abstain or fail stay in every count",
    }


def limits_of(spec: RunSpec) -> dict[str, Any]:
    """What is not covered, and what ends the record's validity."""
    claim = spec.claim
    return {
        "notCovered": [*_unproven(claim), *_elsewhere(claim)],
        "expires": [
            "with other weights or code of the model, or other preprocessing",
            f"with anything but {claim.backend} to run the base classifier",
            "with noise of another law, or in other units",
            "with a flaw that becomes known in the theorem, in certiball or in what it runs on",
        ],
    }


def assumptions_of(tried: str) -> list[dict[str, str]]:
    """The assumptions of every run as plain values, with how the first was looked at in this."""
    return [asdict(each) for each in assumed(tried)]


def _unproven(claim: Claim) -> list[str]:
    text = [
        "that an answer is right: a wrong class can be certified",
        "the base classifier alone, without noise",
        "inputs that are not in the table",
        "that an input without a certificate is fragile: its votes prove too little",
    ]
    if not is_sound(claim):
        text.append(f"safety from floating point: {in_floats(claim.law)} in it")
    return text


def _elsewhere(claim: Claim) -> list[str]:
    changes = (
        f"changes that are larger than the radius in {claim.norm}: rotations, shifts, blur, "
        "compression, patches and changes of meaning among them"
    )
    if claim.norm is Norm.PARAMETER:
        changes = (
            "any change but the transformation that is named: of single pixels, however small, by "
            "other transformations, by clipping or rounding the image afterwards, by compression, "
            "patches and changes of meaning"
        )
    text = [changes, "poisoned training data, stolen models and leaked inputs"]
    if isinstance(claim.space, Grid) and claim.norm in LENGTHS:
        text.append(
            f"distances that are measured before a perturbed input is rounded to the grid of step "
            f"{claim.space.step}"
        )
    return text


def _slack(spec: RunSpec) -> str:
    return exact_up(fraction_up(spec.question.slack))
