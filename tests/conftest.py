"""What tests of several rooms share."""

import os
from pathlib import Path

import pytest

# Before torch is loaded: workers share the cores, and threads that spin take them from others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside `data` that holds reference numbers and real data; skips without it."""
    data = Path(os.environ.get("CERTIBALL_DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        pytest.skip(f"the shared data are not at {data}; set CERTIBALL_DATA to their folder")
    return data.parent
