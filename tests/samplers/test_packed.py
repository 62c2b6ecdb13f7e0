import numpy as np
import pytest
import torch

from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.chunk import Chunk
from certiball.samplers.device import device_lattice
from certiball.samplers.packed import Packing, packed
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid

FEATURES = 6
HOST = sampler_for(Gaussian(sigma=0.5), Grid.uint8(), (3, 8, 8))
NOISE = device_lattice(HOST, torch.device("cpu"))


def chunks(sizes):
    for slot, samples in enumerate(sizes):
        stream = Stream(key=9, phase=Phase.ESTIMATION, input=slot // 3, chunk=slot)
        clean = np.full(FEATURES, slot // 3)
        yield Chunk(slot=slot, stream=stream, clean=clean, samples=samples)


@pytest.mark.parametrize("at_once", [1, 500, 2**22])
@pytest.mark.parametrize(("batch", "unit"), [(64, 32), (7, 7), (16, 16), (1, 1), (96, 32)])
@pytest.mark.parametrize(
    "sizes",
    [[32] * 9, [5, 32, 1, 32, 32, 12], [3], [40, 100, 64, 9], [48] * 5, [30, 1, 1, 1, 31, 33, 95]],
)
def test_every_row_comes_once_in_order_and_in_full_batches(
    at_once, batch, unit, sizes, monkeypatch
):
    monkeypatch.setattr("certiball.samplers.packed.AT_ONCE", at_once)
    packing = Packing(batch=batch, unit=unit, chunk=max(sizes))
    seen = {slot: [] for slot in range(len(sizes))}
    starts, position = {}, 0
    for rows, slots in packed(NOISE, chunks(sizes), FEATURES, packing):
        assert rows.shape == (batch, FEATURES)
        assert slots.shape == (batch,)
        for row, slot in zip(rows.numpy(), slots.tolist(), strict=True):
            if slot >= 0:
                starts.setdefault(slot, position)
                seen[slot].append(row.copy())
            else:  # padding is rows that were drawn, for a model may raise for others
                assert any((row == real).all() for known in seen.values() for real in known)
            position += 1
    for each in chunks(sizes):
        expected = HOST.noisy(each.clean, each.stream, each.samples)
        assert (np.stack(seen[each.slot]) == expected).all()
        assert starts[each.slot] % unit == 0
    assert list(starts) == sorted(starts)


def test_memory_does_not_grow_with_the_number_of_chunks(monkeypatch):
    monkeypatch.setattr("certiball.samplers.packed.AT_ONCE", 2000)
    held = set()
    packing = Packing(batch=64, unit=32, chunk=32)
    for rows, _ in packed(NOISE, chunks([32] * 300), FEATURES, packing):
        held.add(rows.untyped_storage().data_ptr())
    assert len(held) == 1
    assert packing.room(150_528) == 64
