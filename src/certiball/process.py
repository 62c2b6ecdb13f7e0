"""What a process of certiball's own sets for itself: the command line's, and those of workers.

The library never does so in processes of others.
"""

import ctypes
import os

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
HIGH = 1 << 30


def settle_process() -> None:
    """Memory and threads as certification wants them; to be called before torch is imported."""
    keep_memory()
    wait_asleep()
    keep_compilers_quiet()


def keep_memory() -> bool:
    """Let glibc keep freed memory instead of handing it back to the system.

    A network's activations are allocated anew for every batch; with the default thresholds the
    system maps and clears their pages each time, which makes large batches 2 to 3 times slower.

    Returns:
        Whether this C library has such thresholds.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return all([mallopt(M_MMAP_THRESHOLD, HIGH), mallopt(M_TRIM_THRESHOLD, HIGH)])


def wait_asleep() -> None:
    """Let OpenMP's threads sleep while they wait for each other, unless the user says otherwise.

    They spin by default, and where another process has one of the cores, a small network's many
    short steps then take 100 times as long.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def keep_compilers_quiet() -> None:
    """Let torch's compilers log errors alone, unless the user says otherwise.

    A backend that cannot run here is one line, and tuning passes it over without any.
    """
    os.environ.setdefault("TORCH_LOGS", "-dynamo,-inductor")
