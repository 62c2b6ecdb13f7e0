"""Which file system a folder is on."""

import pytest

from certiball.runs.filesystem import file_system, on_network

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/home {root}/home nfs4 rw 0 0
tmpfs {root}/home/me/fast tmpfs rw 0 0
none {root}/with\\040space fuse.sshfs rw 0 0
none {root}/twice ext4 rw 0 0
none {root}/twice lustre rw 0 0
"""


@pytest.fixture
def mounts(tmp_path):
    path = tmp_path / "mounts"
    path.write_text(MOUNTS.replace("{root}", str(tmp_path)))
    return path


@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("elsewhere", "ext4", False),
        ("home", "nfs4", True),
        ("home/me/runs", "nfs4", True),
        ("home/me/fast/run", "tmpfs", False),
        ("homes", "ext4", False),
        ("with space/run", "fuse.sshfs", True),
        ("twice/run", "lustre", True),
    ],
)
def test_the_deepest_and_last_mount_counts(tmp_path, mounts, folder, kind, network):
    assert file_system(tmp_path / folder, mounts) == kind
    assert on_network(tmp_path / folder, mounts) == network


def test_links_are_followed(tmp_path, mounts):
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    assert on_network(tmp_path / "link", mounts)


def test_a_system_that_does_not_tell_is_taken_as_local(tmp_path):
    assert file_system(tmp_path, tmp_path / "absent") == ""
    assert not on_network(tmp_path, tmp_path / "absent")
