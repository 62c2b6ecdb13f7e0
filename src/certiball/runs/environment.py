"""What a run was computed with: stored beside its votes, because floats may depend on it."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

PACKAGES = ("certiball", "torch", "numpy", "scipy", "scikit-learn")
EXPORTERS = ("onnx", "onnxruntime")  # of importance where they run the model

Facts: TypeAlias = dict[str, str]


def environment(backend: str = "") -> Facts:
    """Library versions and hardware of this process.

    Args:
        backend: what runs the model, in the words of the specification.
    """
    packages = (*PACKAGES, *(EXPORTERS if backend.startswith("onnxruntime") else ()))
    facts = {"python": platform.python_version(), "system": platform.system()}
    facts |= {package: _version(package) for package in packages}
    return facts | {"cpu": _cpu(), "gpu": _gpu()}


def changes(before: Facts, after: Facts) -> list[str]:
    """What differs between two environments, as "torch: 2.12.0 → 2.13.0"."""
    return [
        f"{name}: {before.get(name, 'unknown')} → {after.get(name, 'unknown')}"
        for name in sorted(before | after)
        if before.get(name) != after.get(name)
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _cpu(information: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = information.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _gpu() -> str:
    """The GPUs that torch sees; "none" where torch is not loaded, for then it computes nothing."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return "none"
    names = {torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
    return ", ".join(sorted(names))
