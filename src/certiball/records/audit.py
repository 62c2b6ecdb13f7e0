"""What a verifier decides and an author cannot foresee: which inputs, and which noise."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from certiball.errors import InputError
from certiball.records.rows import Row
from certiball.samplers.streams import Phase, Stream


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The randomness of one verification. With nonce and record it can be repeated by anybody.

    Args:
        nonce: the verifier's, which nobody knew when the record was made.
        record: the record's digest: the same nonce gives another record, and so another model,
            other noise.
    """

    nonce: str
    record: str

    @property
    def key(self) -> int:
        """128 bits for noise and choices."""
        text = f"certiball audit\n{self.record}\n{self.nonce}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")

    def choose(self, rows: Sequence[Row], inputs: int | None) -> list[int]:
        """The places of some rows that have votes, in order; all of them for None.

        What the votes are has no part in it: inputs chosen because their stored votes are many
        would seem to have too many.

        Raises:
            InputError: if `inputs` is below 1, or no row has votes.
        """
        if inputs is not None and inputs < 1:
            raise InputError(f"--inputs must be at least 1, not {inputs}")
        places = [place for place, row in enumerate(rows) if row.estimation is not None]
        if not places:
            raise InputError("every input of this record failed: there are no votes to compare")
        if inputs is None or inputs >= len(places):
            return places
        stream = Stream(key=self.key, phase=Phase.RANDOMIZATION, input=0, chunk=0)
        return sorted(stream.generator().choice(places, inputs, replace=False).tolist())


def nonce_of(text: str | None) -> str:
    """The verifier's own nonce, or 128 fresh bits in hexadecimal.

    Raises:
        InputError: if it is no line of 1 to 500 printable characters.
    """
    if text is None:
        return secrets.token_hex(16)
    if not (0 < len(text) <= 500 and text.isprintable()):
        raise InputError("--nonce must be a line of 1 to 500 printable characters")
    return text
