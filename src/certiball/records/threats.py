"""The threat model of a record in NIST's words, and what is proven against a threat by name."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certiball.balls import Ball, Norm, radius_in
from certiball.errors import InputError
from certiball.numbers import as_fraction
from certiball.records.rows import Row, Status
from certiball.runs.spec import RunSpec
from certiball.statistics.rounding import exact_down

LARGEST = 10**9  # budget, in the units of the inputs' space
LONGEST = 200  # characters of a threat's name


@dataclass(frozen=True, kw_only=True)
class Threat:
    """What an attacker may do.

    Args:
        text: as it was named.
        norm: of the perturbation; None for a threat that is no norm's ball.
        budget: the largest norm, included.
    """

    text: str
    norm: Norm | None = None
    budget: Fraction | None = None


def parse_threat(text: str) -> Threat:
    """A threat by its name: l2:1/2 or linf:8/255; anything else is a threat in words.

    Raises:
        InputError: if the budget of a norm is no positive number below 10⁹, or there is no name.

    Example:
        >>> parse_threat("linf:8/255").budget, parse_threat("rotation by 10 degrees").norm
        (Fraction(8, 255), None)
    """
    name, _, amount = text.partition(":")
    if not text.strip() or len(text) > LONGEST or not text.isprintable() or {*text} & {*"“”"}:
        raise InputError(
            f"a threat is named in 1 to {LONGEST} characters, “ and ” not among them: {text[:40]!r}"
        )
    if name not in {norm.value for norm in Norm}:
        return Threat(text=text)
    return Threat(text=text, norm=Norm(name), budget=_budget(text, amount))


def _budget(text: str, amount: str) -> Fraction:
    try:
        budget = as_fraction("budget", amount)
    except InputError:
        budget = None
    if budget is None or not 0 < budget < LARGEST or len(amount) > 40:
        raise InputError(
            f"the budget of threat {text!r} must be a number above 0 and below {LARGEST:,}, of at "
            "most 40 characters: l2:.5 and linf:8/255 have such"
        ) from None
    return budget


def threat_model(spec: RunSpec, rows: Sequence[Row], threats: Sequence[str]) -> dict[str, Any]:
    """The attacker that the certificates are about, and the verdict on each threat by name."""
    norm = spec.claim.norm
    return {
        "vocabulary": "NIST AI 100-2e2025",
        "attack": "evasion, of the deployed classifier",
        "goal": "integrity violation: another answer than for the clean input",
        "knowledge": "white-box: the model, the noise's law, the inputs and this record; not the "
        "noise that is drawn when an answer is computed",
        "capability": f"adds to an input, before the noise, a perturbation of {norm} norm below "
        "its radius; changes neither model, training data, preprocessing nor noise",
        "threats": [_verdict(spec, rows, parse_threat(text)) for text in threats],
        "sentence": "" if threats else "No threat was named: nobody said which radius is enough.",
    }


def _verdict(spec: RunSpec, rows: Sequence[Row], threat: Threat) -> dict[str, Any]:
    norm, budget, claim = threat.norm, threat.budget, spec.claim
    if norm is None or budget is None or (Norm.L0 in (norm, claim.norm) and norm != claim.norm):
        return {
            "threat": threat.text,
            "verdict": "not covered",
            "formula": None,
            "largestRadius": None,
            "covered": 0,
            "coveredRight": 0,
            "sentence": f"Not covered: no ball of {claim.norm} norm bounds “{threat.text}”, and "
            "nothing here is said of it.",
        }
    found = [row for row in rows if row.status is Status.CERTIFIED]
    radii = sorted({row.radius for row in found})
    least = _least_covering(spec, radii, norm, budget)
    covered = [row for row in found if least is not None and row.radius >= least]
    right = sum(row.right for row in covered)
    verdict = "partly covered" if covered else "not covered"
    verdict = "covered" if len(covered) == len(rows) else verdict
    return {
        "threat": threat.text,
        "verdict": verdict,
        "formula": _formula(claim.norm, norm, spec.dimension),
        "largestRadius": exact_down(_converted(spec, radii[-1], norm)) if radii else None,
        "covered": len(covered),
        "coveredRight": right,
        "sentence": f"{verdict.capitalize()}: of {len(rows)} inputs, {len(covered)} are proven to "
        f"keep their answer, and {right} of those the right one, under every "
        f"perturbation of {norm} norm at most {budget}{_where(spec)}, if their certificates are "
        "true.",
    }


def _least_covering(
    spec: RunSpec, radii: Sequence[float], norm: Norm, budget: Fraction
) -> float | None:
    """The smallest of some radii whose ball, which is open, has the closed ball of the threat."""
    place = bisect_left(
        radii, True, key=lambda radius: Fraction(_converted(spec, radius, norm)) > budget
    )
    return radii[place] if place < len(radii) else None


def _converted(spec: RunSpec, radius: float, norm: Norm) -> float:
    return radius_in(Ball(norm=spec.claim.norm, radius=radius), norm, spec.dimension)


def _formula(ours: Norm, theirs: Norm, dimension: int) -> str:
    halves = max(0, _HALVES[ours] - _HALVES[theirs]) if ours is not theirs else 0
    divisor = {0: "", 1: f" / √{dimension}", 2: f" / {dimension}"}[halves]
    return f"R in {theirs} = R in {ours}{divisor}"


_HALVES = {Norm.L1: 2, Norm.L2: 1, Norm.LINF: 0}  # 2/p


def _where(spec: RunSpec) -> str:
    step = getattr(spec.claim.space, "step", None)
    return "" if step is None else f" that moves by whole steps of {step}"
