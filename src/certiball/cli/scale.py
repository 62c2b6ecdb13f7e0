"""A word on standard error where a σ looks as if it were meant for other units."""

from typing import TYPE_CHECKING

from certiball.cli.output import Voice

if TYPE_CHECKING:
    from certiball.laws import Law
    from certiball.spaces import Space


def warn_of_scale(voice: Voice, law: "Law", space: "Space", dimension: int) -> None:
    """Warn of noise that is wide or narrow beside the inputs; no error, for it may be meant."""
    from certiball.runs.scale import odd_scale

    odd = odd_scale(law, space, dimension)
    if odd is not None:
        voice.note(f"warning: {odd}")
