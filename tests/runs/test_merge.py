"""Shards, split and joined."""

import pytest

from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.runs.merge import merge
from certiball.runs.read import read_run
from certiball.runs.shards import WHOLE, Shard, shard_of_position
from certiball.runs.status import read_status


@pytest.fixture
def thirds(tmp_path, job, carry):
    """Three shards of one run."""
    folders = [tmp_path / f"shard{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, start=1):
        carry(folder, job(shard=Shard(number=number, of=3), seed=None))
    return folders


@pytest.mark.parametrize(("number", "of"), [(0, 3), (4, 3), (-1, 1), (1, 0)])
def test_shards_are_counted_from_one(number, of):
    with pytest.raises(InputError, match="does not exist"):
        Shard(number=number, of=of)


@pytest.mark.parametrize("of", [1, 2, 3, 7, 20])
def test_shards_share_out_every_input_once(of):
    inputs = list(range(0, 200, 10))
    parts = [Shard(number=number, of=of).of_inputs(inputs) for number in range(1, of + 1)]
    assert sorted(number for part in parts for number in part) == inputs
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for position, number in enumerate(inputs):
        assert number in shard_of_position(position, of).of_inputs(inputs)


def test_a_chosen_seed_gives_the_votes_of_the_whole(tmp_path, job, carry, stored):
    carry(tmp_path / "whole", job())
    for number in (1, 2):
        carry(tmp_path / f"half{number}", job(shard=Shard(number=number, of=2)))
    merged = merge([tmp_path / "half1", tmp_path / "half2"], tmp_path / "joined")
    assert merged.complete
    assert stored(tmp_path / "joined") == stored(tmp_path / "whole")


def test_all_shards_make_a_whole(tmp_path, thirds, stored):
    merged = merge(thirds, tmp_path / "joined")
    assert merged.complete
    assert [str(shard) for shard in merged.shards] == ["1/3", "2/3", "3/3"]
    joined = read_run(tmp_path / "joined")
    assert joined.complete
    assert len({draw.seed for draw in joined.draws.values()}) == 3
    assert len(joined.attempts) == 3
    for number, folder in enumerate(thirds):
        part = read_run(folder)
        for position in (number, number + 3):
            assert joined.outcomes[position] == part.outcomes[position]
            assert (
                joined.outcomes[position].result.draw
                == joined.draws[Shard(number=number + 1, of=3)]
            )
    status = read_status(tmp_path / "joined")
    assert [(part.done, part.total) for part in status.parts] == [(4280, 4280)] * 3
    assert status.progress.complete


def test_what_is_missing_is_said_and_can_be_added(tmp_path, thirds, job, carry):
    merged = merge(thirds[:2], tmp_path / "two")
    assert not merged.complete
    assert [str(shard) for shard in merged.absent] == ["3/3"]
    results = read_run(tmp_path / "two")
    assert [outcome.result is None for outcome in results.outcomes] == [False, False, True] * 2
    assert merge([tmp_path / "two", thirds[2]], tmp_path / "three").complete


def test_an_unfinished_shard_is_said(tmp_path, thirds, job, carry):
    last = tmp_path / "last"
    carry(last, job(shard=Shard(number=3, of=3)), bundles=0)
    merged = merge([*thirds[:2], last], tmp_path / "joined")
    assert not merged.complete
    assert [str(shard) for shard in merged.unfinished] == ["3/3"]
    assert merged.absent == ()


def test_shards_of_another_run_are_refused(tmp_path, thirds, job, carry):
    carry(tmp_path / "other", job(shard=Shard(number=3, of=3), alpha=0.01))
    with pytest.raises(SpecMismatchError, match=r"another run than .*claim\.alpha: 0\.001 → 0\.01"):
        merge([*thirds[:2], tmp_path / "other"], tmp_path / "joined")
    assert not (tmp_path / "joined").exists()


@pytest.mark.parametrize(("seed", "words"), [(7, "different seeds"), (None, "different seeds")])
def test_a_shard_that_was_drawn_twice_is_refused(tmp_path, thirds, job, carry, seed, words):
    carry(tmp_path / "again", job(shard=Shard(number=2, of=3), seed=seed))
    with pytest.raises(StoreError, match=f"both hold shard 2/3, with {words}"):
        merge([*thirds, tmp_path / "again"], tmp_path / "joined")


def test_the_same_folder_twice_is_refused(tmp_path, thirds, carry, job):
    carry(tmp_path / "a", job(shard=Shard(number=1, of=2)))
    carry(tmp_path / "b", job(shard=Shard(number=1, of=2)))
    with pytest.raises(StoreError, match="both hold shard 1/2, with the same seed"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "joined")


def test_shards_that_are_cut_differently_are_refused(tmp_path, thirds, job, carry):
    carry(tmp_path / "half", job(shard=Shard(number=2, of=2)))
    with pytest.raises(StoreError, match=r"holds shard 2/2 and .* shard 1/3: they overlap"):
        merge([*thirds, tmp_path / "half"], tmp_path / "joined")


def test_nothing_to_merge_and_nowhere_to_put_it(tmp_path, thirds):
    with pytest.raises(InputError, match="nothing to merge"):
        merge([], tmp_path / "joined")
    with pytest.raises(StoreError, match="is not a run folder"):
        merge([tmp_path / "absent"], tmp_path / "joined")
    with pytest.raises(StoreError, match="holds a run already"):
        merge(thirds, thirds[0])


def test_a_store_without_a_run_is_no_shard(tmp_path, thirds):
    from certiball.runs.store import open_for_writing

    (tmp_path / "empty").mkdir()
    with open_for_writing(tmp_path / "empty"):
        pass
    with pytest.raises(StoreError, match="holds no run yet"):
        merge([tmp_path / "empty", *thirds], tmp_path / "joined")
    with pytest.raises(StoreError, match="holds no run yet"):
        read_status(tmp_path / "empty")


def test_environments_and_sources_come_along(tmp_path, job, carry, monkeypatch):
    from certiball.runs import attempt as module
    from certiball.runs.source import Source

    source = Source(text="greys.npz", space="uint8", classes=("dark", "light"))
    facts = module.environment()
    for number in (1, 2):
        monkeypatch.setattr(
            module, "environment", lambda _, number=number: {**facts, "cpu": f"cpu {number}"}
        )
        shard = Shard(number=number, of=2)
        carry(tmp_path / f"half{number}", job(shard=shard, source=source))
    merge([tmp_path / "half1", tmp_path / "half2"], tmp_path / "joined")
    results = read_run(tmp_path / "joined")
    assert results.source == source
    assert [found["cpu"] for found in results.environments.values()] == ["cpu 1", "cpu 2"]
    assert [attempt.environment for attempt in results.attempts] == [1, 2]


def test_the_whole_is_one_shard_of_one():
    assert str(WHOLE) == "1/1"
    assert WHOLE.of_inputs([3, 4]) == [3, 4]


def test_a_folder_given_twice_is_named_however_it_is_written(tmp_path, thirds):
    again = tmp_path / "shard2" / ".." / "shard1"
    for second in (thirds[0], again):
        with pytest.raises(InputError, match="shard1 is given twice: give each shard once"):
            merge([thirds[0], second, thirds[2]], tmp_path / "joined")
    assert not (tmp_path / "joined").exists()
