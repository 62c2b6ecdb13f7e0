"""Which kind of file system a folder is on.

SQLite's write-ahead log needs shared memory, which network file systems do not have.
"""

from pathlib import Path

MOUNTS = Path("/proc/mounts")
NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb3", "smbfs"),
        *("virtiofs", "wekafs", "fuse.ceph", "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs"),
        *("fuse.s3fs", "fuse.sshfs"),
    }
)


def on_network(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a folder is on a network file system; False where the system does not tell."""
    return file_system(folder, mounts) in NETWORK


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that holds a folder, as in /proc/mounts; empty if unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    resolved = folder.resolve()
    found, depth = "", -1
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        where = Path(point.replace("\\040", " "))
        # Of several mounts at one point, the last hides the others: hence ≥.
        if (resolved == where or where in resolved.parents) and len(where.parts) >= depth:
            found, depth = kind, len(where.parts)
    return found
