"""Column bands: each view of an image is s columns side by side, and nothing else of it."""

from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.null_encoding import encoded_shape
from certiball.numbers import as_whole


@dataclass(frozen=True, kw_only=True)
class Bands:
    """All bands of so many columns, one view for each first column (arXiv 2002.10733).

    The band that starts at column t has columns t, …, t + width − 1, those beyond the last
    counted from the first. Pixels outside of it are not seen: the model takes twice the channels,
    x − low and high − x, which are all 0 there. Nothing is random, every view votes, and a
    certificate holds without an error rate. Rows are never hidden, so a tall narrow patch costs
    no more than a square one.

    Args:
        width: s, columns of a band; a sixth of the columns or less is usual.
        columns: W, of the image.

    Raises:
        InputError: unless 1 ≤ width ≤ columns.

    Example:
        >>> law = Bands(width=4, columns=28)
        >>> law.views, law.seen((1, 28, 28))
        (28, (2, 28, 28))
        >>> print(law)
        Bands(width=4, columns=28)
    """

    width: int
    columns: int

    def __post_init__(self) -> None:
        for name in ("width", "columns"):
            object.__setattr__(self, name, as_whole(name, getattr(self, name)))
        if not 1 <= self.width <= self.columns:
            raise InputError(
                f"width must be from 1 to the {self.columns} columns of the image, not {self.width}"
            )

    @property
    def views(self) -> int:
        """One for each first column."""
        return self.columns

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Zero: nothing is drawn."""
        return Fraction(0)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """[2C, H, W], for an image [C, H, W] or [H, W].

        Raises:
            InputError: if it is no image of so many columns.
        """
        if len(shape) not in (2, 3) or shape[-1] != self.columns:
            raise InputError(
                f"{self} is for images [C, H, {self.columns}], not for inputs of shape {shape}: "
                "columns is the last axis"
            )
        return encoded_shape(shape)
