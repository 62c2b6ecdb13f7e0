"""Memory does not grow with the number of samples: the benchmark's claim, once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "memory.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
def test_a_million_samples_take_the_memory_of_ten_thousand():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--repeats", "2"], check=True, capture_output=True, text=True
    )
    peaks = json.loads(done.stdout.splitlines()[-1])
    assert peaks["few"] > 50
    assert peaks["many"] <= 1.05 * peaks["few"]
