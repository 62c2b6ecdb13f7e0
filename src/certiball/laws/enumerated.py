"""Laws without chance: a fixed list of views of an input, each of which votes once."""

from typing import Protocol, runtime_checkable

from certiball.laws import Law


@runtime_checkable
class EnumeratedLaw(Law, Protocol):
    """A law whose views are listed, not drawn: all of them vote, and no α is spent."""

    @property
    def views(self) -> int:
        """How many there are."""
        ...
