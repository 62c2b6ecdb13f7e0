"""Data from strangers: damaged, lying about their size, or made to run code."""

import gzip
import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from certiball.datasets.npz import npz
from certiball.datasets.open import open_dataset
from certiball.datasets.preparation import Preparation, decode
from certiball.errors import InputError
from fuzz.survival import DEEP, QUICK, Canary, damaged, survives, tree


def _png(size=(4, 3), kind="PNG", mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, size, 7).save(buffer, kind)
    return buffer.getvalue()


def _npz():
    buffer = io.BytesIO()
    x = np.arange(24, dtype=np.uint8).reshape(2, 3, 2, 2)
    np.savez_compressed(buffer, x=x, y=np.array([0, 1]), classes=np.array(["cat", "dog"]))
    return buffer.getvalue()


def _idx(count=3):
    return struct.pack(">IIII", 0x803, count, 2, 2) + bytes(range(4 * count))


def _zip(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("test/cat/0.png", "test/dog/0.png"):
            archive.writestr(name, _png())
    return buffer.getvalue()


REAL = {
    "data.npz": _npz(),
    "images-idx3-ubyte": _idx(),
    "images-idx3-ubyte.gz": gzip.compress(_idx()),
    "data.zip": _zip(),
    "test_batch.bin": bytes(3073),
}


def _all_of(path):
    data = open_dataset(path)
    return [data[number] for number in range(min(4, len(data)))]


def _opened(folder, name, content):
    (folder / name).write_bytes(content)
    (folder / "labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 3) + bytes(3))
    before = tree(folder)
    found = survives(_all_of, folder / name)
    assert tree(folder) == before
    return found


@pytest.mark.parametrize("name", REAL)
def test_what_is_going_to_be_damaged_can_be_read(tmp_path, name):
    assert _opened(tmp_path, name, REAL[name])


@pytest.mark.parametrize("name", REAL)
def test_damaged_data_is_read_or_refused(tmp_path, name):
    @settings(QUICK)
    @given(damaged(REAL[name]))
    def holds(content):
        _opened(tmp_path, name, content)

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_much_damaged_data_is_read_or_refused(tmp_path, name):
    @settings(DEEP)
    @given(damaged(REAL[name]) | st.binary(max_size=300))
    def holds(content):
        _opened(tmp_path, name, content)

    holds()


def _header(text):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin1")


@settings(QUICK)
@given(
    shape=st.lists(st.integers(-3, 2**63), max_size=4).map(tuple),
    kind=st.sampled_from(["|u1", "<i8", "<f8", "|O", "<U3", "|V8", "<c16", "<M8[s]", "|b1", "zz"]),
)
def test_headers_that_lie_are_refused(tmp_path_factory, shape, kind):
    path = tmp_path_factory.mktemp("lies") / "data.npz"
    text = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}}}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", _header(text) + bytes(32))
        archive.writestr("y.npy", _header(text.replace(kind, "<i8")) + bytes(32))
    survives(npz, path)


@pytest.mark.parametrize("text", ["-" * 9000 + "1", "(" * 9000, "{'shape': " * 900, "\\N{x}" * 99])
def test_headers_that_exhaust_a_parser_are_refused(tmp_path, text):
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", _header(text))
        archive.writestr("y.npy", _header(text))
    with pytest.raises(InputError, match="cannot read .*data.npz as .npz"):
        npz(path)


def test_pickles_in_an_npz_run_nothing(tmp_path):
    canary = tmp_path / "ran"
    pickled = np.array([Canary(canary)], dtype=object)
    for name in ("x", "classes"):
        arrays = {"x": np.zeros((1, 1, 2, 2), np.uint8), "y": np.array([0])} | {name: pickled}
        np.savez(tmp_path / "data.npz", allow_pickle=True, **arrays)
        with pytest.raises(InputError, match="allow_pickle=False"):
            npz(tmp_path / "data.npz")
    assert not canary.exists()
    np.load(tmp_path / "data.npz", allow_pickle=True)["classes"]
    assert canary.exists()  # so the canary would have told


def test_labels_far_apart_make_no_list_of_names(tmp_path):
    x = np.zeros((1, 1, 2, 2), np.uint8)
    for label in (10**6, 2**62, np.uint64(2**64 - 1)):
        np.savez(tmp_path / "data.npz", x=x, y=np.array([label]))
        with pytest.raises(InputError, match="the greatest label is"):
            npz(tmp_path / "data.npz")


@pytest.mark.parametrize("name", ["a\x1b[2J", "a\nb", "a\u202eb", "a\ud800", "\x9b2J", "x" * 300])
def test_names_that_cannot_be_printed_are_refused(tmp_path, name):
    x = np.zeros((1, 1, 2, 2), np.uint8)
    if name != "a\ud800":
        np.savez(tmp_path / "data.npz", x=x, y=np.array([0]), classes=np.array([name]))
        with pytest.raises(InputError, match="cannot be printed: rename it"):
            npz(tmp_path / "data.npz")
    if len(name) < 255:
        place = os.fsencode(tmp_path) + b"/d/" + name.encode(errors="surrogatepass")
        folder = Path(os.fsdecode(place))
        folder.mkdir(parents=True)
        (folder / "0.png").write_bytes(_png())
        with pytest.raises(InputError, match="cannot be printed: rename it"):
            open_dataset(tmp_path / "d")


def test_a_gzip_bomb_is_refused_before_it_has_unpacked(tmp_path):
    path = tmp_path / "images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(2**20)) * 80)  # 80 KiB that unpack to 80 MiB
    (tmp_path / "labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 0))
    with pytest.raises(InputError, match="unpacks to .* made to fill memory"):
        open_dataset(path)


def test_zip_bombs_are_refused(tmp_path):
    zeros = bytes(2**26 + 9)
    with zipfile.ZipFile(tmp_path / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("test/cat/0.png", zeros)
    with pytest.raises(InputError, match="made to fill memory"):
        open_dataset(tmp_path / "data.zip")
    np.savez_compressed(tmp_path / "data.npz", x=np.zeros((1, 1, 2**26), np.uint8), y=[0])
    with pytest.raises(InputError, match="made to fill memory"):
        npz(tmp_path / "data.npz")


def test_images_that_unpack_to_too_many_pixels_are_refused():
    png = _png(size=(1, 1), mode="L")
    wide = png.replace(struct.pack(">II", 1, 1), struct.pack(">II", 2**14, 2**12 + 1), 1)
    wide = wide[:29] + struct.pack(">I", zlib.crc32(wide[12:29])) + wide[33:]
    with pytest.raises(InputError, match=r"16384×4097 pixels, more than 67,108,864"):
        decode(wide, "bomb.png", Preparation())
    with pytest.raises(InputError, match="resized, has 1000×2000000 pixels, more than"):
        decode(_png(size=(1, 2000)), "thin.png", Preparation(resize=1000))


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PCX", "ICO", "TGA"])
def test_formats_besides_the_usual_are_not_even_tried(kind):
    with pytest.raises(InputError, match="cat.png is not a readable image"):
        decode(_png(kind=kind), "cat.png", Preparation())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP"])
def test_damaged_images_are_read_or_refused(kind):
    real = _png(size=(40, 30), kind=kind)
    assert decode(real, "real", Preparation()).shape == (3, 30, 40)

    @settings(QUICK)
    @given(damaged(real))
    def holds(content):
        survives(decode, content, "an image", Preparation(resize=8, crop=8))

    holds()


def test_members_that_climb_out_are_not_there_and_nothing_is_unpacked(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "data.zip").write_bytes(_zip("../../evil/0.png", "../out.png", "a/../../b/0.png"))
    before = tree(tmp_path)
    assert survives(_all_of, home / "data.zip") is None
    assert tree(tmp_path) == before
    (home / "data.zip").write_bytes(_zip("/etc/cat/0.png", "/etc/dog/0.png"))
    before = tree(tmp_path)
    assert len(_all_of(home / "data.zip")) == 2  # names only: they are read from the archive
    assert tree(tmp_path) == before


def test_a_name_that_comes_twice_is_refused(tmp_path):
    real = _zip("cat/0.png", "cat/1.png")
    (tmp_path / "data.zip").write_bytes(real.replace(b"cat/1.png", b"cat/0.png"))
    with pytest.raises(InputError, match=r"holds cat/0\.png twice"):
        open_dataset(tmp_path / "data.zip")


def test_links_round_in_circles_are_refused(tmp_path):
    (tmp_path / "d" / "cat").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / "d" / "cat" / name).symlink_to(tmp_path / "d")
    with pytest.raises(InputError, match="links to a folder that is listed already"):
        open_dataset(tmp_path / "d")


@pytest.mark.parametrize("name", ["x.npz", "x.zip", "x.bin", "idx-images"])
def test_pipes_and_devices_are_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    (tmp_path / "idx-labels").write_bytes(b"")
    with pytest.raises(InputError, match="no plain file"):
        open_dataset(tmp_path / name)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(InputError, match="no plain file"):
        open_dataset(tmp_path / name)


def test_any_text_names_data_or_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    @settings(QUICK)
    @given(st.text(max_size=40) | st.sampled_from(["a\0b", "x" * 5000, "", ".", "\ud800", ":test"]))
    def holds(text):
        survives(_all_of, text)

    holds()
