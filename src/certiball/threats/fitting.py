"""Which certified method fits a threat, from the theorems that there are, and what none does."""

from certiball.balls import Norm
from certiball.laws.names import NAMES
from certiball.theorems import COUNTS, TABLE
from certiball.threats.threat import Threat

BOUNDS = (
    "For a small L∞ budget the methods that fit are training with deterministic bounds, by "
    "intervals or linear relaxation (IBP, CROWN), and verifying with them: certiball does not have "
    "them yet."
)
ADVICE = {
    Norm.LINF: "No noise escapes the dimension here: radii in L∞ of noise that is independent in "
    "every number fall like 1/√d (arXiv 2002.03239), and of any noise at all nearly every number "
    f"needs some of the size of ε√d (arXiv 2002.03517). {BOUNDS}",
    Norm.L2: "Gaussian noise is the method of choice here: no dimension enters its radius.",
    Norm.L1: "At equal standard deviation uniform noise certifies most in L1 while p̲ is below .92, "
    "and Laplace noise once it is above .96. Splitting noise has the radius of uniform noise, and "
    "its deterministic version needs no error rate.",
    Norm.L0: "A few pixels that may change by any amount are what randomized ablation and discrete "
    "noise are for; no ball of L1, L2 or L∞ norm bounds them.",
    Norm.PATCH: "A patch is what bands and blocks are for: every view of the image that misses it "
    "keeps its vote, all views are counted, and no error rate is left.",
}
WORDS = (
    (
        ("rotat", "shift", "translat", "scal", "blur", "bright", "contrast", "parameter"),
        "A transformation by a parameter is certified by smoothing over that parameter, of "
        "images and of that transformation alone; a ball of a norm says nothing of it.",
    ),
    (
        ("patch", "sticker"),
        "If it is a square of so many pixels, name it: patch:5 is one of 5 × 5, for which bands "
        "and blocks certify.",
    ),
)
NEVER = (
    "No certified method covers what nobody has written down as a set of inputs: state what the "
    "attacker may change, and by how much."
)


def advice(threat: Threat) -> str:
    """What fits the threat, in sentences, for people who have to choose.

    Example:
        >>> from certiball.threats.threat import parse_threat
        >>> advice(parse_threat("anything that looks the same"))[:24]
        'No certified method cove'
    """
    if threat.norm is not None:
        return ADVICE.get(threat.norm, "")
    text = threat.text.lower()
    return next((said for keys, said in WORDS if any(key in text for key in keys)), NEVER)


def laws_for(norm: Norm) -> tuple[str, ...]:
    """The laws, by the names of the command line, with a theorem in just this norm.

    Example:
        >>> laws_for(Norm.L2)[0]
        'gaussian'
    """
    kinds = {kind for kind, each in (*TABLE, *COUNTS) if each is norm}
    return tuple(name for name, kind in NAMES.items() if kind in kinds)
