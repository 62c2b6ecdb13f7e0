"""What is of another type is refused in one line. Tests check types themselves, so not in here."""

import subprocess
import sys

CALLS = """
import numpy as np

import certiball as cb
from certiball.certification.warps import certify_warp
from certiball.errors import InputError

bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
g = cb.Smoothed(bright, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
images = np.full((1, 2, 2), 255, dtype=np.uint8)
for call in (
    lambda: cb.AnisotropicGaussian(deviations=0.2),
    lambda: cb.AnisotropicGaussian(deviations=None),
    lambda: cb.certify(g, images, norm="linf"),
    lambda: certify_warp(g, images, 10.0),
):
    try:
        print("taken:", call())
    except InputError as error:
        print(error)
"""


def test_each_is_refused_with_the_remedy():
    asked = [sys.executable, "-c", CALLS]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    several = "deviations must be several numbers such as (.25, .5, .25), one for each part of an "
    assert told[0] == several + "input, not 0.2: Gaussian(sigma=…) has one for all"
    assert told[1].startswith(several + "input, not None")
    assert told[2].startswith("norm must be one of Norm.L0, Norm.L1, ")
    assert told[2].endswith(", not 'linf'")
    assert told[3] == "warp must be one such as Rotations(degrees=10.0), not 10.0"
    assert len(told) == 4
