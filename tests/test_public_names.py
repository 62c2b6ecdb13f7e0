import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import certiball
from certiball import errors


def test_every_name_resolves_and_is_listed():
    assert sorted(certiball.__all__) == sorted(certiball._HOMES)
    for name in certiball.__all__:
        assert getattr(certiball, name).__name__ == name
    assert dir(certiball) == sorted(certiball.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = certiball.nonsense


def test_importing_is_light():
    code = "import certiball, sys; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "module", ["theorems", "laws.gaussian", "statistics.binomial", "certificate", "votes", "balls"]
)
def test_the_proof_imports_no_torch(module):
    code = f"import certiball.{module}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_tree_of_errors_is_drawn_in_full():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)]
    for kind in classes:
        assert issubclass(kind, errors.CertiballError)
        assert kind.__name__ in (errors.__doc__ or "")


def test_no_scipy_stats_anywhere():
    for path in Path(certiball.__file__).parent.rglob("*.py"):
        assert "scipy.stats" not in path.read_text(), path
