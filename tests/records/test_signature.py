"""A signed record: every change of its statement, its table or its envelope is caught."""

from dataclasses import replace

import pytest

from certiball.records import keys
from certiball.records.envelope import Signature, open_envelope, seal
from certiball.records.record import Record, read_record
from certiball.records.signature import check_signature
from certiball.runs.finding import Level
from records.mutations import byte_mutations, caught, field_mutations, redigested


@pytest.fixture
def public(tmp_path):
    keys.make_keys(tmp_path / "key.pem")
    return tmp_path / "key.pub.pem"


@pytest.fixture
def found(made):
    return made("targets")


@pytest.fixture
def signed(found, tmp_path, public):
    path = found.write(tmp_path)
    path.write_bytes(seal(found.payload, keys.read_private_key(tmp_path / "key.pem", bytes)))
    return read_record(path)


def test_a_signed_record_is_read_as_an_unsigned_one(found, signed, public):
    assert signed.payload == found.payload
    assert signed.digest == found.record.digest
    assert check_signature(signed, public).level is Level.OK


def test_signatures_of_others_are_said_not_to_be_checked(signed, public):
    other = Signature(key="sha256:NIST", value=b"x")
    both = replace(signed, signatures=(*signed.signatures, other))
    finding = check_signature(both, public)
    assert finding.level is Level.OK
    assert finding.text.endswith("; 1 by other keys, not checked")


def refused(record: Record, payload: bytes, public) -> bool:
    return check_signature(replace(record, payload=payload), public).level is Level.FAIL


def test_some_changed_bytes_of_a_statement_break_its_signature(signed, public):
    for place in range(0, len(signed.payload), 97):
        mutated = bytearray(signed.payload)
        mutated[place] ^= 1
        assert refused(signed, bytes(mutated), public)


@pytest.mark.slow
def test_every_change_of_a_statement_breaks_its_signature(found, signed, public, tmp_path):
    # Those of fields that follow from nothing else are among them, and tables with new digests.
    count = 0
    for mutation in field_mutations(found.payload, found.table):
        assert refused(signed, mutation.payload, public), mutation.where
        count += 1
    for mutation in byte_mutations(found.payload, found.table, count=20, of_table=True, seed=3):
        if mutation.table != found.table:
            again = redigested(found.payload, mutation.table)
            assert refused(signed, again, public), mutation.where
            assert caught(found.payload, mutation.table, tmp_path)
            count += 1
    assert count > 1000


def test_the_signature_of_another_record(made, signed, public, tmp_path):
    other = made("fixed").payload
    assert refused(signed, other, public)
    key = keys.read_private_key(tmp_path / "key.pem", bytes)
    _, signatures = open_envelope(seal(other, key))
    swapped = replace(signed, signatures=signatures)
    assert check_signature(swapped, public).level is Level.FAIL
