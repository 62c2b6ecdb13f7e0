import numpy as np
import pytest

from certiball.datasets.cifar import CLASSES, RECORD, cifar10
from certiball.errors import InputError


def batch(*labels):
    records = np.random.default_rng(0).integers(0, 256, (len(labels), RECORD), dtype=np.uint8)
    records[:, 0] = labels
    return records


def test_a_folder_has_two_splits(tmp_path):
    for number in range(1, 6):
        (tmp_path / f"data_batch_{number}.bin").write_bytes(batch(number).tobytes())
    (tmp_path / "test_batch.bin").write_bytes(batch(9, 0).tobytes())
    test, train = cifar10(tmp_path), cifar10(tmp_path, "train")
    assert test.labels.tolist() == [9, 0]
    assert train.labels.tolist() == [1, 2, 3, 4, 5]
    assert test.classes == CLASSES
    assert test.name.endswith("(test)")


def test_pixels_are_planes_of_red_green_blue(tmp_path):
    path = tmp_path / "one.bin"
    record = batch(3)
    path.write_bytes(record.tobytes())
    item, label = cifar10(path)[0]
    assert item.shape == (3, 32, 32)
    assert item[1, 0, 5] == record[0, 1 + 1024 + 5]
    assert label == 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (batch(1).tobytes()[:-1], "has 3072 bytes, not a multiple of 3073"),
        (b"", "has 0 bytes"),
        (batch(1, 10).tobytes(), "label 1 of one.bin is 10, out of range for 10 classes"),
    ],
)
def test_bad_batches_are_refused(tmp_path, data, message):
    path = tmp_path / "one.bin"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        cifar10(path)


def test_a_missing_batch_is_named(tmp_path):
    (tmp_path / "test_batch.bin").write_bytes(batch(0).tobytes())
    with pytest.raises(InputError, match=r"cannot read .*data_batch_1\.bin"):
        cifar10(tmp_path, "train")
