"""Why studies side by side are not one experiment."""

from collections.abc import Sequence

from certiball.report.measure import alike
from certiball.report.study import Study
from certiball.report.texts import listed


def differences(studies: Sequence[Study]) -> tuple[str, ...]:
    """Why studies side by side are not one experiment, one sentence for each reason."""
    reasons: dict[str, list[object]] = {
        "the inputs": [{(e.index, e.label) for e in study.entries} for study in studies],
        "the numbers of inputs": [study.size for study in studies],
        "the noise laws": [study.claim and str(study.claim.law) for study in studies],
        "the norms": [study.claim and study.claim.norm for study in studies],
        "the radius rules": [study.claim and study.claim.rule for study in studies],
        "the error rates α": [study.claim and study.claim.alpha for study in studies],
        "the spaces of the inputs": [study.claim and str(study.claim.space) for study in studies],
        "the numbers of votes": [(study.n0, study.n) for study in studies],
        "what stops the votes": [study.asked for study in studies],
        "the bounds": [study.claim and study.claim.bound for study in studies],
        "the origins": [study.origin for study in studies],
        "the models": [dict(study.facts).get("model digest") for study in studies],
        "what runs the models": [study.claim and study.claim.backend for study in studies],
        "the data": [dict(study.facts).get("data digest") for study in studies],
    }
    differ = [name for name, values in reasons.items() if values != values[:1] * len(values)]
    if not differ:
        return ()
    apart = " Radii of one norm and unit share a chart, and no others." * (len(alike(studies)) > 1)
    return (
        f"These studies differ in {listed(differ)}. Compare them with that in mind.{apart}",
        "Each study certifies its own smoothed classifier. The best of several for each input is "
        "a comparison, not a certificate.",
    )
