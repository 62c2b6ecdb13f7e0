"""What the arithmetic and the seed of a claim mean for those who rely on it, in plain words.

One text for the pre-flight, before anything is drawn, and for the report, afterwards.
"""

from certiball.claim import Bound, Claim
from certiball.laws.ablation import Ablation
from certiball.laws.reals_only import only_in_reals
from certiball.laws.transformation import Transformation
from certiball.laws.translation import Translation
from certiball.spaces import Grid

ATTACK = "arXiv 2207.07209"  # a model that sees the clean input through float noise
MOVES = (Ablation, Translation)  # laws that show numbers of the input as they are, or not at all

# Where every view is asked, and nothing is drawn or added.
VIEWS_ARITHMETIC = (
    "No noise: what the model sees of an input is a function of what the view shows, to the last "
    "bit, so floating point cannot break the proof."
)
VIEWS_RANDOMNESS = "No random number is needed: every view of every input is asked, in their order."


def is_sound(claim: Claim) -> bool:
    """Whether floating point cannot break the proof: on a grid, or where nothing is computed."""
    if claim.bound is Bound.EXACT or isinstance(claim.space, Grid):
        return True
    return isinstance(claim.law, MOVES)


def is_added(claim: Claim) -> bool:
    """Whether the law adds noise to every number of an input."""
    return claim.law.deviation(64) is not None  # there are laws that are not for few numbers


def arithmetic_means(claim: Claim) -> str:
    """What noise in whole steps, or in floating point, lets a certificate say.

    Example:
        >>> from certiball import Gaussian, Norm, Rule
        >>> law, space = Gaussian(sigma=0.25), Grid.uint8()
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=space)
        >>> arithmetic_means(claim).partition(":")[0]
        'Lattice mode'
    """
    if claim.bound is Bound.EXACT:
        return VIEWS_ARITHMETIC
    if isinstance(claim.space, Grid):
        return _lattice_means(claim)
    if is_sound(claim):
        return (
            f"Inputs live in {claim.space}, and the model sees their numbers as they are, or not "
            "at all: nothing is computed from them, so floating point cannot break the proof."
        )
    terms, bits = "the noise and their sum", "The bits of such a sum betray its terms"
    if isinstance(claim.law, Transformation):
        terms = "the parameter and what the transformation makes of them"
        bits = "The bits of what is computed can betray from what"
    return (
        f"Float mode: inputs live in {claim.space}, and the proof takes them, {terms} "
        f"as exact numbers; what runs is floating point. {bits}, "
        "and a model can be built, or trained, that reads them: its certificates are false "
        f"({ATTACK}). So they rest on the belief that nobody made the model for this. "
        f"{_without_belief(claim)}"
    )


def _without_belief(claim: Claim) -> str:
    if only_in_reals(claim.law):
        return f"{claim.law} has no version on a grid, where no such belief is needed."
    return "On a grid they need none: state the one that the inputs live on."


def _lattice_means(claim: Claim) -> str:
    seen = "inputs are whole steps of {}, and the model sees what whole numbers make of them"
    if is_added(claim):
        seen = "inputs and noise are whole steps of {}, and the model sees a function of their sum"
    return (
        f"Lattice mode: {seen.format(claim.space)} alone, so floating point cannot break the "
        "proof. Perturbed inputs move by whole steps of this grid, inside or outside of its range."
    )


def seed_means(*, chosen: bool, beacon: str | None = None) -> str:
    """What it means who settled the random numbers: the operating system, the user, or the public.

    Args:
        chosen: whether somebody chose the seed.
        beacon: the public number, later than the claim, that was mixed into it; None without one.

    Example:
        >>> seed_means(chosen=False).partition(":")[0]
        'Fresh noise'
    """
    if beacon is not None:
        return (
            f"Public noise: the seed was mixed with what is said to be {beacon}. If a commitment "
            "to the run's specification and seed was published before that number was known, with "
            "no other commitment for this run, and if the number is exactly what the announced "
            "source published, in full, nobody could try several and keep the best, the one who "
            "ran this included."
        )
    if chosen:
        return (
            "Known noise: somebody chose the seed. A chosen seed can be the best of many, and "
            "inputs or a model can be made to fit noise that is known beforehand: they are "
            "certified although their classes are as likely as not. α holds only if seed, model "
            "and inputs were settled without looking."
        )
    return (
        "Fresh noise: the operating system draws the seed after model, inputs and claim are "
        "fixed, so that none of them can be made to fit it. Whoever runs this can still delete a "
        "run and draw again; only a seed that a later public number settles excludes that."
    )
