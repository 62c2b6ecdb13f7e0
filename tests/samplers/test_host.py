import numpy as np
import pytest

from certiball.samplers.host import packed_on_host
from certiball.samplers.packed import Packing


def rows_of(slot, count):
    return np.full((count, 2), slot, dtype=np.float32) + np.arange(count)[:, None] / 256


def writes(slot, count):
    def draw(out):
        out[...] = rows_of(slot, count)
        return out

    return slot, count, draw


def returns(slot, count):
    return slot, count, lambda _: rows_of(slot, count).astype(np.float32)


@pytest.mark.parametrize("piece", [writes, returns])
@pytest.mark.parametrize(("batch", "unit"), [(64, 32), (7, 7), (16, 16), (1, 1), (96, 32)])
@pytest.mark.parametrize("sizes", [[32] * 9, [5, 32, 1, 32, 32, 12], [3], [40, 100, 64, 9]])
def test_every_row_comes_once_in_order_and_in_full_batches(piece, batch, unit, sizes):
    packing = Packing(batch=batch, unit=unit, chunk=max(sizes))
    seen = {slot: [] for slot in range(len(sizes))}
    position, places = 0, set()
    pieces = (piece(slot, count) for slot, count in enumerate(sizes))
    for rows, slots in packed_on_host(pieces, 2, packing):
        assert rows.shape == (batch, 2)
        places.add(rows.data_ptr())
        for row, slot in zip(rows.numpy(), slots.tolist(), strict=True):
            if slot >= 0:
                assert seen[slot] or position % unit == 0
                seen[slot].append(row.copy())
            else:  # padding is rows that were drawn, for a model may raise for others
                assert any((row == real).all() for known in seen.values() for real in known)
            position += 1
    assert len(places) == 1
    for slot, count in enumerate(sizes):
        assert (np.stack(seen[slot]) == rows_of(slot, count)).all()
