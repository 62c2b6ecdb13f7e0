"""DSSE envelopes: a statement with the signatures on it, in one JSON file.

What is signed is the statement's bytes and their type, as DSSE v1 encodes them, so nothing has to
be parsed before a signature is checked. An envelope is read only as certiball writes it: canonical
JSON and base64, so that no byte of it can be another without being seen.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certiball.errors import InputError
from certiball.records.canonical import canonical_bytes
from certiball.records.strict import parse_strict

if TYPE_CHECKING:
    from certiball.records.keys import PrivateKey, PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_SIGNATURES = 16


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature of an envelope.

    Args:
        key: the key's name, "sha256:" and the digest of the public key; a hint, until checked.
        value: the signature, 64 bytes of Ed25519.
    """

    key: str
    value: bytes


def signed_bytes(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What DSSE signs, its "pre-authentication encoding": lengths, type and bytes.

    Example:
        >>> signed_bytes(b"hello world", "http://example.com/HelloWorld")
        b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def seal(payload: bytes, key: "PrivateKey") -> bytes:
    """An envelope around a statement, signed with a key.

    Args:
        payload: the statement's bytes.
        key: of whoever answers for it.
    """
    signature = Signature(key=key.public.name, value=key.sign(signed_bytes(payload)))
    return _written(payload, [signature])


def open_envelope(data: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    """The statement's bytes and the signatures of an envelope; none of them is checked here.

    Raises:
        InputError: if it is no envelope, or not written as certiball writes one.
    """
    value = parse_strict(data, "the envelope")
    try:
        payload, found = _decoded(value["payload"]), value["signatures"]
        signatures = tuple(map(_signature, found))
        kind = value["payloadType"]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"the envelope is no DSSE envelope ({type(error).__name__}: {error}): it must have "
            "payload, payloadType and signatures of keyid and sig"
        ) from None
    if kind != PAYLOAD_TYPE:
        raise InputError(f"the envelope holds {str(kind)[:80]!r}, not {PAYLOAD_TYPE!r}: no record")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise InputError(
            f"the envelope has {len(signatures)} signatures, not 1 to {MOST_SIGNATURES}"
        )
    if _written(payload, signatures) != data:
        raise InputError(
            "the envelope is not written as certiball writes one (canonical JSON and base64): "
            "it was formatted or edited after it was signed"
        )
    return payload, signatures


def is_signed_by(payload: bytes, signatures: Sequence[Signature], key: "PublicKey") -> bool:
    """Whether signatures carry the name of a key, and each that does is the key's on this payload.

    Args:
        payload: the statement's bytes.
        signatures: those of its envelope.
        key: of whoever is to answer for it.
    """
    named = [s.value for s in signatures if s.key == key.name]
    return bool(named) and all(key.has_signed(signed_bytes(payload), value) for value in named)


def _written(payload: bytes, signatures: Sequence[Signature]) -> bytes:
    value: dict[str, Any] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": s.key, "sig": base64.b64encode(s.value).decode()} for s in signatures
        ],
    }
    return canonical_bytes(value)


def _signature(value: Any) -> Signature:
    key = value["keyid"]
    if not isinstance(key, str):
        raise TypeError("keyid is no text")
    return Signature(key=key, value=_decoded(value["sig"]))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise InputError(
            "the envelope has a part that is not base64: it was cut or edited"
        ) from None
