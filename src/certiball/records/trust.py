"""What each level of verification leaves to trust: said, so that nobody thinks it was checked."""

from certiball.runs.finding import Finding, Level

ALWAYS = (
    "which inputs were chosen, and that they were not chosen by their votes; the names of model, "
    "data and classes; what is assumed of deployment; the ledger, the environments, date and issuer"
)
LEFT = {
    1: "that counts and labels without noise are those of the model and inputs whose digests are "
    "stated; true labels; seeds",
    2: "votes and labels without noise of inputs that were not drawn again; that seeds are not the "
    "best of many",
    3: "votes of inputs without fresh ones; all votes that chose a class, labels without noise and "
    "recorded seeds",
}


def left_to_trust(level: int) -> Finding:
    """What a record's reader has to believe after a level from 1 to 3 has passed.

    Example:
        >>> left_to_trust(2).text.startswith("taken on trust: votes")
        True
    """
    more = ": --level 2 draws votes again, --level 3 draws others" if level == 1 else ""
    text = f"taken on trust{more}: {LEFT[level]}; {ALWAYS}"
    return Finding(check="trust", level=Level.OPEN, text=text)
