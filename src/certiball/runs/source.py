"""How a run's data was opened, so that a report can show pictures of it later."""

from dataclasses import asdict, dataclass
from typing import Any

from certiball.errors import StoreError
from certiball.runs.columns import built


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the user said, and the names of the classes. No part of the run's identity.

    Args:
        text: the name or path given as --data.
        resize: shorter side in pixels, or None.
        crop: side of the centre crop in pixels, or None.
        grayscale: whether colours were dropped.
        space: the space as it was stated, or None where the data has its own.
        classes: a name for each class; empty where unknown.
    """

    text: str
    resize: int | None = None
    crop: int | None = None
    grayscale: bool = False
    space: str | None = None
    classes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Source":
        """What `to_json` gave.

        Raises:
            StoreError: if it is something else.
        """
        try:
            return built(cls, {**value, "classes": tuple(value["classes"])})
        except (KeyError, TypeError) as error:
            raise StoreError(
                f"the stored source cannot be read ({error}): use the certiball version that "
                "wrote it"
            ) from error
