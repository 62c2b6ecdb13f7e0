"""Whether a record's signature is that of a key that the verifier trusts."""

from pathlib import Path

from certiball.records.envelope import is_signed_by
from certiball.records.keys import read_public_key
from certiball.records.record import Record
from certiball.runs.finding import Finding, Level


def check_signature(record: Record, public_key: Path | None) -> Finding:
    """What a record's signatures say of its integrity.

    A signature that is there and not checked establishes nothing, and is no failure. One that a
    key was named for, and that is not that key's, is; so is its absence.

    Args:
        record: as read from its file.
        public_key: of whoever is to answer for it; None where the verifier named nobody.

    Raises:
        InputError: if the key cannot be read.
        MissingExtraError: if a key is named and `cryptography` is not installed: what was asked
            for must not seem to have been done.
    """
    named = ", ".join(signature.key for signature in record.signatures)
    if public_key is None:
        if not record.signatures:
            return _finding(Level.WARN, "unsigned: integrity not established")
        return _finding(
            Level.WARN,
            f"signature not checked: integrity not established; it is said to be of {named[:200]}",
            "name the key of whom you trust: --public-key",
        )
    key = read_public_key(public_key)
    if not record.signatures:
        return _finding(Level.FAIL, f"unsigned, where a signature by {public_key} is asked for")
    if is_signed_by(record.payload, record.signatures, key):
        others = sum(signature.key != key.name for signature in record.signatures)
        more = f"; {others} by other keys, not checked" if others else ""
        return _finding(Level.OK, f"signed by {public_key} ({key.name}){more}")
    return _finding(
        Level.FAIL, f"not by {public_key} ({key.name}) on this content; it names {named[:200]}"
    )


def _finding(level: Level, text: str, remedy: str = "") -> Finding:
    return Finding(check="signature", level=level, text=text, remedy=remedy)
