"""A Ray cluster of this machine: nodes come and go, the votes stay."""

import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from certiball.errors import InputError, MissingExtraError, ModelError
from certiball.executors.cluster import check_installed
from certiball.executors.ray import GRACE, RayWorkers, _Member, ray_workers
from certiball.executors.serial import serial
from executors.test_processes import everything, same


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'certiball\[ray\]'"):
        check_installed()


@pytest.fixture(scope="module")
def cluster():
    """A head without cores of its own and two nodes with one each, made and ended by Ray."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'certiball[ray]'")
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


@pytest.fixture
def node(cluster):
    """One more node; ended at the end, unless the test has done so."""
    added = cluster.add_node(num_cpus=1)
    yield added
    if added in cluster.list_all_nodes():
        cluster.remove_node(added, allow_graceful=False)


@pytest.fixture
def two(cluster, node):
    """The cluster, with two nodes that can work."""
    other = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster, node
    if other in cluster.list_all_nodes():
        cluster.remove_node(other, allow_graceful=False)


pytestmark = [
    pytest.mark.xdist_group("ray"),  # one cluster of this machine at a time
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's, of its own servers' logs
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.mark.slow
def test_votes_are_those_of_this_process(two, work, bundles):
    cluster, _ = two
    wanted = work()
    found = everything(partial(ray_workers, address=cluster.address), wanted, bundles)
    same(found, everything(serial, wanted, bundles))


@pytest.mark.slow
def test_a_node_that_is_lost_costs_its_bundles_only(two, work, bundles, tmp_path):
    """Every batch waits until the test has ended one of the nodes at work."""
    cluster, node = two

    def wait(batch):
        import os
        import time

        if not (tmp_path / "ended").exists():
            (tmp_path / f"at-work-{os.getpid()}").touch()
            while not (tmp_path / "ended").exists():
                time.sleep(0.05)

    def end():
        while len(list(tmp_path.glob("at-work-*"))) < 2:
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)
        (tmp_path / "ended").touch()

    wanted = work(wait)
    ender = threading.Thread(target=end)
    ender.start()
    found = everything(partial(ray_workers, address=cluster.address), wanted, bundles)
    ender.join()
    assert len(list(tmp_path.glob("at-work-*"))) == 2
    same(found, everything(serial, wanted, bundles))


@pytest.mark.slow
def test_a_killed_worker_is_replaced(two, work, bundles, tmp_path):
    cluster, _ = two

    def end_once(batch):
        import os

        try:
            (tmp_path / "ended").mkdir()
        except FileExistsError:
            return
        os.kill(os.getpid(), 9)

    wanted = work(end_once)
    found = everything(partial(ray_workers, workers=1, address=cluster.address), wanted, bundles)
    assert (tmp_path / "ended").exists()
    same(found, everything(serial, wanted, bundles))


@pytest.mark.slow
def test_what_one_machine_fails_on_another_draws(two, work, bundles, tmp_path):
    """The first worker to draw is ill; the other may still be on its way."""
    cluster, _ = two

    def ill(batch):
        import os

        with suppress(FileExistsError):
            (tmp_path / "ill").mkdir()
            (tmp_path / "ill" / str(os.getpid())).touch()
        if (tmp_path / "ill" / str(os.getpid())).exists():
            raise RuntimeError("no such device")

    with ray_workers(work(ill), workers=2, address=cluster.address) as executor:
        executor.submit(bundles[0])
        first = executor.collect()
        assert set(first.failed) == set(bundles[0].inputs)
        for bundle in bundles:
            executor.submit(replace(bundle, avoid=first.worker))
        found = {drawn.bundle: drawn for drawn in (executor.collect() for _ in bundles)}
        assert first.worker not in {drawn.worker for drawn in found.values()}
    same(found, everything(serial, work(), bundles))


@pytest.mark.slow
def test_a_worker_with_another_model_is_refused(two, work, bundles):
    cluster, _ = two
    home = os.getpid()

    def check(classifier):
        if os.getpid() != home:
            raise ModelError("another model")

    with pytest.raises(ModelError, match="another model"):
        everything(
            partial(ray_workers, workers=1, address=cluster.address),
            replace(work(), check=check),
            bundles,
        )


def able(*nodes, coming=False, asked=0.0):
    """Members on such nodes, and who may draw what the first has failed on."""
    members = [_Member(number=n, handle=None, node=node) for n, node in enumerate(nodes)]
    pool = RayWorkers(ray=None, start=None, count=3, actors=members, nodes=list(nodes))
    pool.coming, pool.asked = ({"answer": "actor"} if coming else {}), asked
    assert pool._able(None) == members
    return [member.number for member in pool._able(0)]


def test_another_machine_goes_before_another_worker_and_that_before_the_same():
    assert able("a") == [0]
    assert able("a", "a") == [1]
    assert able("a", "a", "b") == [2]
    assert able("a", "a", "b", coming=True, asked=time.monotonic()) == [2]
    assert able("a", "a", coming=True, asked=time.monotonic()) == []
    assert able("a", coming=True, asked=time.monotonic() - GRACE) == [0]


@pytest.mark.slow
def test_a_bundle_that_ends_every_worker_is_given_up(two, work, bundles):
    cluster, _ = two

    def end(batch):
        os._exit(9)

    with pytest.raises(ModelError, match="3 workers ended on the same work"):
        everything(partial(ray_workers, workers=1, address=cluster.address), work(end), bundles)


@pytest.mark.slow
def test_a_cluster_without_room_is_said_at_once(cluster, work):
    import ray

    ray.init(address=cluster.address, log_to_driver=False)
    while ray.cluster_resources().get("CPU"):  # nodes of other tests, not yet known to be gone
        time.sleep(0.5)
    ray.shutdown()
    with (
        pytest.raises(InputError, match=r"workers must be .* has room for 0 \(1 CPUs each\)"),
        ray_workers(work(), workers=None, address=cluster.address),
    ):
        pass


@pytest.mark.slow
def test_no_cluster_is_one_line(work):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'certiball[ray]'")
    with (
        pytest.raises(InputError, match=r"no Ray cluster at 127.0.0.1:1 .*ray start --head"),
        ray_workers(work(), address="127.0.0.1:1"),
    ):
        pass
