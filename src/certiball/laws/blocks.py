"""Blocks: each view of an image is one square of it, and nothing else."""

from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.null_encoding import encoded_shape
from certiball.numbers import as_whole


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """All squares of so many pixels a side, one view for each first pixel (arXiv 2002.10733).

    The block that starts at row i and column j has the rows and columns from there on, those
    beyond the last counted from the first. View number i · columns + j is that block. Pixels
    outside of it are not seen: the model takes twice the channels, x − low and high − x, which
    are all 0 there. Nothing is random, every view votes, and a certificate holds without an
    error rate.

    Args:
        side: s, pixels.
        rows: H, of the image.
        columns: W, of the image.

    Raises:
        InputError: unless the side is from 1 to the smaller of rows and columns.

    Example:
        >>> law = Blocks(side=5, rows=28, columns=28)
        >>> law.views, law.seen((1, 28, 28))
        (784, (2, 28, 28))
        >>> print(law)
        Blocks(side=5, rows=28, columns=28)
    """

    side: int
    rows: int
    columns: int

    def __post_init__(self) -> None:
        for name in ("side", "rows", "columns"):
            object.__setattr__(self, name, as_whole(name, getattr(self, name)))
        if not 1 <= self.side <= min(self.rows, self.columns):
            raise InputError(
                f"side must be from 1 to the smaller side of a {self.rows} × {self.columns} "
                f"image, not {self.side}"
            )

    @property
    def views(self) -> int:
        """One for each first pixel."""
        return self.rows * self.columns

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Zero: nothing is drawn."""
        return Fraction(0)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """[2C, H, W], for an image [C, H, W] or [H, W].

        Raises:
            InputError: if it is no image of so many rows and columns.
        """
        if len(shape) not in (2, 3) or shape[-2:] != (self.rows, self.columns):
            raise InputError(
                f"{self} is for images [C, {self.rows}, {self.columns}], not for inputs of shape "
                f"{shape}: rows and columns are the last two axes"
            )
        return encoded_shape(shape)
