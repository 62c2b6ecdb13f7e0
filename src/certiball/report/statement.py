"""A point that a report makes."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A point in a few words, and the sentences that make it exact."""

    head: str
    text: str
