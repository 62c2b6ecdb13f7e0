"""What a process of certiball's own sets for itself."""

import os

from certiball import process


def test_allocator_thresholds_are_set_where_the_library_has_them(monkeypatch):
    assert process.keep_memory() in (True, False)

    def absent(name):
        raise OSError

    monkeypatch.setattr(process.ctypes, "CDLL", absent)
    assert process.keep_memory() is False


def test_threads_wait_asleep_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    process.settle_process()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    process.settle_process()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_compilers_are_quiet_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("TORCH_LOGS", raising=False)
    process.settle_process()
    assert os.environ["TORCH_LOGS"] == "-dynamo,-inductor"
    monkeypatch.setenv("TORCH_LOGS", "dynamic")
    process.settle_process()
    assert os.environ["TORCH_LOGS"] == "dynamic"
