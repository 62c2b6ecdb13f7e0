"""--executor, --workers and --address, as a user meets them."""

import sys

import pytest

from certiball.runs.read import read_run


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--workers", 2), "--workers 2 is for --executor processes or ray"),
        (("--executor", "processes", "--workers", 0), "--workers must be at least 1, not 0"),
        (("--address", "auto"), "--address auto is for --executor ray"),
        (("--executor", "processes", "--address", "h:1"), "--address h:1 is for --executor ray"),
        (("--executor", "dask"), "'dask' is not one of 'serial', 'processes', 'ray'"),
    ],
)
def test_mistakes_are_one_line(certify, home, options, message):
    said = certify(*options)
    assert said.code == 2
    assert message in said.err
    assert not (home / "run").exists()


def test_ray_that_is_not_installed_is_named_before_anything_is_loaded(certify, home, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    said = certify("--executor", "ray", data="absent.npz")
    assert said.code == 2
    assert "pip install 'certiball[ray]'" in said.err


def test_workers_certify_with_one_thread_each_and_any_executor_goes_on(certify, home):
    said = certify("--executor", "processes", "--workers", 2, "--max-seconds", "1e-9", n=9000)
    assert said.code == 3, said.err
    said = certify("--executor", "serial", n=9000)
    assert said.code == 0, said.err
    results = read_run(home / "run")
    assert results.complete
    assert results.spec.execution.threads == 1
    assert len(results.attempts) == 2


def test_ray_without_a_cluster_leaves_nothing_behind(certify, home):
    pytest.importorskip("ray", reason="Ray is not installed")
    said = certify("--executor", "ray", "--address", "127.0.0.1:9")
    assert said.code == 2
    assert "no Ray cluster at 127.0.0.1:9" in said.err
    assert said.out == ""
    assert not (home / "run").exists()
