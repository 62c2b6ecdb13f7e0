"""What stands under the five figures of the study, with the numbers that they show."""

from certiball.study.conduct import Study
from certiball.study.table import Certified


def captions(study: Study) -> dict[str, str]:
    """A caption for each figure, by name."""
    plan = study.plan
    sigma = f"σ = {plan.sigmas[0]:g}"
    return {
        "crossing": (
            f"How often g answers another class on the way from an image through its closest "
            f"adversarial point by Boundary Projection, {sigma}; {plan.calls} answers at each "
            f"place, shaded: 95 % intervals. At 0 is the boundary of f. {_halves(study)}"
        ),
        "map": (
            f"Labels of the plane through an image (+) in two random directions, {sigma}: by the "
            "base classifier, and by one answer of g at each point. Axes in L2; points outside of "
            "the box of images are not clipped."
        ),
        "endpoints": (
            f"Where {plan.repeats} bisections end that believe every answer of g, {sigma}, on the "
            f"way of figure 1. {_spread(study)}"
        ),
        "certified": (
            f"Certified accuracy of the networks under noise on {plan.certified} images, "
            f"n = {plan.samples}, α = 0.001; shaded: 95 % intervals. {_largest(study)}"
        ),
        "distortion": (
            "Mean L2 distance against the clean accuracy of each defence: hollow as the attack "
            "claims it, full as fresh noise confirms it. In the panel of the adaptive HSJA, the "
            "defences without noise are those of the published one."
        ),
    }


def _halves(study: Study) -> str:
    parts = []
    for line in study.crossings:
        where = "nowhere" if line.half is None else f"at {_signed(line.half)}"
        parts.append(f"{where} for n = {line.n}")
    return f"It crosses ½ {', '.join(parts)}."


def _spread(study: Study) -> str:
    sigma = study.plan.sigmas[0]
    parts = [
        f"{each.deviation / sigma:.3f}σ around {_signed(each.mean / sigma)}σ for n = {each.n}"
        for each in study.endpoints
    ]
    flat = "on a flat boundary 0.257σ around 0.115σ for n = 10, 0.115σ for 50 and 0.081σ for 100"
    return f"Standard deviation {', '.join(parts)} ({flat})."


def _largest(study: Study) -> str:
    parts = [f"{each.largest:.3g} ({_title(each)})" for each in study.results.certified]
    return f"Largest certified radii: {', '.join(parts)}."


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "\u2212")


def _title(certified: Certified) -> str:
    return f"{certified.network}, σ = {certified.sigma:g}"
