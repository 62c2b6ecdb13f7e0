"""Envelopes and keys: DSSE's own vector, openssl as a second reader, and everything malformed."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from certiball.cli import main
from certiball.cli.keygen import open_key
from certiball.errors import InputError, MissingExtraError
from certiball.records import keys
from certiball.records.envelope import (
    PAYLOAD_TYPE,
    Signature,
    is_signed_by,
    open_envelope,
    seal,
    signed_bytes,
)

PAYLOAD = '{"_type":"https://in-toto.io/Statement/v1","σ":0.25}'.encode()
# RFC 8032, 7.1, test 3
SEED = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
SIGNED = (
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def never():
    raise AssertionError("a plain key needs no passphrase")


@pytest.fixture
def pair(tmp_path):
    keys.make_keys(tmp_path / "key.pem")
    private = keys.read_private_key(tmp_path / "key.pem", never)
    return private, keys.read_public_key(tmp_path / "key.pub.pem")


def test_the_encoding_of_the_standard():
    # The example of the DSSE v1 protocol document.
    said = signed_bytes(b"hello world", "http://example.com/HelloWorld")
    assert said == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert signed_bytes("é".encode(), "ü") == b"DSSEv1 2 \xc3\xbc 2 \xc3\xa9"
    assert signed_bytes(b"").startswith(b"DSSEv1 28 application/vnd.in-toto+json 0 ")


def test_signatures_are_those_of_the_standard(tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.from_private_bytes(SEED)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "rfc.pem").write_bytes(pem)
    found = keys.read_private_key(tmp_path / "rfc.pem", never).sign(b"\xaf\x82")
    assert found.hex() == SIGNED


def test_sealed_and_opened(pair):
    private, public = pair
    sealed = seal(PAYLOAD, private)
    payload, signatures = open_envelope(sealed)
    assert payload == PAYLOAD
    assert is_signed_by(payload, signatures, public)
    assert private.public.name == public.name == signatures[0].key
    assert seal(PAYLOAD, private) == sealed


def test_openssl_agrees(tmp_path, pair):
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    _, signatures = open_envelope(seal(PAYLOAD, pair[0]))
    (tmp_path / "signed").write_bytes(
        b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(PAYLOAD), PAYLOAD)
    )
    (tmp_path / "signature").write_bytes(signatures[0].value)
    command = (
        "openssl pkeyutl -verify -pubin -inkey key.pub.pem -rawin -in signed -sigfile signature"
    )
    said = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "Verified Successfully" in said.stdout


def test_keys_of_openssl_are_read(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    for command in (
        "openssl genpkey -algorithm ed25519 -out key.pem",
        "openssl pkey -in key.pem -pubout -out pub.pem",
        "openssl pkey -in key.pem -pubout -outform DER -out pub.der",
        "openssl dgst -sha256 -r -out name pub.der",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    private = keys.read_private_key(tmp_path / "key.pem", never)
    public = keys.read_public_key(tmp_path / "pub.pem")
    assert private.public.name == public.name
    assert public.name == f"sha256:{(tmp_path / 'name').read_text().split()[0]}"


def test_every_byte_of_an_envelope_counts(pair):
    private, public = pair
    sealed = seal(PAYLOAD, private)
    for place in range(len(sealed)):
        for flip in (0x01, 0x20, 0x80):
            other = bytearray(sealed)
            other[place] ^= flip
            try:
                payload, signatures = open_envelope(bytes(other))
            except InputError:
                continue
            assert not is_signed_by(payload, signatures, public)


def test_another_key_another_payload_another_type(tmp_path, pair):
    private, public = pair
    keys.make_keys(tmp_path / "other.pem")
    other = keys.read_private_key(tmp_path / "other.pem", never)
    payload, signatures = open_envelope(seal(PAYLOAD, other))
    assert not is_signed_by(payload, signatures, public)
    renamed = [Signature(key=public.name, value=signatures[0].value)]
    assert not is_signed_by(payload, renamed, public)
    bare = [Signature(key=public.name, value=private.sign(PAYLOAD))]  # without DSSE's encoding
    assert not is_signed_by(PAYLOAD, bare, public)
    good = Signature(key=public.name, value=private.sign(signed_bytes(PAYLOAD)))
    assert is_signed_by(PAYLOAD, [good], public)
    assert not is_signed_by(PAYLOAD, [good, *bare], public)
    assert not is_signed_by(PAYLOAD, [], public)


def change(sealed, **changes):
    return json.dumps(json.loads(sealed) | changes, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payload": 1}, "no DSSE envelope"),
        ({"payload": "*"}, "not base64"),
        ({"payload": "e30"}, "not base64"),
        ({"payload": "e31="}, "not written as certiball"),  # the bits after the last byte
        ({"payloadType": "text/plain"}, "holds 'text/plain'"),
        ({"payloadType": None}, "holds 'None'"),
        ({"signatures": []}, "0 signatures"),
        ({"signatures": {}}, "0 signatures"),
        ({"signatures": [1]}, "no DSSE envelope"),
        ({"signatures": [{"keyid": "a"}]}, "no DSSE envelope"),
        ({"signatures": 17 * [{"keyid": "a", "sig": ""}]}, "17 signatures"),
        ({"signatures": [{"keyid": 3, "sig": ""}]}, "no DSSE envelope"),
        ({"signatures": [{"keyid": "a", "sig": "", "more": 1}]}, "not written as certiball"),
        ({"more": 1}, "not written as certiball"),
    ],
)
def test_malformed_envelopes(pair, changes, said):
    with pytest.raises(InputError, match=said):
        open_envelope(change(seal(PAYLOAD, pair[0]), **changes))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"3", b"null", b'"a"', b'{"payload":"e30="}'])
def test_what_is_no_envelope(data):
    with pytest.raises(InputError):
        open_envelope(data)


def test_space_in_an_envelope_is_refused(pair):
    sealed = seal(PAYLOAD, pair[0])
    with pytest.raises(InputError, match="formatted or edited"):
        open_envelope(json.dumps(json.loads(sealed), indent=1).encode())
    assert json.loads(sealed)["payloadType"] == PAYLOAD_TYPE
    assert base64.b64decode(json.loads(sealed)["payload"]) == PAYLOAD


def test_keys_are_for_their_owner_and_never_written_over(tmp_path, capsys):
    key, public = tmp_path / "signer.pem", tmp_path / "signer.pub.pem"
    assert main(["keygen", str(key)]) == 0
    said = capsys.readouterr().out
    assert keys.read_public_key(public).name in said
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes(), public.read_bytes()
    assert main(["keygen", str(key)]) == 2
    assert "never written over" in capsys.readouterr().err
    key.unlink()
    assert main(["keygen", str(key)]) == 2
    assert not key.exists()
    assert public.read_bytes() == before[1]
    assert main(["keygen", str(tmp_path / "nowhere" / "key.pem")]) == 2


def test_a_locked_key_needs_its_passphrase(tmp_path, capsys):
    (tmp_path / "words").write_text("correct horse\nsecond line\n")
    (tmp_path / "empty").write_text("")
    key = tmp_path / "key.pem"
    command = ["keygen", str(key), "--passphrase-file"]
    assert main([*command, str(tmp_path / "none")]) == 2
    assert main([*command, str(tmp_path / "empty")]) == 2
    assert main([*command, str(tmp_path / "words")]) == 0
    assert b"ENCRYPTED" in key.read_bytes()
    private = keys.read_private_key(key, lambda: b"correct horse")
    assert private.public.name == keys.read_public_key(tmp_path / "key.pub.pem").name
    with pytest.raises(InputError, match="passphrase"):
        keys.read_private_key(key, lambda: b"wrong")
    assert capsys.readouterr().err.count("error: ") == 2


def test_a_passphrase_is_asked_for(tmp_path, monkeypatch):
    asked = "certiball.cli.keygen.getpass"
    monkeypatch.setattr(asked, lambda _: "correct horse")
    assert main(["keygen", str(tmp_path / "key.pem"), "--encrypt"]) == 0
    assert open_key(tmp_path / "key.pem", None).public.name.startswith("sha256:")
    typed = iter(["one", "two"])
    monkeypatch.setattr(asked, lambda _: next(typed))
    assert main(["keygen", str(tmp_path / "two.pem"), "--encrypt"]) == 2
    monkeypatch.setattr(asked, _interrupted)
    assert main(["keygen", str(tmp_path / "two.pem"), "--encrypt"]) == 130
    assert not (tmp_path / "two.pem").exists()


def _interrupted(_):
    raise KeyboardInterrupt


def test_without_a_terminal_no_passphrase_is_asked_for(tmp_path):
    code = "import sys; from certiball.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "keygen", str(tmp_path / "key.pem"), "--encrypt"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no passphrase: give --passphrase-file\n"


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_key_needs_a_name(name, capsys):
    assert main(["keygen", name]) == 2
    assert "is no name of a file" in capsys.readouterr().err


def test_keys_and_passphrases_are_plain_files(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for read in (keys.read_public_key, lambda path: keys.read_private_key(path, never)):
        with pytest.raises(InputError, match="no plain file"):
            read(tmp_path / "pipe")
    words = ["keygen", str(tmp_path / "key.pem"), "--passphrase-file", str(tmp_path / "pipe")]
    assert main(words) == 2
    assert "no plain file" in capsys.readouterr().err


def test_files_that_are_no_keys(tmp_path, pair):
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    curve = ec.generate_private_key(ec.SECP256R1())
    other, public = tmp_path / "ec.pem", tmp_path / "ec.pub.pem"
    other.write_bytes(curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "text").write_text("hello")
    (tmp_path / "large").write_bytes(bytes(2**17))
    with pytest.raises(InputError, match="not an Ed25519 key"):
        keys.read_private_key(other, never)
    with pytest.raises(InputError, match="not an Ed25519 key"):
        keys.read_public_key(public)
    for name in ("text", "large", "none", "."):
        for read in (keys.read_public_key, lambda path: keys.read_private_key(path, never)):
            with pytest.raises(InputError, match=r"key"):
                read(tmp_path / name)
    with pytest.raises(InputError, match="as a public key"):  # the wrong half
        keys.read_public_key(tmp_path / "key.pem")


def test_without_the_extra(tmp_path, pair, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    for use in (
        lambda: keys.make_keys(tmp_path / "new.pem"),
        lambda: keys.read_public_key(tmp_path / "key.pub.pem"),
        lambda: keys.read_private_key(tmp_path / "key.pem", never),
    ):
        with pytest.raises(MissingExtraError, match=r"pip install 'certiball\[sign\]'"):
            use()
