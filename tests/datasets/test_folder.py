import zipfile

import numpy as np
import pytest
from PIL import Image

from certiball.datasets.folder import folder
from certiball.datasets.members import member_bytes
from certiball.datasets.preparation import Preparation, decode
from certiball.errors import InputError

RNG = np.random.default_rng(0)


def image(path, width=6, height=5, mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    bands = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    pixels = RNG.integers(0, 256, (height, width, bands), dtype=np.uint8)
    Image.fromarray(pixels.squeeze()).save(path)
    return pixels


def zipped(source, target):
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(source.rglob("*")):
            archive.write(path, path.relative_to(source).as_posix())
    return target


@pytest.fixture
def pets(tmp_path):
    root = tmp_path / "root"
    pixels = [image(root / "test" / name) for name in ("cat/b.png", "cat/c.png", "dog/a.png")]
    (root / "test/cat/notes.txt").write_text("not an image")
    image(root / "test/.hidden/x.png")
    image(root / "__MACOSX/test/cat/b.png")
    return root, pixels


def test_a_folder_and_a_zip_hold_the_same_data(pets, tmp_path):
    root, pixels = pets
    for source in (root / "test", zipped(root, tmp_path / "pets.zip")):
        data = folder(source)
        assert data.classes == ("cat", "dog")
        assert [data[i][1] for i in range(len(data))] == [0, 0, 1]
        for index, original in enumerate(pixels):
            item, _ = data[index]
            assert item.dtype == np.uint8
            assert (item == original.transpose(2, 0, 1)).all()


def test_a_rewritten_zip_is_read_anew(pets, tmp_path):
    root, _ = pets
    path = zipped(root, tmp_path / "pets.zip")
    assert len(folder(path)) == 3
    image(root / "test/eel/a.png")
    path.unlink()
    assert len(folder(zipped(root, path))) == 4


def test_mixed_sizes_name_the_first_odd_file(pets):
    root, _ = pets
    image(root / "test/cat/d.png", width=7)
    data = folder(root / "test")
    data[1]
    with pytest.raises(InputError, match=r"cat/d\.png of .*\(3, 5, 7\).*\(3, 5, 6\): .*--resize"):
        data[2]
    assert folder(root / "test", Preparation(resize=4, crop=4))[2][0].shape == (3, 4, 4)


def test_a_crop_is_centred_and_a_resize_keeps_the_ratio(tmp_path):
    pixels = image(tmp_path / "a.png", width=9, height=6)
    data = (tmp_path / "a.png").read_bytes()
    cropped = decode(data, "a.png", Preparation(crop=4))
    assert (cropped == pixels[1:5, 2:6].transpose(2, 0, 1)).all()
    assert decode(data, "a.png", Preparation(resize=4)).shape == (3, 4, 6)


def test_a_crop_larger_than_the_image_is_refused(tmp_path):
    image(tmp_path / "a.png", width=9, height=6)
    with pytest.raises(InputError, match=r"a\.png has 9×6 pixels, less than the crop of 7"):
        decode((tmp_path / "a.png").read_bytes(), "a.png", Preparation(crop=7))


@pytest.mark.parametrize("mode", ["L", "RGBA", "RGB"])
def test_every_mode_becomes_rgb_or_gray(tmp_path, mode):
    image(tmp_path / "a.png", mode=mode)
    data = (tmp_path / "a.png").read_bytes()
    assert decode(data, "a.png", Preparation()).shape == (3, 5, 6)
    assert decode(data, "a.png", Preparation(grayscale=True)).shape == (1, 5, 6)


def test_a_palette_with_transparency_gives_no_warning(tmp_path):
    picture = Image.new("P", (4, 4))
    picture.save(tmp_path / "a.png", transparency=bytes([0, 128]))
    assert decode((tmp_path / "a.png").read_bytes(), "a.png", Preparation()).shape == (3, 4, 4)


def test_sixteen_bits_are_refused(tmp_path):
    Image.fromarray(np.full((4, 4), 4000, dtype=np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png has mode I;16, more than 8 bits"):
        decode((tmp_path / "a.png").read_bytes(), "a.png", Preparation())


def test_a_corrupt_image_is_named(pets, tmp_path):
    root, _ = pets
    path = root / "test/cat/c.png"
    path.write_bytes(path.read_bytes()[:60])
    for source in (root / "test", zipped(root, tmp_path / "pets.zip")):
        with pytest.raises(InputError, match=r"cat/c\.png of .* is not a readable image"):
            folder(source)[1]


def test_a_file_that_is_gone_is_named(pets):
    root, _ = pets
    data = folder(root / "test")
    (root / "test/cat/c.png").unlink()
    with pytest.raises(InputError, match=r"cannot read .*cat/c\.png \(No such file"):
        data[1]


def test_a_damaged_zip_member_is_named(pets, tmp_path):
    path = zipped(pets[0], tmp_path / "pets.zip")
    data = bytearray(path.read_bytes())
    data[data.find(b"IDAT", data.find(b"test/cat/b.png")) + 20] ^= 255
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"cannot read .*b\.png of .*CRC"):
        member_bytes(path, "__MACOSX/test/cat/b.png")


def test_a_file_that_is_no_zip_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"hello")
    with pytest.raises(InputError, match=r"a\.zip is not a readable zip"):
        folder(tmp_path / "a.zip")


def test_no_images_are_refused(tmp_path):
    with pytest.raises(InputError, match="holds no images"):
        folder(tmp_path)


def test_an_image_in_no_class_folder_is_refused(pets):
    root, _ = pets
    with pytest.raises(InputError, match=r"b\.png of .*cat lies in no class folder"):
        folder(root / "test/cat")


def test_splits_do_not_mix(pets):
    root, _ = pets
    image(root / "train/cat/a.png")
    with pytest.raises(InputError, match=r"class folders in 2 places \(test, train\)"):
        folder(root)


@pytest.mark.parametrize("name", ["resize", "crop"])
def test_sizes_must_be_positive(name):
    with pytest.raises(InputError, match=f"{name} must be at least 1 pixel, not 0"):
        Preparation(**{name: 0})


def test_what_is_no_image_is_told_in_words():
    with pytest.raises(InputError, match=r"^a\.png is not a readable image \(none of PNG, JPEG"):
        decode(b"hello", "a.png", Preparation())
