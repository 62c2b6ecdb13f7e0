"""What certificates take for granted, and how far that was looked at."""

from certiball.report.statements import Statement
from certiball.report.study import Study


def granted(study: Study) -> tuple[Statement, ...]:
    """What the theorem needs and nobody has proven of the model and of its deployment."""
    return tuple(
        Statement(head=f"{each.name.capitalize()}.", text=_said(each.text, each.tried))
        for each in study.assumptions
    )


def _said(text: str, tried: str) -> str:
    return f"{text} Looked at before the run: {tried}." if tried else f"{text} Not checked."
