"""A contradiction's cause: an α event, a wrong attack or a wrong certificate."""

from dataclasses import dataclass
from enum import Enum

from certiball.attacks.judging.evidence import LEVEL, denial, drawn
from certiball.attacks.oracle import SmoothedOracle
from certiball.certificate import Certificate, Result
from certiball.certification.plan import Plan
from certiball.certification.question import Question, radius_from
from certiball.certification.smooth import certify
from certiball.samplers.streams import run_key
from certiball.shapes import Array
from certiball.smoothed import Smoothed
from certiball.statistics.mixture import mixture_lower_bound, mixture_upper_bound

MORE = 4  # times as many votes, to confirm what the first ones said
BEST_WORD = 0  # of a randomized bound: no other gives a larger radius


class Cause(Enum):
    """Which of them is wrong."""

    ALPHA_EVENT = "an α event"  # the certificate, by lucky votes, as α allows
    WRONG_ATTACK = "a wrong attack"  # its answers are not those of the certified classifier
    WRONG_CERTIFICATE = "a wrong certificate"  # and not by chance


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What is wrong, and how that was seen.

    Args:
        cause: which of the three.
        reason: a sentence.
        again: the input, certified once more by a fresh seed; None where that was not needed.
    """

    cause: Cause
    reason: str
    again: Result | None = None

    def __str__(self) -> str:
        return f"{self.cause.value}; {self.reason}"


def diagnosed(
    g: Smoothed, plan: Plan, certificate: Certificate, x: Array, point: Array, seed: int
) -> Diagnosis:
    """Look again at a point that contradicts a certificate, and certify once more.

    An α event is called something else with probability α + 2·10⁻⁶ at most. A wrong certificate
    is called an α event where it is wrong once and right again, with votes that could be lucky.

    Args:
        g: what was certified.
        plan: by which.
        certificate: of x.
        x: encoded [...].
        point: encoded [...], inside the certified radius.
        seed: all that is drawn here is drawn anew, by seeds made from it.
    """
    votes = drawn(SmoothedOracle(g, n=1), point, 0, seed, times=MORE)
    p_value, _ = denial(votes, certificate, x.size)
    if p_value > LEVEL:
        return Diagnosis(
            cause=Cause.WRONG_ATTACK,
            reason=f"{votes.total} votes of the certified classifier at the point do not confirm "
            "it: the attack asked another model, or under other noise",
        )
    if _proven(certificate, x.size) < certificate.radius:
        return Diagnosis(
            cause=Cause.WRONG_CERTIFICATE,
            reason=f"its votes prove no radius above {_proven(certificate, x.size):g}",
        )
    again = _certified(g, plan, certificate, x, seed)
    return _compared(certificate, again, x, point)


def _certified(g: Smoothed, plan: Plan, certificate: Certificate, x: Array, seed: int) -> Result:
    """The same claim about the same input, by a seed that nobody chose for its outcome."""
    claim = certificate.claim
    anew = run_key(seed, f"certified again after {certificate.draw.seed}")
    [again] = certify(
        g, x[None], plan=plan, alpha=claim.alpha, rule=claim.rule, norm=claim.norm, seed=anew
    )
    return again


def _compared(certificate: Certificate, again: Result, x: Array, point: Array) -> Diagnosis:
    """What a second certification says of the first."""
    same = isinstance(again, Certificate) and again.label == certificate.label
    if same and isinstance(again, Certificate) and again.covers(x, point):
        return Diagnosis(
            cause=Cause.WRONG_CERTIFICATE,
            reason="certified by a fresh seed its radius holds the point again, which chance alone "
            f"does with probability {certificate.claim.alpha} at most",
            again=again,
        )
    label = certificate.label
    first, second = certificate.estimation, again.estimation
    # Bounds that hold for votes of any plan, for both are of one probability if all is well.
    least = mixture_lower_bound(first.counts[label], first.total, LEVEL)
    most = mixture_upper_bound(second.counts[label], second.total, LEVEL)
    if least > most:
        return Diagnosis(
            cause=Cause.WRONG_CERTIFICATE,
            reason=f"it had {first.counts[label]} of {first.total} votes for class {label}, and "
            f"fresh ones are {second.counts[label]} of {second.total}: they were not votes of this "
            "classifier under this noise",
            again=again,
        )
    said = f"the radius {again.radius:g}" if isinstance(again, Certificate) else "no certificate"
    return Diagnosis(
        cause=Cause.ALPHA_EVENT,
        reason=f"certified by a fresh seed it has {said}; a share of at most "
        f"{certificate.claim.alpha} of certificates may be false so",
        again=again,
    )


def _proven(certificate: Certificate, dimension: int) -> float:
    """The radius that a certificate's own votes prove."""
    question = Question(claim=certificate.claim, dimension=dimension)
    return radius_from(question, certificate.estimation, certificate.label, BEST_WORD)
