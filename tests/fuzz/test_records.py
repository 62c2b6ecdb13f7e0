"""Records from strangers: any JSON is verified, found wrong, or refused in one line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.survival import DEEP, QUICK, call

ODD = st.sampled_from(
    [
        None, True, -1, 0, 1, 2**31, 2**53, 10**30, 0.5, 1e308, 5e-324, "inf", "nan", "1/0",
        "9" * 90 + "/1", "1e999999999", "", "x", "\x1b[2J", "../../../etc/passwd", "/dev/zero",
        [], [1], [2**40] * 3, [[]] * 9, {}, {"sha256": ""}, {"kind": "gaussian", "sigma": 1e308},
    ]
)  # fmt: skip
TEXTS = (
    "", "{", "[]", "null", "NaN", "[" * 10**5, '{"a":' * 10**5, '{"a": 1, "a": 2}', "9" * 5000,
    '"\\ud800"', "\x00", "\ufeff{}", '{"payload": "", "payloadType": "", "signatures": []}',
)  # fmt: skip


def _places(value, path=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in inner:
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from _places(each, (*path, key))


@pytest.mark.parametrize("profile", [QUICK, pytest.param(DEEP, marks=pytest.mark.slow)])
def test_records_with_odd_values_are_judged_or_refused(home, profile):
    real = (home / "record.json").read_text()
    places = list(_places(json.loads(real)))

    @settings(profile)
    @given(place=st.sampled_from(places), odd=ODD)
    def holds(place, odd):
        value = inner = json.loads(real)
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = odd
        (home / "record.json").write_text(json.dumps(value))
        call("verify", "record.json")

    holds()


@pytest.mark.parametrize("text", TEXTS)
def test_files_that_are_no_records_are_refused(home, text):
    (home / "record.json").write_text(text)
    for level in ("0", "1"):
        assert call("verify", "record.json", "--level", level)[0] in (1, 2)
