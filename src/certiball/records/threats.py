"""The threat model of a record in NIST's words, and what is proven against a threat by name."""

from collections.abc import Sequence
from typing import Any

from certiball.claim import Claim
from certiball.records.rows import Row, Status
from certiball.runs.spec import RunSpec
from certiball.statistics.rounding import exact_down
from certiball.threats.threat import LENGTHS, parse_threat
from certiball.threats.verdict import Proven, Verdict, judged
from certiball.wording import reach


def threat_model(spec: RunSpec, rows: Sequence[Row], threats: Sequence[str]) -> dict[str, Any]:
    """The attacker that the certificates are about, and the verdict on each threat by name."""
    return {
        "vocabulary": "NIST AI 100-2e2025",
        "attack": "evasion, of the deployed classifier",
        "goal": "integrity violation: another answer than for the clean input",
        "knowledge": "white-box: the model, the noise's law, the inputs and this record; not the "
        "noise that is drawn when an answer is computed",
        "capability": f"{_does(spec.claim)}; changes neither model, training data, preprocessing "
        "nor noise",
        "threats": [_told(_verdict(spec, rows, text)) for text in threats],
        "sentence": "" if threats else "No threat was named: nobody said which radius is enough.",
    }


def _does(claim: Claim) -> str:
    """What the attacker does to an input, as far as the certificates go."""
    if claim.norm not in LENGTHS:
        return f"makes, before the noise, {reach(claim, 'its radius')}"
    within = f"{claim.norm} norm {'below' if claim.strict else 'at most'} its radius"
    return f"adds to an input, before the noise, a perturbation of {within}"


def _verdict(spec: RunSpec, rows: Sequence[Row], text: str) -> Verdict:
    found = [
        Proven(radius=row.radius, right=row.right) for row in rows if row.status is Status.CERTIFIED
    ]
    return judged(parse_threat(text), spec.claim, spec.dimension, found, len(rows))


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "threat": verdict.threat.text,
        "verdict": verdict.word,
        "formula": verdict.formula,
        "largestRadius": None if verdict.largest is None else exact_down(verdict.largest),
        "covered": verdict.covered,
        "coveredRight": verdict.right,
        "sentence": verdict.sentence,
    }
