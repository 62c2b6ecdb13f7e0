import struct
import zipfile
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.cifar import RECORD
from certiball.datasets.in_reals import InReals
from certiball.datasets.open import open_dataset
from certiball.datasets.preparation import Preparation
from certiball.errors import InputError
from certiball.spaces import Grid, Reals

FINE = Grid(step=Fraction(1, 256), low=0, high=256)


@pytest.fixture
def places(tmp_path):
    (tmp_path / "images/cat").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "images/cat/a.png")
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.write(tmp_path / "images/cat/a.png", "cat/a.png")
    np.savez(tmp_path / "a.npz", x=np.zeros((1, 4), np.uint8), y=np.array([0]))
    (tmp_path / "cifar").mkdir()
    for name in ("test_batch.bin", *(f"data_batch_{i}.bin" for i in range(1, 6))):
        (tmp_path / "cifar" / name).write_bytes(bytes(RECORD))
    images = struct.pack(">BBBBIII", 0, 0, 8, 3, 1, 2, 2) + bytes(4)
    (tmp_path / "images-idx3").write_bytes(images)
    (tmp_path / "labels-idx1").write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, 1) + bytes(1))
    return tmp_path


@pytest.mark.parametrize(
    ("source", "count", "shape"),
    [
        ("images", 1, (3, 4, 4)),
        ("images.zip", 1, (3, 4, 4)),
        ("a.npz", 1, (4,)),
        ("cifar", 1, (3, 32, 32)),
        ("cifar:train", 5, (3, 32, 32)),
        ("cifar:test", 1, (3, 32, 32)),
        ("cifar/data_batch_3.bin", 1, (3, 32, 32)),
        ("images-idx3", 1, (1, 2, 2)),
    ],
)
def test_every_kind_is_recognised(places, source, count, shape):
    data = open_dataset(f"{places}/{source}")
    assert len(data) == count
    assert data[0][0].shape == shape
    assert data.space == Grid.uint8()


def test_digits_by_name():
    assert open_dataset("digits").name == open_dataset("digits:test").name == "digits (test)"
    assert len(open_dataset("digits:train")) == 1297


def test_options_reach_the_reader(places):
    small = Preparation(resize=2, crop=2, grayscale=True)
    assert open_dataset(places / "images", preparation=small)[0][0].shape == (1, 2, 2)
    for source in ("images", "a.npz", "cifar", "images-idx3"):
        assert open_dataset(places / source, space=FINE).space == FINE


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("nowhere", {}, r"no data at '.*nowhere': give digits or .*\.npz"),
        ("labels.txt", {}, "is of no kind that is known: give digits"),
        ("images:train", {}, "images has no train split to choose"),
        ("cifar", {"preparation": Preparation(crop=8)}, "cannot be resized, cropped or made gray"),
        ("a.npz", {"preparation": Preparation(resize=8)}, "cannot be resized"),
        ("images", {"space": Reals(low=0.5, high=1.0)}, "from 0 to 1, .* state reals:0:1"),
    ],
)
def test_what_cannot_be_is_refused(places, source, options, message):
    (places / "labels.txt").write_text("")
    with pytest.raises(InputError, match=message):
        open_dataset(f"{places}/{source}", **options)


@pytest.mark.parametrize("source", ["images", "cifar", "images-idx3", "digits"])
def test_data_on_a_grid_are_taken_off_it(places, source):
    path = source if source == "digits" else places / source
    known, found = open_dataset(path), open_dataset(path, space=Reals(low=0.0, high=1.0))
    assert found.space == Reals(low=0.0, high=1.0)
    assert (found.name, found.classes, len(found)) == (known.name, known.classes, len(known))
    (levels, label), (values, same) = known[0], found[0]
    assert same == label
    assert values.dtype == np.float32
    assert np.array_equal(values, known.space.values(levels))


def test_the_interval_that_is_asked_for_holds_the_data():
    """Six digits of its ends would not: they may lie within."""
    grid = Grid(step=Fraction(1, 3 * 10**6), low=-(10**6) - 1, high=10**6 + 1)
    inputs, labels = np.array([[grid.low], [grid.high]]), np.array([0, 0])
    data = ArrayDataset(name="fine", space=grid, classes=("any",), inputs=inputs, labels=labels)
    with pytest.raises(InputError) as refused:
        InReals(data=data, space=Reals(low=0.0, high=0.1))
    low, high = map(float, str(refused.value).rpartition("reals:")[2].split(":"))
    assert InReals(data=data, space=Reals(low=low, high=high)).space.bounds == grid.bounds


def test_digits_take_no_options():
    with pytest.raises(InputError, match="digits has its own grid: state no space"):
        open_dataset("digits", space=FINE)
    with pytest.raises(InputError, match="digits cannot be resized"):
        open_dataset("digits", preparation=Preparation(grayscale=True))
