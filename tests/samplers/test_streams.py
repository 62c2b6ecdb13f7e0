import subprocess
import sys

import pytest

from certiball.samplers.streams import Phase, Stream, fresh_seed, run_key

MASK = 2**64 - 1


def philox4x64(key, counter):
    """Philox4x64-10 from its definition (Salmon et al. 2011), in Python integers."""
    k0, k1 = key & MASK, key >> 64
    c0, c1, c2, c3 = counter
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c0, 2**64)
        high1, low1 = divmod(0xCA5A826395121157 * c2, 2**64)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return [c0, c1, c2, c3]


def stream(**changes):
    address = {"key": 2**127 + 12345, "phase": Phase.ESTIMATION, "input": 7, "chunk": 3}
    return Stream(**{**address, **changes})


@pytest.mark.parametrize("key", [0, 1, 2**63, 2**64 + 5, 2**127 + 2**63 + 9, 2**128 - 1])
@pytest.mark.parametrize("chunk", [0, 2**63 - 1, 2**63, 2**64 - 1])
def test_words_are_philox_of_their_address(key, chunk):
    words = stream(key=key, chunk=chunk).words(1, 0, 10)
    lane = 2 * Phase.ESTIMATION + 1
    expected = [philox4x64(key, (1 + i // 4, chunk, 7, lane))[i % 4] for i in range(10)]
    assert words.tolist() == expected


@pytest.mark.parametrize("start", [0, 1, 3, 4, 5, 4095])
def test_any_position_can_be_addressed(start):
    assert (stream().words(0, start, 50) == stream().words(0, 0, start + 50)[start:]).all()


def test_neighbouring_addresses_share_nothing():
    streams = [stream(chunk=c) for c in range(200)]
    streams += [stream(chunk=2**63 + c) for c in range(200)]
    streams += [stream(input=i) for i in range(100, 300)]
    streams += [stream(phase=p) for p in Phase if p is not Phase.ESTIMATION]
    streams += [stream(key=2**127 + 12345 + k) for k in range(1, 200)]
    words = {int(w) for s in streams for stage in (0, 1) for w in s.words(stage, 0, 8)}
    assert len(words) == len(streams) * 16


def test_float_generators_differ_by_address():
    draws = {float(stream(chunk=c).generator().standard_normal()) for c in range(100)}
    draws |= {float(stream(phase=p).generator().standard_normal()) for p in Phase}
    assert len(draws) == 99 + len(Phase)  # ESTIMATION, chunk 3 is there twice


def test_the_same_words_in_another_process():
    code = (
        "from certiball.samplers.streams import *;"
        "print(Stream(key=2**127 + 12345, phase=Phase.ESTIMATION, input=7, chunk=3)"
        ".words(0, 0, 6).tolist())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == str(stream().words(0, 0, 6).tolist())


def test_keys_depend_on_seed_and_specification():
    keys = {run_key(seed, text) for seed in (0, 1, 2**127) for text in ("a", "b")}
    assert len(keys) == 6
    assert all(0 <= key < 2**128 for key in keys)
    assert fresh_seed() != fresh_seed()
    assert max(fresh_seed() for _ in range(64)).bit_length() > 120
