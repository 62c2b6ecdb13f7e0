"""Laws of what happens to a whole image: their radius is one of a parameter, said in words."""

from typing import ClassVar, Protocol, runtime_checkable

from certiball.laws import Law


@runtime_checkable
class Transformation(Law, Protocol):
    """A law that draws the parameter of a transformation, and not noise of single numbers."""

    unit: ClassVar[str]  # of its radius, such as "square pixels of variance"

    def change(self, limit: str) -> str:
        """The changes of an image x that a certificate covers, such as "every x + b …".

        Args:
            limit: on the parameter, such as "below 0.25".
        """
        ...
