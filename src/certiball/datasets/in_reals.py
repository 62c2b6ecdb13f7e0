"""Data on a grid taken as real numbers, for noise that leaves every grid."""

from dataclasses import dataclass

from certiball.datasets import Dataset
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.spaces import Grid, Reals, exact_text


@dataclass(frozen=True, kw_only=True)
class InReals:
    """The same inputs as float32 values instead of levels.

    Noise is then floating-point noise, and certificates assume exact real arithmetic.

    Args:
        data: on a grid.
        space: an interval with all of the grid's values.

    Raises:
        InputError: if the interval is too short.

    Example:
        >>> from certiball.datasets.digits import digits
        >>> image, _ = InReals(data=digits(), space=Reals(low=0.0, high=1.0))[0]
        >>> image.dtype, image.max()
        (dtype('float32'), np.float32(1.0))
    """

    data: Dataset
    space: Reals

    def __post_init__(self) -> None:
        low, high = self.data.space.bounds
        if not (self.space.low <= low and high <= self.space.high):
            least, most = exact_text(low), exact_text(high)
            raise InputError(
                f"{self.data.name} has values from {least} to {most}, and {self.space} does not "
                f"hold them: state reals:{least}:{most}"
            )

    @property
    def name(self) -> str:
        """That of the data."""
        return self.data.name

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of the data."""
        return self.data.classes

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Array, int]:
        levels, label = self.data[index]
        grid = self.data.space
        return (grid.values(levels) if isinstance(grid, Grid) else levels), label
