"""Images of more than 8 bits, from an archive to a report."""

import numpy as np

from certiball.runs.read import read_run
from certiball.spaces import Grid


def test_sixteen_bit_images_are_certified_on_their_own_grid(certify, call, home):
    levels = np.array([0, 12_850, 28_270, 35_980, 51_400, 65_535], dtype=np.uint16)
    pixels = np.tile(levels[:, None, None, None], (1, 1, 2, 2))
    np.savez(home / "deep.npz", x=pixels, y=(levels > 32_767).astype(np.int64))
    said = certify(data="deep.npz")
    assert said.code == 2
    assert "are uint16, so their space is not known" in said.err
    assert "uint16 or uint12 for images of 16 or 12 bits" in said.err
    assert certify("--space", "uint16", data="deep.npz").code == 0
    results = read_run(home / "run")
    assert results.spec.claim.space == Grid.unsigned(16)
    assert results.spec.question.slack > 0
    # The model rounds to 8 bits what it sees, so these are the grey images' radii.
    assert certify(out="bytes").code == 0
    coarse = read_run(home / "bytes")
    for fine, other in zip(results.outcomes, coarse.outcomes, strict=True):
        assert fine.result.label == other.result.label
    assert call("report", "run").code == 0
    assert "1/65535" in (home / "report.html").read_text()


def test_bits_that_no_image_has_are_one_line(certify):
    for space in ("uint0", "uint41", "uint9999"):
        assert "bits must be from 1 to 40" in certify(space=space).err
