"""What certificates say and what they do not, in plain words, from the claim."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.balls import Norm
from certiball.certification.meaning import ATTACK, arithmetic_means, is_sound, seed_means
from certiball.claim import Bound, Claim, Draw
from certiball.laws.reals_only import only_in_reals
from certiball.report.exact import is_exact, said_exactly
from certiball.report.off_grid import SHIFTS, shift_up
from certiball.report.study import Asked, Origin, Study
from certiball.report.texts import confidence, listed, number, plain
from certiball.spaces import Grid
from certiball.statistics.multiplicity import any_false, false_certificates
from certiball.statistics.rounding import format_up, fraction_up, root_up
from certiball.threats.threat import LENGTHS
from certiball.wording import in_floats, reach


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A point in a few words, and the sentences that make it exact."""

    head: str
    text: str


def said(study: Study) -> tuple[Statement, ...]:
    """What each certificate of a study says."""
    if study.claim is not None and is_exact(study.claim):
        points = said_exactly(study.claim, study.n, study.largest)
        return tuple(Statement(head=head, text=text) for head, text in points)
    statements = [
        Statement(head="One input at a time.", text=_one(study.claim)),
        Statement(
            head="The smoothed classifier, not the base one.",
            text="It speaks of the classifier that answers the likeliest class under noise. The "
            "base classifier alone, without noise, has no certificate.",
        ),
    ]
    if study.claim is not None:
        statements.append(_where(study.claim))
        statements += _off_grid(study, study.claim)
        statements.append(_error_rate(study.claim, study.planned, study.unfinished))
        if study.claim.bound is Bound.RANDOMIZED:
            statements.append(_randomized())
    if study.asked is not None:
        statements += _stopped(study, study.asked)
    if study.randomness:
        statements.append(_randomness(study.randomness))
    if study.largest is not None:
        statements.append(_largest(study, study.largest))
    return tuple(statements)


def unsaid(study: Study) -> tuple[Statement, ...]:
    """What no certificate of a study says."""
    norm = None if study.claim is None else study.claim.norm
    return (
        *_float_warning(study.claim),
        *_beyond(study),
        Statement(
            head="That the answer is right.",
            text="A wrong class can be certified too. Certified accuracy counts right answers "
            "only, and a right answer is right by the data set's label.",
        ),
        Statement(
            head="Other norms and other changes.",
            text=f"{_other_norms(norm)}{_in_linf(study)}",
        ),
        Statement(
            head="That an uncertified input is fragile.",
            text=f"An abstention means {_too_few(study)} for a proof, not that an attack exists.",
        ),
        Statement(
            head="Anything about other inputs.",
            text="Another input needs its own certificate. What the table says about new inputs "
            "holds only where they come from the same source.",
        ),
    )


def missing(study: Study) -> tuple[Statement, ...]:
    """What a reader cannot check in a published log; empty for our own results."""
    if study.origin is Origin.RUN:
        return ()
    claim = Statement(
        head="No claim in the log.",
        text="Noise, norm, numbers of samples, α, arithmetic and seed are not in it; they are what "
        "the publisher says elsewhere. So this page cannot say how many of its certificates may "
        "be false.",
    )
    notes = [Statement(head="Note.", text=note) for note in study.notes]
    return (claim, *notes) if study.claim is None else tuple(notes)


def _one(claim: Claim | None) -> str:
    """What a certificate says, R being its radius."""
    every = "every perturbation δ of this input with ‖δ‖ < R in the norm that the publisher states"
    if claim is not None and claim.norm in LENGTHS:
        within = "<" if claim.strict else "≤"
        name = "L2 (Euclidean)" if claim.norm is Norm.L2 else str(claim.norm)
        every = f"every perturbation δ of this input with ‖δ‖ {within} R in {name} norm"
    elif claim is not None:
        every = reach(claim, "R")
    ends = "The inequality is strict; at distance R itself nothing is said."
    if claim is not None and not claim.strict:
        ends = "R itself is included."
    return (
        f"A certificate with radius R says: for {every}, the smoothed classifier answers the same "
        f"class. {ends}"
    )


def _other_norms(norm: Norm | None) -> str:
    if norm is Norm.PATCH:
        return (
            "Nothing is said of what reaches beyond one such square: two small patches far from "
            "each other, a line across the image, a faint change of every pixel, a rotation or "
            "shift."
        )
    if norm is Norm.PARAMETER:
        return (
            "Nothing is said of single pixels, however small their change, nor of any other "
            "transformation, nor of images that were clipped or rounded after this one."
        )
    return (
        f"Nothing is said in any norm but {norm or 'the published one'}, nor of rotations, shifts, "
        "blur, compression or changes of meaning, unless they are as small as the radius in "
        f"{norm or 'that norm'}."
    )


def _too_few(study: Study) -> str:
    return "too small a lead among the views" if is_exact(study.claim) else "too few votes"


def _in_linf(study: Study) -> str:
    if study.claim is None or study.dimension is None:
        return ""
    # Each of d coordinates moved by t is a move of t√d in L2, and of td in L1.
    if study.claim.norm is Norm.L1:
        return f" In L∞ a radius R is worth R/d, here R/{study.dimension}."
    if study.claim.norm is not Norm.L2:
        return ""
    root = format_up(fraction_up(root_up(study.dimension)), 2)
    return f" In L∞ a radius R is worth R/√d, here R/{root}."


def _where(claim: Claim) -> Statement:
    head = "Perturbed inputs on the grid." if is_sound(claim) else "Exact arithmetic only."
    if is_sound(claim) and not isinstance(claim.space, Grid):
        head = "Arithmetic that cannot betray it."
    return Statement(head=head, text=arithmetic_means(claim))


def _off_grid(study: Study, claim: Claim) -> list[Statement]:
    if not isinstance(claim.space, Grid) or claim.norm not in SHIFTS:
        return []
    loss, shift = "", SHIFTS[claim.norm]
    half = None if study.dimension is None else shift_up(claim, study.dimension)
    if half is not None:
        loss = (
            f" Here h = {claim.space.step}, d = {study.dimension:,}, and {shift} is at most "
            f"{format_up(fraction_up(half))}."
        )
    return [
        Statement(
            head="Inputs that are not on the grid",
            text="are rounded to it before they are classified. If ‖δ‖ is measured before that "
            f"rounding, R becomes max(R/2, R − {shift}), with h the step and d the number of "
            f"coordinates.{loss}",
        )
    ]


def _error_rate(claim: Claim, tried: int, unfinished: int) -> Statement:
    rest = f" ({unfinished:,} of them not finished)" if unfinished else ""
    expected = f"{false_certificates(claim.alpha, tried).normalize():f}"
    return Statement(
        head=f"An error rate: α = {claim.alpha} for each input.",
        text=f"Votes are random, so a certificate may be false with probability at most "
        f"{claim.alpha}. For this table of N = {tried:,} inputs tried{rest}: at most αN = "
        f"{expected} false certificates are expected, over all radii together, and the "
        f"probability of any is at most {format_up(any_false(claim.alpha, tried), 3)}. Abstentions "
        "and failures stay in N.",
    )


def _randomized() -> Statement:
    return Statement(
        head="A randomized bound.",
        text="Each bound took a random number of the input's own, which makes it a little larger. "
        "That number costs nothing to compute, so α holds only for seeds that were fixed before "
        "anybody looked at it; for the best of many seeds 2α does. In brackets stands the "
        "classical radius, which needs no such number.",
    )


def _stopped(study: Study, asked: Asked) -> list[Statement]:
    """What must be known of votes whose number was not fixed."""
    if asked.radii:
        return [_targets(asked), _verdict_words(study, asked)]
    return [_precision(study, asked, asked.precision or 0.0)]


def _targets(asked: Asked) -> Statement:
    radii = listed(map(plain, asked.radii))
    which = f"radius {radii} was" if len(asked.radii) == 1 else f"radii {radii} were"
    return Statement(
        head=f"Votes stopped once {which} decided.",
        text="A radius that is reported here is the target and what the last votes went beyond "
        "it: proven, but not the radius that a fixed number of votes would give. α is not spent "
        "by looking: the bound holds wherever votes stop, and whatever stops them.",
    )


def _verdict_words(study: Study, asked: Asked) -> Statement:
    most = "" if study.n is None else f" of at most {number(study.n)}"
    return Statement(
        head="Certified, not certified, undecided.",
        text="Not certified: the probability of the class is too small for that radius, with "
        f"confidence 1 − β = {confidence(asked.beta)} for each input. Undecided: the "
        f"votes{most} showed neither. A radius is claimed only if all smaller ones are.",
    )


def _precision(study: Study, asked: Asked, share: float) -> Statement:
    most = "the most that there may be" if study.n is None else number(study.n)
    cap = "" if asked.cap is None else f"the radius reached {plain(asked.cap)}, or "
    return Statement(
        head=f"Radii within {100 * share:g}\u202f%.",
        text=f"Votes stopped once more of them, up to {most}, could not make the radius larger by "
        f"more than that share, or an upper bound said so with confidence "
        f"{confidence(asked.beta)}; or {cap}none could be had. An input whose votes all agree "
        "needs about half of the most for 5\u202f%, for its radius grows with every vote: what is "
        "saved comes from the cap. α is not spent by looking.",
    )


def _beyond(study: Study) -> tuple[Statement, ...]:
    """Where a curve ends because nobody asked further."""
    if study.limit is None:
        return ()
    below = ""
    if study.asked is not None and study.asked.radii:
        below = (
            " Below it, at radii that were not asked for, a fixed number of votes may certify more."
        )
    return (
        Statement(
            head=f"Anything beyond radius {plain(study.limit)}.",
            text="Votes stopped there, so curves end there: what single certificates say beyond "
            f"it holds, but their share means nothing.{below}",
        ),
    )


def _randomness(draws: Sequence[Draw]) -> Statement:
    chosen = [draw for draw in draws if draw.chosen]
    if draws and all(draw.beacon for draw in draws):
        public = dict.fromkeys(draw.announced for draw in draws)
        return Statement(
            head="A seed that a later public number is said to have settled.",
            text=seed_means(chosen=bool(chosen), beacon=" and ".join(map(str, public))),
        )
    if chosen:
        few = f" Here {len(chosen)} of {len(draws)} seeds were chosen." if len(draws) > 1 else ""
        return Statement(head="A seed that somebody chose.", text=f"{seed_means(chosen=True)}{few}")
    which = f"The {draws[0]}" if len(draws) == 1 else f"{len(draws)} seeds"
    return Statement(
        head="A seed that nobody chose." if len(draws) == 1 else "Seeds that nobody chose.",
        text=f"{which}. {seed_means(chosen=False)}",
    )


def _largest(study: Study, largest: float) -> Statement:
    votes = "" if study.n is None else f" and n = {study.n:,} votes"
    whole = study.claim is not None and study.claim.norm.counts
    return Statement(
        head=f"No radius above {format_up(largest, 0 if whole else 4)}.",
        text=f"Even unanimous votes certify no more under this noise, rule, α{votes}. Curves end "
        "there because votes end, not because robustness does.",
    )


def _float_warning(claim: Claim | None) -> tuple[Statement, ...]:
    if claim is None or is_sound(claim):
        return ()
    remedy = " The grid that the inputs live on excludes this: state it, and certify again."
    return (
        Statement(
            head="Safety from floating point.",
            text=f"Here {in_floats(claim.law)} in floating point. A model that was made, by design "
            "or by training, to read the clean input in the bits of the result gets false "
            f"certificates ({ATTACK}), and no number of votes shows it."
            f"{'' if only_in_reals(claim.law) else remedy}",
        ),
    )
