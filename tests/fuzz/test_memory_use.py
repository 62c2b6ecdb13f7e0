"""Bombs are refused in little memory, whatever size they say they are."""

import subprocess
import sys

import pytest

SCRIPT = """
import gzip, io, resource, struct, sys, zipfile, zlib
from pathlib import Path
from PIL import Image
from certiball.datasets.open import open_dataset
from certiball.errors import InputError

def header(shape):
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\\n"
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(text)) + text.encode()

home = Path(sys.argv[1])
(home / "images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(2**20)) * 1024)
(home / "labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 0))
for name, shape in (("a", (2**16, 1, 2**8, 2**8)), ("b", (2**62, 2)), ("c", (-1,))):
    with zipfile.ZipFile(home / f"{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header(shape) + bytes(32))
        archive.writestr("y.npy", header((1,)) + bytes(32))
image = io.BytesIO()
Image.new("L", (1, 1)).save(image, "PNG")
png = image.getvalue().replace(struct.pack(">II", 1, 1), struct.pack(">II", 60_000, 60_000), 1)
png = png[:29] + struct.pack(">I", zlib.crc32(png[12:29])) + png[33:]
(home / "pictures" / "cat").mkdir(parents=True)
(home / "pictures" / "cat" / "0.png").write_bytes(png)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in ("images-idx3-ubyte.gz", "a.npz", "b.npz", "c.npz", "pictures"):
    try:
        open_dataset(home / name)
    except InputError as error:
        continue
    sys.exit(f"{name} was read")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_bombs_of_gigabytes_take_megabytes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 700 * 1024  # KiB: 200 times the MiB that the gzip file has, twice
