import numpy as np
import pytest

from certiball.datasets.npz import npz
from certiball.errors import InputError
from certiball.spaces import Grid, Reals

X = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
Y = np.array([0, 2])


def saved(folder, **arrays):
    path = folder / "data.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("x", "y"), [("x", "y"), ("x_test", "y_test"), ("images", "labels"), ("X", "Y")]
)
def test_usual_names_are_understood(tmp_path, x, y):
    data = npz(saved(tmp_path, **{x: X, y: Y}))
    assert data.space == Grid.uint8()
    assert data[1][0].tolist() == X[1].tolist()
    assert data.classes == ("0", "1", "2")


def test_classes_may_be_named(tmp_path):
    data = npz(saved(tmp_path, x=X, y=Y, classes=np.array(["cat", "dog", "eel", "fox"])))
    assert data.classes == ("cat", "dog", "eel", "fox")


def test_images_without_a_channel_get_one_and_rows_none(tmp_path):
    assert npz(saved(tmp_path, x=X[:, 0], y=Y))[0][0].shape == (1, 4, 5)
    assert npz(saved(tmp_path, x=X[:, 0, 0], y=Y))[0][0].shape == (5,)


def test_a_column_of_labels_is_taken_as_labels(tmp_path):
    assert npz(saved(tmp_path, x=X, y=Y[:, None])).labels.tolist() == [0, 2]


def test_floats_need_a_space(tmp_path):
    path = saved(tmp_path, x=(X / 255).astype(np.float32), y=Y)
    with pytest.raises(InputError, match="are float32, so their space is not known: state it"):
        npz(path)
    assert npz(path, space=Grid.uint8()).inputs.tolist() == X.tolist()
    assert npz(path, space=Reals(low=0.0, high=1.0)).inputs.dtype == np.float32


def test_other_names_are_listed(tmp_path):
    path = saved(tmp_path, features=X, target=Y)
    with pytest.raises(InputError, match=r"holds features, target; name the inputs .* x and y"):
        npz(path)


def test_no_arrays_at_all(tmp_path):
    with pytest.raises(InputError, match="holds nothing"):
        npz(saved(tmp_path))


def test_channels_last_is_refused(tmp_path):
    path = saved(tmp_path, x=X.transpose(0, 2, 3, 1), y=Y)
    with pytest.raises(InputError, match=r"shape \(4, 5, 3\), channels last: .*transpose\(0, 3"):
        npz(path)


def test_labels_out_of_range(tmp_path):
    with pytest.raises(InputError, match=r"label 0 of data.npz is -1, out of range"):
        npz(saved(tmp_path, x=X, y=np.array([-1, 0])))


def test_python_objects_are_refused(tmp_path):
    path = saved(tmp_path, x=np.array([{}, {}], dtype=object), y=Y)
    with pytest.raises(InputError, match=r"cannot read .*allow_pickle=False.*save plain arrays"):
        npz(path)


def test_damaged_files_are_refused(tmp_path):
    path = saved(tmp_path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"cannot read .*data\.npz as \.npz"):
        npz(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"cannot read .*No data left"):
        npz(path)
    with path.open("wb") as file:
        np.save(file, X)
    with pytest.raises(InputError, match="it is a lone array"):
        npz(path)


def test_bytes_are_taken_off_their_grid_where_that_is_asked(tmp_path):
    path = tmp_path / "bytes.npz"
    levels = np.arange(8, dtype=np.uint8).reshape(2, 1, 2, 2)
    np.savez(path, x=levels, y=[0, 1])
    found = npz(path, space=Reals(low=0.0, high=1.0))
    assert np.array_equal(found.inputs, levels / np.float32(255))
