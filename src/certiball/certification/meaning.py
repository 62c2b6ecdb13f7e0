"""What the arithmetic and the seed of a claim mean for those who rely on it, in plain words.

One text for the pre-flight, before anything is drawn, and for the report, afterwards.
"""

from certiball.certificate import arithmetic
from certiball.spaces import Space

ATTACK = "arXiv 2207.07209"  # a model that sees the clean input through float noise


def arithmetic_means(space: Space) -> str:
    """What noise in whole steps, or in floating point, lets a certificate say.

    Example:
        >>> from certiball import Grid
        >>> arithmetic_means(Grid.uint8()).partition(":")[0]
        'Lattice mode'
    """
    if arithmetic(space) == "lattice":
        return (
            f"Lattice mode: inputs and noise are whole steps of {space}, and the model sees a "
            "function of their sum alone, so floating point cannot break the proof. Perturbed "
            "inputs move by whole steps of this grid, inside or outside of its range."
        )
    return (
        f"Float mode: inputs live in {space}, and the proof takes them, the noise and their sum "
        "as exact numbers; what runs is floating point. The bits of such a sum betray its terms, "
        "and a model can be built, or trained, that reads them: its certificates are false "
        f"({ATTACK}). So they rest on the belief that nobody made the model for this. On a grid "
        "they need none: state the one that the inputs live on."
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
