"""What `certiball threat` says, for people and for programs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from certiball.cli.output import counted

if TYPE_CHECKING:
    from certiball.report.study import Study
    from certiball.threats.answer import Answer
    from certiball.threats.verdict import Verdict

SHOWN = 8  # laws at most


def numbers(found: "Answer") -> dict[str, Any]:
    """The answer for programs: lengths and scales are rounded up."""
    from certiball.threats.needed import realistic

    threat = found.threat
    return {
        "threat": threat.text,
        "norm": None if threat.norm is None else threat.norm.value,
        "budget": None if threat.budget is None else str(threat.budget),
        "dimension": found.dimension,
        "longest": {norm.value: length for norm, length in found.lengths.items()},
        "gaussian": [
            {
                "votes": all_.votes,
                "sigma_if_unanimous": all_.deviation,
                "sigma_at_99_percent": nearly.deviation,
                "realistic": realistic(all_.deviation, found.width)[0],
            }
            for all_, nearly in found.gaussian
        ],
        "laws": [
            {
                "law": str(need.law),
                "through": need.norm.value,
                "deviation": need.deviation,
                "votes": need.votes,
            }
            for need in found.laws
        ],
        "fitting_laws": list(found.names),
        "advice": found.advice,
    }


def run_numbers(verdict: "Verdict", study: "Study") -> dict[str, Any]:
    """The verdict on a run for programs."""
    enough = _enough(verdict, study)
    return {
        "run": {
            "verdict": verdict.word,
            "inputs": verdict.tried,
            "covered": verdict.covered,
            "covered_right": verdict.right,
            "largest_radius": verdict.largest,
            "radius_needed": None if enough is None else enough.radius,
            "votes_if_unanimous": None if enough is None else enough.unanimous,
            "votes_at_99_percent": None if enough is None else enough.nearly,
            "sentence": verdict.sentence,
        }
    }


def run_lines(verdict: "Verdict", study: "Study") -> Iterator[str]:
    """The verdict on a run for people."""
    from certiball.claim import Bound
    from certiball.report.curves import share
    from certiball.report.texts import percent
    from certiball.statistics.rounding import format_down, format_up

    of = percent(share(verdict.right, verdict.tried)).replace("\u202f", "")
    yield f"{study.title}, {counted(verdict.tried, 'input')}: {verdict.sentence}"
    if study.unfinished:
        yield f"{counted(study.unfinished, 'input')} of them not finished, and so not covered"
    enough, claim = _enough(verdict, study), study.claim
    if enough is None or claim is None:
        return
    largest = max((entry.radius for entry in study.entries), default=0.0)
    beyond = "more than" if claim.strict else "at least"
    digits = 0 if claim.norm.counts else 4
    yield (
        f"{of} covered with the right class; that takes a radius of {beyond} "
        f"{format_up(enough.radius, digits)} in {claim.norm}, and the largest here is "
        f"{format_down(largest, digits)}"
    )
    if claim.bound is Bound.EXACT:
        return
    yield (
        f"under {claim.law} such a radius needs {_votes(enough.unanimous)} if all agree, and "
        f"{_votes(enough.nearly)} if 99 % do"
    )


def lines(found: "Answer") -> Iterator[str]:
    """The answer for people: a sentence, tables, and what fits."""
    yield _sentence(found)
    if found.lengths:
        yield ""
        yield f"{'in':<6}longest, rounded up"
        for norm, length in found.lengths.items():
            yield f"{norm!s:<6}{_up(length)}"
    if found.gaussian:
        yield from _gaussian(found)
        yield from _laws(found)
    yield ""
    yield found.advice
    if found.names:
        yield f"Laws with a theorem in just this norm (--noise): {', '.join(found.names)}."


def _sentence(found: "Answer") -> str:
    threat = found.threat
    if threat.norm is None:
        return (
            f"Not covered by a certificate of any norm: “{threat.text}” is no norm's ball, and "
            "nothing bounds how far it moves an input."
        )
    from certiball.balls import Norm

    what = f"{threat.text} on {counted(found.dimension, 'number')}"
    others = [
        f"{_up(length)} in {norm}"
        for norm, length in found.lengths.items()
        if norm is not threat.norm and norm is not Norm.LINF
    ]
    if not others:
        return (
            f"{what}: no certificate in L1, L2 or L∞ norm covers it, however large, for it says "
            "how many change and not by how much."
        )
    return f"{what}: its perturbations are at most {' and '.join(others)} long."


def _gaussian(found: "Answer") -> Iterator[str]:
    from certiball.report.texts import number
    from certiball.threats.needed import realistic

    yield ""
    yield "Gaussian noise that certifies it through L2, σ at least:"
    yield f"{'votes':>9}  {'all agree':>10}  {'99 % agree':>10}"
    for all_, nearly in found.gaussian:
        yield (
            f"{number(all_.votes):>9}  {_up(all_.deviation):>10}  {_up(nearly.deviation):>10}  "
            f"{realistic(all_.deviation, found.width)[1]}"
        )
    best = found.gaussian[-1][0].deviation
    if not realistic(best, found.width)[0]:
        yield (
            "Not realistic: even there the noise is wider than the data. Choose another method, "
            "or a smaller threat."
        )
    yield (
        "What accuracy a classifier keeps under such noise no formula says: train under it and "
        "measure (certiball train, certify)."
    )


def _laws(found: "Answer") -> Iterator[str]:
    from certiball.report.texts import number

    if len(found.laws) < 2:
        return
    yield ""
    yield (
        f"Least noise by law, if all of {number(found.laws[0].votes)} votes agree (standard "
        "deviation of one number):"
    )
    best = {type(need.law): need for need in reversed(found.laws)}  # by its best theorem
    for need in sorted(best.values(), key=lambda need: need.deviation)[:SHOWN]:
        yield f"{_up(need.deviation):>12}  {type(need.law).__name__}, through {need.norm}"


def _enough(verdict: "Verdict", study: "Study") -> Any:
    from certiball.threats.needed import enough_for

    if study.claim is None or study.dimension is None:
        return None
    return enough_for(verdict.threat, study.claim, study.dimension)


def _votes(number: int | None) -> str:
    from certiball.report.texts import number as written

    return "more votes than there can be" if number is None else f"{written(number)} votes"


def _up(value: float) -> str:
    """Four digits after the point, or as many that count, rounded up."""
    from certiball.statistics.rounding import format_up, significant_up

    return significant_up(value, 4) if value < 0.01 or value >= 1e6 else format_up(value)
