"""Whole commands on a Ray cluster of two nodes, which the tests start and end."""

import signal

import pytest

from certiball.runs.read import read_run
from certiball.runs.status import read_status
from end_to_end.test_stopping import _votes, _wait_for_votes
from end_to_end.test_workers import HELD, RAISING

pytestmark = [
    pytest.mark.xdist_group("ray"),  # one cluster of this machine at a time
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's, of its own servers' logs
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture
def cluster():
    """A head without cores, and two nodes of one core each."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'certiball[ray]'")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        made.nodes = [made.add_node(num_cpus=1), made.add_node(num_cpus=1)]
        made.wait_for_nodes()
        yield made
    finally:
        made.shutdown()


@pytest.fixture
def hold(home):
    """Until this file is removed, no run ends."""
    (home / "nets.py").write_text((home / "nets.py").read_text() + HELD)
    (home / "hold").touch()
    return home / "hold"


@pytest.fixture
def on_cluster(start, cluster, hold):
    def begin(out, *more):
        return start(
            out, "--model", "nets:Held", "--executor", "ray", "--address", cluster.address, *more
        )

    return begin


def _quiet(start, home):
    with start("quiet", "--model", "nets:Held") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    return _votes(home / "quiet")


def test_a_node_that_is_killed_changes_no_vote(start, on_cluster, home, cluster, hold):
    with on_cluster("run") as process:
        _wait_for_votes(home / "run", process)
        cluster.remove_node(cluster.nodes[0], allow_graceful=False)
        assert process.poll() is None  # in the middle of the run
        hold.unlink()
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert _votes(home / "run") == _quiet(start, home)


def test_a_killed_driver_goes_on(start, on_cluster, home, hold):
    with on_cluster("run") as process:
        _wait_for_votes(home / "run", process)
        process.kill()
        process.communicate()
    assert not read_run(home / "run").complete
    hold.unlink()
    with on_cluster("run") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert [a.outcome for a in read_run(home / "run").attempts] == [None, "done"]
    assert _votes(home / "run") == _quiet(start, home)


def test_an_input_that_raises_is_reported_and_the_rest_finish(start, on_cluster, home):
    (home / "nets.py").write_text((home / "nets.py").read_text() + RAISING)
    options = ("--model", "nets:Raising", "--sigma", "0.01", "--batch", "32", "--n", "6000")
    with on_cluster("run", *options) as process:
        _, errors = process.communicate()
    assert process.returncode == 3, errors
    status = read_status(home / "run")
    assert list(status.failures) == [5]
    assert "too light for me" in status.failures[5]
    assert status.progress.complete
    assert status.progress.done == 5 * 6100


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_says_how_to_go_on(start, on_cluster, home, number):
    with on_cluster("run") as process:
        _wait_for_votes(home / "run", process)
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "interrupted; " in errors
    assert "Traceback" not in errors
