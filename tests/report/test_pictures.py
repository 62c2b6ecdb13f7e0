import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from certiball.errors import InputError
from certiball.report.pictures import data_uri, groups
from certiball.report.study import Study


def _open(uri: str) -> Image.Image:
    head, body = uri.split(",", 1)
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_pixels_survive(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(np.asarray(_open(data_uri(pixels))), pixels)


def test_large_pictures_become_small() -> None:
    image = _open(data_uri(np.zeros((300, 600, 3), dtype=np.uint8)))
    assert image.size == (128, 64)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), dtype=np.float32),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros(4, dtype=np.uint8),
        np.zeros((0, 4), dtype=np.uint8),
    ],
)
def test_other_arrays_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(InputError, match="height × width"):
        data_uri(pixels)


def test_groups_show_both_ends_once(study: Study) -> None:
    found = {g.title: [e.index for e in g.entries] for g in groups(study)}
    assert found == {
        "Most robust": [40, 10],
        "Least robust": [0, 20],
        "Robustly wrong": [30],
        "No certificate": [50],
    }
    assert [len(g.entries) for g in groups(study, most=1)] == [1, 1, 1, 1]


def test_empty_groups_are_left_out(study: Study) -> None:
    only = replace(study, entries=study.entries[:1])
    assert [g.title for g in groups(only)] == ["Most robust"]
    none = replace(study, entries=(replace(study.entries[5], p_lower=None),))
    assert [g.title for g in groups(none)] == ["No certificate"]
