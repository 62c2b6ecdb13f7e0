from dataclasses import replace

import numpy as np
import pytest
import torch

from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.device import DeviceLattice, device_lattice
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.on_device import noise_on, repeats
from certiball.spaces import Grid, Reals

CPU = torch.device("cpu")
GRID = Grid.uint8()
HOST = sampler_for(Gaussian(sigma=0.25), GRID, (3, 8, 8))


def unseen():
    """A sampler of its own, for what was shown of one is remembered."""
    return lattice_sampler(Gaussian(sigma=0.25).on_grid(GRID.step), GRID)


def test_lattice_noise_is_made_on_the_device_and_its_tables_are_sent_once():
    noise = noise_on(CPU, HOST)
    assert isinstance(noise, DeviceLattice)
    assert noise.device == CPU
    assert noise_on(CPU, HOST) is noise


def test_floating_point_noise_stays_on_the_host():
    assert noise_on(CPU, sampler_for(Gaussian(sigma=0.25), Reals(), (3, 8, 8))) is None


def wrong_cells(noise):
    return replace(noise, cells=noise.cells.roll(1))


def wrong_thresholds(noise):
    return replace(noise, thresholds=noise.thresholds + 2**40)


def wrong_scale(noise):
    return replace(noise, scale=torch.tensor([1.0, np.nextafter(np.float32(255), np.float32(0))]))


@pytest.mark.parametrize("broken", [wrong_cells, wrong_thresholds, wrong_scale])
def test_a_device_that_makes_other_bits_is_not_used(broken, monkeypatch):
    assert repeats(device_lattice(HOST, CPU), HOST)
    assert not repeats(broken(device_lattice(HOST, CPU)), HOST)
    monkeypatch.setattr(
        "certiball.samplers.on_device.device_lattice", lambda s, d: broken(device_lattice(s, d))
    )
    with pytest.warns(UserWarning, match="DeviceLattice is not used on cpu: its bits are not"):
        assert noise_on(CPU, unseen()) is None


def test_a_maker_that_fails_is_not_used(monkeypatch):
    class Failing:
        device = CPU

        def fill(self, rows, chunks):
            raise RuntimeError("no C compiler\nand so on")

    monkeypatch.setattr(
        "certiball.samplers.on_device._candidates", lambda d, s: [Failing(), device_lattice(s, d)]
    )
    with pytest.warns(UserWarning, match="Failing is not used on cpu: no C compiler$"):
        noise = noise_on(CPU, unseen())
    assert isinstance(noise, DeviceLattice)
