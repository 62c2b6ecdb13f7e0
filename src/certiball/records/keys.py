"""Keys that sign records: Ed25519, as PEM files, by the `cryptography` package.

A private key is PKCS 8, a public one SubjectPublicKeyInfo: what openssl writes and reads.
Keys are files and never arguments, which other users of a machine can see.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certiball.errors import InputError, MissingExtraError
from certiball.reading import read_plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

MOST_BYTES = 2**16  # of a key file; one has some hundred


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A key that checks signatures.

    Args:
        name: "sha256:" and the digest of its DER bytes.
        handle: the key itself.
    """

    name: str
    handle: "Ed25519PublicKey"

    def has_signed(self, data: bytes, signature: bytes) -> bool:
        """Whether a signature on these bytes is this key's."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.handle.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class PrivateKey:
    """A key that signs, and its public half."""

    public: PublicKey
    handle: "Ed25519PrivateKey"

    def sign(self, data: bytes) -> bytes:
        """The signature on these bytes: 64 bytes, the same each time."""
        return self.handle.sign(data)


def public_path(path: Path) -> Path:
    """Where the public half of a key file is written: signer.pub.pem for signer.pem."""
    return path.with_name(f"{path.stem}.pub.pem")


def make_keys(path: Path, passphrase: bytes | None = None) -> PublicKey:
    """Write a new private key, for its owner alone, and its public half beside it.

    Args:
        path: of the private key; neither file may exist.
        passphrase: to encrypt the private key with; None leaves it plain.

    Raises:
        InputError: if a file exists or cannot be written, or the path has no last part.
        MissingExtraError: if `cryptography` is not installed.
    """
    serialization, ed25519 = _cryptography()
    if not path.name:
        raise InputError(f"{path} is no name of a file: give one such as key.pem")
    key = ed25519.Ed25519PrivateKey.generate()
    locked = (
        serialization.NoEncryption()
        if passphrase is None
        else serialization.BestAvailableEncryption(passphrase)
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    shown = public_path(path)
    for each in (path, shown):
        if each.exists() or each.is_symlink():
            raise InputError(f"{each} exists: keys are never written over; choose another name")
    _write_new(path, key.private_bytes(pem, pkcs8, locked), mode=0o600)
    _write_new(shown, key.public_key().public_bytes(pem, info), mode=0o644)
    return _public(key.public_key())


def read_private_key(path: Path, ask: Callable[[], bytes]) -> PrivateKey:
    """The private key of a PEM file.

    Args:
        path: of the file.
        ask: gives the passphrase; called only if the key is encrypted.

    Raises:
        InputError: if the file cannot be read, is no Ed25519 key, or the passphrase is wrong.
        MissingExtraError: if `cryptography` is not installed.
    """
    serialization, ed25519 = _cryptography()
    data = read_plain(path, most=MOST_BYTES)
    key = _loaded(path, lambda: _unlocked(serialization, data, ask), "private")
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _wrong_kind(path, key)
    return PrivateKey(public=_public(key.public_key()), handle=key)


def read_public_key(path: Path) -> PublicKey:
    """The public key of a PEM file.

    Raises:
        InputError: if the file cannot be read or is no Ed25519 public key.
        MissingExtraError: if `cryptography` is not installed.
    """
    serialization, ed25519 = _cryptography()
    data = read_plain(path, most=MOST_BYTES)
    key = _loaded(path, lambda: serialization.load_pem_public_key(data), "public")
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _wrong_kind(path, key)
    return _public(key)


def _unlocked(serialization: Any, data: bytes, ask: Callable[[], bytes]) -> Any:
    """A private key; TypeError is how `cryptography` says that it is encrypted."""
    try:
        return serialization.load_pem_private_key(data, password=None)
    except TypeError:
        return serialization.load_pem_private_key(data, password=ask())


def _loaded(path: Path, load: Callable[[], Any], kind: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return load()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:120]
        raise InputError(
            f"{path} is not read as a {kind} key in PEM ({reason}): name a file of certiball "
            "keygen or openssl, and give the right passphrase"
        ) from None


def _wrong_kind(path: Path, key: object) -> InputError:
    name = type(key).__name__.removeprefix("_")
    return InputError(f"{path} holds a {name}, not an Ed25519 key: make one with certiball keygen")


def _public(handle: "Ed25519PublicKey") -> PublicKey:
    serialization, _ = _cryptography()
    der = handle.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicKey(name=f"sha256:{hashlib.sha256(der).hexdigest()}", handle=handle)


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtraError(
            "signatures need cryptography: pip install 'certiball[sign]'"
        ) from error
    return serialization, ed25519


def _write_new(path: Path, data: bytes, *, mode: int) -> None:
    try:
        place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(place, "wb") as file:
            file.write(data)
    except OSError as error:
        raise InputError(f"the key {path} cannot be written ({error.strerror})") from None
