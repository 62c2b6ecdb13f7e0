"""RFC 8785 against another implementation, and what strangers' JSON may not hold."""

import json
import math
import struct

import numpy as np
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from certiball.errors import InputError
from certiball.records.canonical import canonical_bytes
from certiball.records.strict import DEEPEST, parse_strict

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.floats(1e21, allow_infinity=False)  # those between would be written as integers
    | st.text()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_values_have_the_text_of_another_implementation_and_come_back(value):
    data = canonical_bytes(value)
    assert data == rfc8785.dumps(value)
    again = parse_strict(data)
    assert again == value
    assert canonical_bytes(again) == data


def test_floats_of_random_bits_have_the_same_text():
    words = np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)
    floats = [x for (x,) in struct.iter_unpack("<d", words.tobytes()) if math.isfinite(x)]
    edges = [2.0**k for k in range(-1074, 1024, 7)] + [1e21, 1e-7, 1e-6, 123456789012345680000.0]
    for x in floats + edges:
        text = canonical_bytes(x)
        assert text == rfc8785.dumps(x)
        assert float(text) == x


def test_keys_are_sorted_by_utf_16():
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3}  # the pair of the second begins below \ufb33
    assert canonical_bytes(value) == '{"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 2**53, -(2**53), "\ud800", {1: 2}, {"\udfff": 1}, b"", {1, 2}]
)
def test_what_json_cannot_say_alike_everywhere_is_refused(value):
    with pytest.raises(InputError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"a":1,"a":2}', "'a' twice"),
        (b'{"b":{"a":1,"\\u0061":2}}', "'a' twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "beyond the floats"),
        (b"[9007199254740992]", "beyond 2⁵³"),
        (b"[" + b"9" * 10_000 + b"]", "beyond 2⁵³"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\udc00":1}', "surrogate"),
        (b'["\xff"]', "not UTF-8"),
        (b'\xef\xbb\xbf{"a":1}', "not JSON"),
        (b"[1] [2]", "not JSON"),
        (b"", "not JSON"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "deep"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(data, why):
    with pytest.raises(InputError, match=why):
        parse_strict(data)


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("certiball.records.strict.MOST_BYTES", 10)
    with pytest.raises(InputError, match="12 bytes"):
        parse_strict(json.dumps("x" * 10).encode())


def test_brackets_in_strings_are_not_depth():
    text = '["' + "[" * 1000 + '\\"' + "{" * 1000 + '"]'
    assert parse_strict(text.encode()) == ["[" * 1000 + '"' + "{" * 1000]
