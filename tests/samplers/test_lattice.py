from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.laws.gaussian import Gaussian
from certiball.laws.lattice import lattice_law
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid

GRID = Grid.uint8()


def sampler(sigma=0.25, grid=GRID):
    return lattice_sampler(Gaussian(sigma=sigma).on_grid(grid.step), grid)


def stream(chunk=0, key=99):
    return Stream(key=key, phase=Phase.ESTIMATION, input=0, chunk=chunk)


def chi_square(noise, law):
    """Statistic and degrees of freedom against the law's own probabilities, tails pooled."""
    edges = np.concatenate([[0.0], law.thresholds.astype(np.float64), [2.0**64]])
    expected = np.diff(edges) / 2**64 * noise.size
    counts = np.bincount(noise.reshape(-1) + law.offset, minlength=len(expected))
    common = expected >= 20
    pooled_e = np.append(expected[common], expected[~common].sum())
    pooled_c = np.append(counts[common], counts[~common].sum())
    return float(((pooled_c - pooled_e) ** 2 / pooled_e).sum()), len(pooled_e) - 1


@pytest.mark.parametrize("sigma", [0.12, 0.25, 1.0])
def test_noise_has_the_law(sigma):
    s = sampler(sigma)
    noise = np.concatenate([s.noise(stream(c), 32, 3072) for c in range(60)])
    statistic, freedom = chi_square(noise, s.law)
    assert special.chdtrc(freedom, statistic) > 1e-5
    other = Gaussian(sigma=1.01 * sigma).on_grid(GRID.step)
    wrong, freedom = chi_square(np.clip(noise, other.least, other.greatest), other)
    assert special.chdtrc(freedom, wrong) < 1e-9  # one per cent more noise would show
    assert abs(noise.std() / (255 * sigma) - 1) < 0.002


def test_table_and_refinement_are_the_direct_64_bit_law():
    # The same bits, read as one 64-bit word and counted against the thresholds one by one.
    s = sampler(1.0)
    noise = s.noise(stream(), 8, 5000).reshape(-1)
    halves = stream().words(0, 0, 10_000).view("<u2").astype(np.uint64)
    marked = np.flatnonzero(s.cells[halves] == s.mark)
    assert len(marked) > 500
    rest = np.zeros(40_000, dtype=np.uint64)
    rest[marked] = stream().words(1, 0, len(marked)) >> np.uint64(16)
    words = (halves << np.uint64(48)) | rest
    thresholds = [int(t) for t in s.law.thresholds]
    direct = np.searchsorted(np.array(thresholds, dtype=np.uint64), words, side="right")
    assert (noise == direct - s.law.offset).all()


def test_every_word_near_a_threshold_goes_to_the_right_side():
    # Three thresholds in one cell, one of them at its very start.
    cell = 1000 << 48
    law = lattice_law([cell, cell + 5, cell + 6, 2**64], offset=2)
    s = lattice_sampler(law, GRID)
    rest = np.array([0, 4, 5, 6, 2**48 - 1], dtype=np.uint64)
    halves = np.full(5, 1000, dtype=np.uint16)
    assert s.refine(halves, rest).tolist() == [-1, -1, 0, 1, 1]
    assert s.cells[999] == -2
    assert s.cells[1001] == 1
    assert law.greatest == 1  # the threshold 2⁶⁴ is never reached


def test_fewer_samples_are_a_prefix_of_more():
    s = sampler(1.0)
    for features in (1, 3, 64, 3072, 50_001):
        samples = 5 if features > 10_000 else 32
        whole = s.noise(stream(), samples, features)
        for fewer in (1, 4, samples - 1):
            assert (s.noise(stream(), fewer, features) == whole[:fewer]).all()


def test_pieces_do_not_change_the_noise(monkeypatch):
    s = sampler(1.0)
    whole = [s.noise(stream(), 32, features) for features in (7, 100, 3072)]
    for piece in (1, 1000, 10**9):
        monkeypatch.setattr("certiball.samplers.lattice.PIECE", piece)
        for features, expected in zip((7, 100, 3072), whole, strict=True):
            assert (s.noise(stream(), 32, features) == expected).all()


def equal_sums_give_equal_bits():
    """lattice.md tests 2 and 3: every (s, z), through the sampler, and one float for each s + z."""
    s = sampler(0.25)
    every = np.arange(s.law.least, s.law.greatest + 1, dtype=s.cells.dtype)
    floats = {}
    with pytest.MonkeyPatch.context() as patch:

        def pieces(self, stream, samples, features):
            return [(slice(0, samples), every[:, None].copy())]  # theirs to overwrite

        patch.setattr(LatticeSampler, "_pieces", pieces)
        for clean in range(256):
            seen = s.noisy(np.array([clean]), stream(), len(every))[:, 0].view(np.uint32)
            for level, bits in zip((every + clean).tolist(), seen.tolist(), strict=True):
                assert floats.setdefault(level, bits) == bits
    assert len(set(floats.values())) == len(floats)


def test_equal_sums_give_equal_bits_and_one_float_each():
    equal_sums_give_equal_bits()


def test_the_sum_of_two_floats_would_betray_its_terms(monkeypatch):
    def noisy(self, clean, stream, samples):
        [(_, noise)] = self._pieces(stream, samples, clean.size)
        return self.grid.values(clean) + self.grid.values(noise)

    monkeypatch.setattr(LatticeSampler, "noisy", noisy)
    with pytest.raises(AssertionError):
        equal_sums_give_equal_bits()


def test_reachable_sets_of_neighbours_differ_only_in_ends_of_slack_mass():
    law = sampler(0.25).law
    edges = [0, *map(int, law.thresholds), 2**64]
    mass = {z: edges[i + 1] - edges[i] for i, z in enumerate(range(law.least, law.greatest + 1))}
    here = {z for z in mass if mass[z]}
    there = {z + 1 for z in here}
    lost = sum(mass[z] for z in here - there) + sum(mass[z - 1] for z in there - here)
    assert 0 < Fraction(lost, 2**64) <= law.slack(1)
    assert all(abs(z) > 8.9 * 0.25 * 255 for z in here ^ there)


def test_the_model_sees_levels_as_image_libraries_do():
    s = sampler(0.25)
    clean = np.arange(12)
    seen = s.noisy(clean, stream(), 5)
    levels = s.noise(stream(), 5, 12) + clean
    assert seen.dtype == np.float32
    assert (seen == levels.astype(np.float32) / np.float32(255)).all()


def test_far_inputs_and_wide_laws_do_not_overflow():
    far = np.array([0, 40_000, -3_000_000_000])
    seen = sampler().noisy(far, stream(), 3)
    assert (seen == GRID.values(sampler().noise(stream(), 3, 3).astype(np.int64) + far)).all()
    fine = Grid(step=Fraction(1, 16383), low=0, high=16383)
    wide = sampler(0.25, fine)
    noise = wide.noise(stream(), 100, 400)
    assert wide.cells.dtype == np.int32
    assert abs(noise.std() / (0.25 * 16383) - 1) < 0.02
    seen = wide.noisy(np.full(400, 16383), stream(), 100)
    assert (seen == fine.values(noise.astype(np.int64) + 16383)).all()
