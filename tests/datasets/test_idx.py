import gzip
import struct

import numpy as np
import pytest

from certiball.datasets.idx import idx, labels_beside
from certiball.errors import InputError

PIXELS = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def encoded(array, kind=8):
    header = struct.pack(">BBBB", 0, 0, kind, array.ndim)
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write(folder, images=None, labels=None, suffix="", pack=lambda data: data):
    path = folder / f"t10k-images-idx3-ubyte{suffix}"
    path.write_bytes(pack(encoded(PIXELS) if images is None else images))
    default = encoded(np.array([7, 1], dtype=np.uint8))
    beside = folder / f"t10k-labels-idx1-ubyte{suffix}"
    beside.write_bytes(pack(default if labels is None else labels))
    return path


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress)])
def test_images_and_labels_are_read_gzipped_or_not(tmp_path, suffix, pack):
    data = idx(write(tmp_path, suffix=suffix, pack=pack))
    assert data.inputs.shape == (2, 1, 3, 4)
    assert data[1][0].tolist() == PIXELS[1:].tolist()
    assert data.labels.tolist() == [7, 1]
    assert data.classes == tuple("0123456789")


def test_labels_may_be_packed_where_images_are_not(tmp_path):
    path = write(tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels.read_bytes()))
    labels.unlink()
    assert labels_beside(path).suffix == ".gz"
    assert len(idx(path)) == 2


def test_labels_can_be_anywhere_if_named(tmp_path):
    path = write(tmp_path)
    elsewhere = (tmp_path / "t10k-labels-idx1-ubyte").rename(tmp_path / "targets")
    assert len(idx(path, elsewhere)) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": b"\x89PNG" + bytes(40)}, r"is not an IDX file \(it starts with 89504e47"),
        ({"images": b""}, r"is not an IDX file \(it starts with nothing"),
        ({"images": encoded(PIXELS, kind=0x0D)}, "IDX type 0x0d with 3 dimensions, not unsigned"),
        ({"images": encoded(PIXELS[0])}, "with 2 dimensions, not unsigned bytes .0x08. with 3"),
        ({"images": encoded(PIXELS)[:-1]}, r"holds 23 bytes where its header says \(2, 3, 4\)"),
        ({"images": encoded(PIXELS)[:9]}, "holds 0 bytes where .*truncated"),
        ({"images": encoded(PIXELS) + b"x"}, "holds 25 bytes"),
        ({"labels": encoded(np.zeros(3, np.uint8))}, "2 inputs and 3 labels"),
        ({"images": encoded(PIXELS[:0])}, "is empty"),
    ],
)
def test_bad_files_are_refused(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        idx(write(tmp_path, **change))


def test_a_truncated_gzip_is_refused(tmp_path):
    path = write(tmp_path, suffix=".gz", pack=lambda data: gzip.compress(data)[:-9])
    with pytest.raises(InputError, match=r"is a broken gzip file .*download it again"):
        idx(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*No such file"):
        idx(tmp_path / "gone", tmp_path / "gone too")


def test_labels_that_cannot_be_found_are_named(tmp_path):
    path = write(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match=r"put t10k-labels-idx1-ubyte \(or .*\.gz\) beside it"):
        idx(path)
    with pytest.raises(InputError, match="holds no 'images' in its name"):
        labels_beside(tmp_path / "train.idx")


def test_mnist_itself(shared):
    path = shared / "data/mnist/t10k-images-idx3-ubyte.gz"
    if not path.exists():
        pytest.skip("the shared data has no MNIST")
    data = idx(path)
    assert data.inputs.shape == (10_000, 1, 28, 28)
    assert data.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
