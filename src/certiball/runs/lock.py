"""One process per run folder: a lock file that names its holder.

The file is read and written under `flock`, so that two processes never both take over the lock
of a dead one. `flock` alone would not do: it says nothing of who holds it, and network file
systems forget it.
"""

import fcntl
import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from certiball.errors import StoreError
from certiball.runs.columns import built

FILE = "run.lock"
# A link here would have a file elsewhere emptied; a pipe would wait for somebody to write to it.
SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process: its host, its number, and when it started (numbers are used again)."""

    host: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def this_process() -> Holder:
    """The process that runs this line."""
    pid = os.getpid()
    return Holder(host=socket.gethostname(), pid=pid, started=_start_time(pid))


@contextmanager
def locked(folder: Path, name: str = FILE) -> Iterator[None]:
    """Hold a lock of the folder, by default that of its run, while the block runs.

    A lock whose process has died on this host is taken over; one from another host is not, for
    nobody here can know.

    Raises:
        StoreError: if another process holds the lock, or the folder cannot be written.
    """
    path = folder / name
    me = this_process()
    holder = _take(path, me)
    if holder is not None:
        raise StoreError(
            f"{folder} is in use by {holder}: wait for it or stop it; "
            f"if that process is gone, delete {path}"
        )
    try:
        yield
    finally:
        _release(path, me)


def has_died(folder: Path, host: str, pid: int) -> bool:
    """Whether a process that held a folder's lock, and never gave it back, is known to be gone.

    Its number may be another process's by now: the lock says when its holder started.
    """
    if host != socket.gethostname():
        return False
    try:
        file = os.open(folder / FILE, os.O_RDONLY | SAFELY)
    except OSError:
        return not _exists(pid)
    try:
        holder = _read(file)
    finally:
        os.close(file)
    if holder is not None and (holder.host, holder.pid) == (host, pid):
        return not _may_live(holder)
    return not _exists(pid)


def _take(path: Path, me: Holder) -> Holder | None:
    """None when the lock is now mine, else who holds it."""
    while True:
        with _guarded(path) as file:
            if not _still_there(path, file):  # its holder has just removed it
                continue
            holder = _read(file)
            if holder is not None and _may_live(holder):
                return holder
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(asdict(me)).encode(), 0)
            return None


def _release(path: Path, me: Holder) -> None:
    try:
        with _guarded(path) as file:
            if _still_there(path, file) and _read(file) == me:
                path.unlink()
    except StoreError:  # the folder is gone or read-only by now; a dead holder's lock is harmless
        return


@contextmanager
def _guarded(path: Path) -> Iterator[int]:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | SAFELY, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}): choose a folder that can"
        ) from error
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise StoreError(f"{path} is no lock of certiball's, but a link or a device: remove it")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise StoreError(
                f"{path.parent} is on a file system without locks ({error.strerror}): "
                "choose a folder on another"
            ) from error
        yield file
    finally:
        os.close(file)


def _still_there(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _read(file: int) -> Holder | None:
    """The holder, or None where the file is new or its writer was killed half-way."""
    try:
        return built(Holder, dict(json.loads(os.pread(file, 4096, 0))))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _may_live(holder: Holder) -> bool:
    if holder.host != socket.gethostname():
        return True
    return _exists(holder.pid) and holder.started == _start_time(holder.pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no process has a number beyond an int's
        return False
    except PermissionError:
        pass
    return True


def _start_time(pid: int) -> str:
    """Ticks from boot to the start of a process, with the boot's name; empty where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The name of the program is in brackets and may hold spaces: count from its end.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{boot} {fields[19]}"
