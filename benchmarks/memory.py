"""Claim: memory does not grow with the number of samples.

The peak of a process that certifies one input with n = 1,000,000 is within 5 % of that with
n = 10,000. Each n has a process of its own, on a small network, and the smallest peak of a few is
taken: what else the machine does can only add to it.

    python benchmarks/memory.py [--repeats 3] [--few 10000] [--many 1000000]
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

CLAIMED = 1.05


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Peak resident memory of both processes, in MiB."""

    few: float
    many: float

    @property
    def ratio(self) -> float:
        """How much more many samples take."""
        return self.many / self.few

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.ratio <= CLAIMED


def certify(n: int) -> None:
    """One digit-sized input with n samples, in this process; prints its peak in KiB."""
    from torch import nn

    import certiball as cb

    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    g = cb.Smoothed(cb.TorchClassifier(model, 10), cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    image = np.random.default_rng(0).integers(0, 256, (1, 1, 8, 8))
    [result] = cb.certify(g, image, plan=cb.FixedSamples(n0=100, n=n))
    assert result.estimation.total == n
    print(peak_of_this_process())


def peak_of_this_process() -> int:
    """Peak resident memory, in KiB, as Linux counts it for the process's own memory."""
    # Not resource.getrusage: there the peak of the parent counts too.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def peak(n: int) -> float:
    """Peak memory of a process that draws n samples, in MiB."""
    command = [sys.executable, str(Path(__file__).resolve()), "--certify", str(n)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def measure(few: int, many: int, repeats: int) -> Peaks:
    """The smallest peaks of a few processes each, interleaved."""
    pairs = [(peak(few), peak(many)) for _ in range(repeats)]
    return Peaks(few=min(pair[0] for pair in pairs), many=min(pair[1] for pair in pairs))


def main() -> None:
    """Print the line and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--certify", type=int, help="what each process is told to draw")
    arguments = parser.parse_args()
    if arguments.certify is not None:
        certify(arguments.certify)
        return
    peaks = measure(arguments.few, arguments.many, arguments.repeats)
    print(
        f"peak memory: {peaks.few:.0f} MiB with n = {arguments.few:,}, {peaks.many:.0f} MiB with "
        f"n = {arguments.many:,}: {peaks.ratio:.3f} times, "
        f"{'holds' if peaks.holds else 'DOES NOT HOLD'}"
    )
    print(json.dumps(asdict(peaks) | {"ratio": peaks.ratio, "holds": peaks.holds}))


if __name__ == "__main__":
    main()
