"""Bundles on a Ray cluster that somebody else runs: actors hold the model, bundles are tasks."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from certiball.errors import CertiballError, InputError, ModelError
from certiball.executors.cluster import check_installed, connected, first_line
from certiball.executors.shipping import Parcel, device_of, pack, unpack
from certiball.executors.work import Bundle, Drawn, Work, draw
from certiball.process import keep_memory

LOSSES = 3  # workers that one bundle may cost before it is given up
QUEUE = 2  # bundles per worker, one of them on its way
PATIENCE = 600.0  # seconds without any worker: a cluster may have to start machines
GRACE = 60.0  # seconds in which another machine may come for what one has failed on
QUIET = {"OMP_WAIT_POLICY": "PASSIVE"}


class Actor:
    """A worker of the cluster."""

    def __init__(self, parcel: Parcel) -> None:
        keep_memory()
        import ray

        self.node: str = ray.get_runtime_context().get_node_id()
        self.error: str | None = None
        try:
            self.work = unpack(parcel)
            self.facts = self.work.facts()
        except CertiballError as error:
            self.error = str(error)

    def ready(self) -> tuple[str, str | None]:
        """Its machine; answers once the model is loaded, with a text if it cannot be."""
        return self.node, self.error

    def draw(self, bundle: Bundle) -> Drawn | str:
        """What was drawn, or a text that says what is wrong."""
        try:
            return draw(self.work, bundle, self.facts)
        except CertiballError as error:
            return str(error)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Member:
    """An actor that answers."""

    number: int
    handle: Any
    node: str


@dataclass(kw_only=True)
class RayWorkers:
    """Actors of a cluster. One that is lost, with its machine or alone, is replaced.

    An actor gets bundles once it is there: until then others do the work, so that a cluster that
    has shrunk goes on with what is left.
    """

    ray: Any
    start: Any  # makes an actor
    count: int
    actors: list[_Member] = field(default_factory=list)  # those that answer
    coming: dict[Any, Any] = field(default_factory=dict)  # actors by the answer of `ready`
    tasks: dict[Any, tuple[_Member, Bundle]] = field(default_factory=dict)  # by the answer's name
    nodes: list[str] = field(default_factory=list)  # of all members there ever were, by number
    asked: float = 0.0  # when an actor was last asked for
    waiting: deque[Bundle] = field(default_factory=deque)
    losses: Counter[int | None] = field(default_factory=Counter)

    @property
    def slots(self) -> int:
        """Two for each worker that was asked for."""
        return QUEUE * self.count

    def submit(self, bundle: Bundle) -> None:
        """Give a bundle to the actor that has the fewest, or keep it for the next."""
        self.waiting.append(bundle)
        self._hand_out()

    def collect(self) -> Drawn:
        """The next bundle that an actor has done.

        Raises:
            ModelError: if the model cannot be loaded, or one bundle costs actor after actor.
            InputError: if the cluster has no room for any actor.
        """
        since = time.monotonic()
        while True:
            found, _ = self.ray.wait([*self.tasks, *self.coming], num_returns=1, timeout=1.0)
            for answer in found:
                if answer in self.coming:
                    self._arrived(answer)
                elif (drawn := self._done(answer)) is not None:
                    self._hand_out()
                    return drawn
            self._hand_out()
            if self.actors:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                raise InputError(
                    f"the Ray cluster had no room for a worker for {PATIENCE:.0f} s (it has "
                    f"{self.ray.cluster_resources()}): see ray status, or take fewer --threads"
                )

    def add(self) -> None:
        """Ask the cluster for one more actor."""
        actor = self.start()
        self.asked = time.monotonic()
        self.coming[actor.ready.remote()] = actor

    def close(self) -> None:
        """End all actors at once: they hold nothing that is not done again."""
        for handle in (*(member.handle for member in self.actors), *self.coming.values()):
            self.ray.kill(handle)

    def _hand_out(self) -> None:
        loads = Counter(member.number for member, _ in self.tasks.values())
        kept = []
        while self.waiting and self.actors:
            bundle = self.waiting.popleft()
            able = [m for m in self._able(bundle.avoid) if loads[m.number] < QUEUE]
            if able:
                member = min(able, key=lambda each: loads[each.number])
                loads[member.number] += 1
                self.tasks[member.handle.draw.remote(bundle)] = member, bundle
                continue
            kept.append(bundle)
            if bundle.avoid is None:  # then all have enough
                break
        self.waiting.extendleft(reversed(kept))

    def _able(self, avoid: int | None) -> list[_Member]:
        """Who may draw a bundle that one has failed on: another, on another machine if there is."""
        if avoid is None:
            return self.actors
        others = [member for member in self.actors if member.number != avoid]
        apart = [member for member in others if member.node != self.nodes[avoid]]
        if not apart and self.coming and time.monotonic() - self.asked < GRACE:
            return []
        return apart or others or self.actors

    def _arrived(self, answer: Any) -> None:
        actor = self.coming.pop(answer)
        try:
            node, problem = self.ray.get(answer)
        except self.ray.exceptions.RayActorError as error:
            self._count_loss(None, error)
            self.add()
            return
        if problem is not None:
            raise ModelError(str(problem))
        self.losses[None] = 0
        self.actors.append(_Member(number=len(self.nodes), handle=actor, node=node))
        self.nodes.append(node)

    def _done(self, answer: Any) -> Drawn | None:
        """What a task gave; None if it was lost with its actor, and waits for another."""
        member, bundle = self.tasks.pop(answer)
        try:
            drawn: Drawn | str = self.ray.get(answer)
        except (self.ray.exceptions.RayActorError, self.ray.exceptions.ObjectLostError) as error:
            self._count_loss(bundle.number, error)
            self.waiting.appendleft(bundle)
            if member in self.actors:
                self.actors.remove(member)
                self.ray.kill(member.handle)
                self.add()
            return None
        except self.ray.exceptions.RayError as error:
            raise ModelError(
                f"the Ray cluster failed ({first_line(error)}): what is stored is safe; see ray "
                "status, and start the same command again"
            ) from error
        if isinstance(drawn, str):
            raise ModelError(drawn)
        return replace(drawn, worker=member.number if self.count > 1 else None)

    def _count_loss(self, bundle: int | None, error: Exception) -> None:
        self.losses[bundle] += 1
        # Those that are lost while they start may be those of one machine.
        if self.losses[bundle] >= (LOSSES if bundle is not None else LOSSES * self.count):
            raise ModelError(
                f"{self.losses[bundle]} workers ended on the same work ({first_line(error)}): "
                "what is stored is safe; look for the error with --executor serial"
            ) from error


@contextmanager
def ray_workers(
    work: Work, workers: int | None = None, address: str = "auto"
) -> Iterator[RayWorkers]:
    """A Ray cluster as an executor.

    Args:
        work: what all bundles share.
        workers: how many actors; None for one per GPU of the cluster where the model is on a GPU,
            and else for as many as its cores bear at the run's number of threads each.
        address: of the cluster, as `ray.init` takes it.

    Raises:
        MissingExtraError: if Ray is not installed.
        InputError: if no cluster is found, it has no room, or the model cannot be sent.
    """
    ray = check_installed()
    gpus = 1 if device_of(work.g.classifier) == "cuda" else 0
    share = 1 if gpus else work.execution.threads
    with connected(address):
        room = ray.cluster_resources()
        most = int(room.get("GPU", 0)) if gpus else int(room.get("CPU", 0)) // share
        count = most if workers is None else workers
        if count < 1:
            raise InputError(
                f"workers must be at least 1, and the cluster at {address} has room for {most} "
                f"({'1 GPU' if gpus else f'{share} CPUs'} each): see ray status"
            )
        parcel = ray.put(pack(work))
        kind = ray.remote(Actor).options(
            num_cpus=share, num_gpus=gpus, max_restarts=0, runtime_env={"env_vars": QUIET}
        )
        pool = RayWorkers(ray=ray, start=lambda: kind.remote(parcel), count=count)
        try:
            for _ in range(count):
                pool.add()
            yield pool
        finally:
            pool.close()
