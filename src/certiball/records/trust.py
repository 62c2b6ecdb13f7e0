"""What each level of verification leaves to trust: said, so that nobody thinks it was checked."""

from certiball.claim import Bound
from certiball.records.record import Record
from certiball.runs.finding import Finding, Level

ALWAYS = (
    "which inputs were chosen, and that they were not chosen by their votes; the names of model, "
    "data and classes; what is assumed of deployment; the ledger, the environments, date and issuer"
)
LEFT = {
    1: "that counts and labels without noise are those of the model and inputs whose digests are "
    "stated; true labels",
    2: "votes and labels without noise of inputs that were not drawn again",
    3: "votes of inputs without fresh ones; all votes that chose a class, labels without noise",
}
OF_SEEDS = {1: "; seeds", 2: "; that seeds are not the best of many", 3: " and recorded seeds"}
MORE = ": --level 2 draws votes again, --level 3 draws others"
MORE_VIEWS = ": --level 2 asks views again"  # and there are no others


def left_to_trust(record: Record, level: int) -> Finding:
    """What a record's reader has to believe after a level from 1 to 3 has passed.

    Where every view was asked, seeds are not among it.
    """
    exact = record.spec.claim.bound is Bound.EXACT
    more = (MORE_VIEWS if exact else MORE) if level == 1 else ""
    left = LEFT[level] + ("" if exact else OF_SEEDS[level])
    text = f"taken on trust{more}: {left}; {ALWAYS}"
    return Finding(check="trust", level=Level.OPEN, text=text)
