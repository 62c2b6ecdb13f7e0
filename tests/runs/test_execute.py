"""A run is its plan minus what is stored, whatever interrupts it."""

from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from certiball.classifiers.function import FunctionClassifier
from certiball.errors import InputError, ModelError, StoreError
from certiball.executors import Drawn
from certiball.executors.serial import Serial
from certiball.executors.work import draw
from certiball.runs import execute as module
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.items import content_of
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.smoothed import Smoothed


def test_votes_and_clean_labels_of_every_input_are_stored(tmp_path, job, carry, stored):
    reports = carry(tmp_path / "run", job())
    assert reports[0].done == 0
    assert reports[0].left is None
    assert reports[-1].done == reports[-1].total == 6 * 2140
    assert reports[-1].complete
    assert reports[-1].left == 0
    blocks = stored(tmp_path / "run")
    # Per input: one label, 40 votes to select, and 2,100 in blocks of 32 · 32.
    assert {key[1:] for key in blocks if key[0] == "clean"} == {(i, 0, 0) for i in range(6)}
    assert {key[1:] for key in blocks if key[0] == "votes"} == {
        (i, phase, first) for i in range(6) for phase, first in ((0, 0), (1, 0), (1, 32), (1, 64))
    }


@pytest.mark.usefixtures("small_bundles")
@pytest.mark.parametrize("bundles", [0, 1, 2, 7])
def test_a_stopped_run_goes_on_to_the_same_votes(tmp_path, job, carry, stored, bundles):
    carry(tmp_path / "whole", job())
    carry(tmp_path / "parts", job(), bundles=bundles)
    assert not read_run(tmp_path / "parts").complete
    carry(tmp_path / "parts", job(), bundles=bundles)
    last = carry(tmp_path / "parts", job())
    assert last[-1].complete
    assert stored(tmp_path / "parts") == stored(tmp_path / "whole")
    outcomes = [attempt.outcome for attempt in read_run(tmp_path / "parts").attempts]
    assert outcomes == ["stopped early", "stopped early", "done"]


def test_a_finished_run_has_nothing_to_do(tmp_path, job, carry, stored):
    carry(tmp_path, job())
    before = stored(tmp_path)
    assert [progress.complete for progress in carry(tmp_path, job())] == [True]
    assert stored(tmp_path) == before


@pytest.mark.parametrize(("batch", "block"), [(1, 32), (7, 32), (300, 32), (64, 1), (64, 1000)])
def test_votes_depend_on_neither_batch_nor_block_size(
    tmp_path, job, monkeypatch, batch, block, stored
):
    """Sums of whole numbers are the same in any batch, so the votes show the noise alone."""
    counts = []
    for size, folder in ((block, tmp_path / "a"), (32, tmp_path / "b")):
        request = prepare(folder, job(batch=batch if size == block else 64))
        spec = replace(request.spec, block=size)
        # The key hashes the specification, in which the sizes are: fix it to compare the noise.
        monkeypatch.setattr(module, "key_of", lambda draw, digest: draw.seed)
        with attempt(folder, replace(request, spec=spec)) as run:
            list(execute(run, job().g, job().dataset))
        counts.append([outcome.result.estimation for outcome in read_run(folder).outcomes])
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("small_bundles")
def test_time_is_up_after_whole_bundles(tmp_path, job):
    wanted = job()
    with attempt(tmp_path, prepare(tmp_path, wanted)) as run:
        reports = list(execute(run, wanted.g, wanted.dataset, max_seconds=1e-9))
    assert len(reports) == 2
    assert 0 < reports[-1].done < reports[-1].total
    with attempt(tmp_path, prepare(tmp_path, wanted)) as run:
        reports = list(execute(run, wanted.g, wanted.dataset, max_seconds=1e9))
    assert reports[-1].complete


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_time_limit_is_positive(tmp_path, job, seconds):
    wanted = job()
    with (
        attempt(tmp_path, prepare(tmp_path, wanted)) as run,
        pytest.raises(InputError, match="max-seconds must be > 0"),
    ):
        list(execute(run, wanted.g, wanted.dataset, max_seconds=seconds))


@pytest.mark.usefixtures("small_bundles")
def test_an_interruption_in_the_middle_of_storing_loses_one_bundle_only(
    tmp_path, job, carry, stored, monkeypatch
):
    carry(tmp_path / "whole", job())
    real, calls = module.write_evidence, []

    def interrupted(*arguments):
        real(*arguments)
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_evidence", interrupted)
    with pytest.raises(KeyboardInterrupt):
        carry(tmp_path / "run", job())
    assert read_run(tmp_path / "run").attempts[0].outcome == "interrupted"
    # Clean labels, a bundle of two blocks and one of one; the third was rolled back.
    assert sum(key[0] == "votes" for key in stored(tmp_path / "run")) == 3
    carry(tmp_path / "run", job())
    assert stored(tmp_path / "run") == stored(tmp_path / "whole")


@pytest.mark.usefixtures("small_bundles")
def test_an_input_that_changes_while_the_run_goes_on_stops_it(tmp_path, job, carry, dataset):
    """As a folder of images does, whose files are read again."""
    wanted = job()
    pixels = dataset.inputs.copy()
    pixels[4, 0, 1, 1] += 1
    changed = replace(dataset, inputs=pixels)
    with (
        pytest.raises(StoreError, match=r"input 4 of six greys is no longer what it was"),
        attempt(tmp_path, prepare(tmp_path, wanted)) as run,
    ):
        list(execute(run, wanted.g, changed))
    request = prepare(tmp_path, wanted)
    forged = [replace(item, content="0" * 32) for item in request.items]
    with (
        pytest.raises(StoreError, match=r"input 4 of six greys is no longer what it was"),
        attempt(tmp_path, replace(request, items=forged)) as run,  # what is stored counts
    ):
        list(execute(run, wanted.g, changed))
    assert carry(tmp_path, wanted)[-1].complete


def test_contents_tell_inputs_apart():
    base = np.zeros((1, 2, 2), np.uint8)
    others = [base + 1, base.reshape(2, 2), base.astype(np.int16)]
    found = {content_of(x) for x in (base, *others)}
    assert len(found) == 4
    little, big = (np.arange(4, dtype=f"{end}i4") for end in "<>")
    assert content_of(little) == content_of(big)


def test_a_lost_block_is_drawn_again_and_counts_once(tmp_path, job, carry, stored):
    carry(tmp_path, job())
    before = stored(tmp_path)
    with attempt(tmp_path, prepare(tmp_path, job())) as run:
        run.connection.execute("DELETE FROM blocks WHERE input = 2 AND phase = 1 AND first = 32")
    assert read_run(tmp_path).outcomes[2].result is None
    assert carry(tmp_path, job())[-1].complete
    assert stored(tmp_path) == before


def test_a_model_that_gives_no_votes_is_named_with_its_input_and_noted(tmp_path, job, dataset):
    classifier = FunctionClassifier(lambda x: [2] * len(x), num_classes=2)
    g = Smoothed(classifier, job().g.law, space=dataset.space)
    wanted = job(g=g)
    with (
        pytest.raises(ModelError, match="input 0"),
        attempt(tmp_path, prepare(tmp_path, wanted)) as run,
    ):
        list(execute(run, g, dataset))
    assert read_run(tmp_path).attempts[0].outcome.startswith("failed (ModelError: ")


@dataclass(kw_only=True)
class Untimely(Serial):
    """Four bundles at a time; one or two of input 0 fail, the witness comes next."""

    always: bool
    slots: int = 4
    failures: int = 0

    def collect(self):
        if self.failures == 1 and self.waiting[-1].samples < 32:
            return draw(self.work, self.waiting.pop())
        bundle = self.waiting.popleft()
        mine = {block.input for block in bundle.blocks} == {0}
        if not mine or (self.failures and not self.always):
            return draw(self.work, bundle)
        self.failures += 1
        return Drawn(bundle=bundle.number, failed={0: f"no {self.failures}"}, error="no")


@pytest.mark.usefixtures("small_bundles")
@pytest.mark.parametrize("always", [False, True])
def test_what_comes_of_an_input_that_failed_meanwhile_is_not_stored(
    tmp_path, job, carry, stored, always
):
    """Its other blocks are out when the first fails, and give votes or fail as well."""
    carry(tmp_path / "whole", job())
    made = []

    @contextmanager
    def untimely(work):
        made.append(Untimely(work=work, always=always))
        yield made[0]

    with attempt(tmp_path / "run", prepare(tmp_path / "run", job())) as run:
        last = list(execute(run, job().g, job().dataset, executor=untimely))[-1]
    assert made[0].failures == (2 if always else 1)
    assert (last.complete, last.settled, last.inputs) == (True, 6, 6)
    assert last.done == last.total == 5 * 2140
    whole = stored(tmp_path / "whole")
    kept = {key: row for key, row in whole.items() if key[:2] != ("votes", 0)}
    assert stored(tmp_path / "run") == kept
    assert read_run(tmp_path / "run").outcomes[0].failure == "no 1"
