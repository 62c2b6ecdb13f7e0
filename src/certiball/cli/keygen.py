"""certiball keygen: a pair of keys to sign records with."""

from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from warnings import catch_warnings, simplefilter

import typer

from certiball.cli.output import Voice
from certiball.errors import InputError
from certiball.reading import read_plain

if TYPE_CHECKING:
    from certiball.records.keys import PrivateKey

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="A file whose first line unlocks the private key; asked for otherwise."),
]


def keygen(
    file: Annotated[Path, typer.Argument(help="Where to write the private key, such as key.pem.")],
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Lock the private key by a passphrase.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make an Ed25519 key for record --key, and its public half for verify --public-key.

    The private key is readable by its owner alone. openssl genpkey -algorithm ed25519 makes such
    keys too.
    """
    from certiball.records.keys import make_keys, public_path

    passphrase = None
    if encrypt or passphrase_file is not None:
        passphrase = passphrase_of(passphrase_file, confirm=True)
    public = make_keys(file, passphrase)
    voice = Voice()
    voice.say(f"private key in {file}: keep it to yourself")
    voice.say(f"public key in {public_path(file)}: publish it, with its name")
    voice.say(public.name)


def open_key(path: Path, passphrase_file: Path | None) -> "PrivateKey":
    """A private key to sign with; its passphrase is asked for if it needs one.

    Raises:
        CertiballError: if there is no such key, or cryptography is not installed.
    """
    from certiball.records.keys import read_private_key

    return read_private_key(path, lambda: passphrase_of(passphrase_file))


def passphrase_of(path: Path | None, *, confirm: bool = False) -> bytes:
    """A passphrase from the first line of a file, or asked for; never from an argument.

    Raises:
        InputError: if the file cannot be read, or the passphrase is empty.
    """
    text = _asked(confirm) if path is None else _first_line(path)
    if not text:
        raise InputError("the passphrase is empty: give one, or leave the key without")
    return text.encode()


def _first_line(path: Path) -> str:
    from certiball.records.keys import MOST_BYTES

    try:
        return next(iter(read_plain(path, most=MOST_BYTES).decode().splitlines()), "")
    except UnicodeDecodeError:
        raise InputError(f"--passphrase-file {path} is no UTF-8: give a text file") from None


def _asked(confirm: bool) -> str:
    """Typed without being shown; where that cannot be, nothing is asked."""
    try:
        with catch_warnings():
            simplefilter("error", GetPassWarning)
            text = getpass("Passphrase: ")
            again = getpass("The same again: ") if confirm else text
    except (EOFError, GetPassWarning):
        raise InputError("no passphrase: give --passphrase-file") from None
    if text != again:
        raise InputError("the two passphrases differ: try again")
    return text
