"""Commit and reveal: nothing is drawn before the public number, and the number enters the key."""

import pytest

from certiball.claim import Draw
from certiball.errors import InputError, SpecMismatchError
from certiball.runs.attempt import attempt
from certiball.runs.merge import merge
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.runs.shards import WHOLE, Shard
from certiball.samplers.streams import commitment, key_of, run_key

ROUND = "drand quicknet, round 17000000"
BEACON = 4 * "0123456789abcdef"
OTHER = 4 * "fedcba9876543210"


def fix(folder, job):
    with attempt(folder, prepare(folder, job)) as run:
        return run.draw


def test_keys_of_older_runs_are_what_they_were():
    digest = 64 * "a"
    assert run_key(7, digest) == 182961641863449665781091596300593812531
    assert key_of(Draw(seed=7, chosen=True), digest) == run_key(7, digest)


def test_seed_specification_and_beacon_each_change_the_key():
    keys = {
        run_key(seed, text, beacon)
        for seed in (0, 1)
        for text in ("a", "b")
        for beacon in (None, BEACON, OTHER)
    }
    assert len(keys) == 12


def test_nothing_is_drawn_before_the_beacon(tmp_path, job, carry, stored):
    draw = fix(tmp_path, job(commit=ROUND, seed=None))
    assert draw.waiting
    assert not draw.chosen
    with pytest.raises(InputError, match=r"waits for its public number .*17000000.*--beacon"):
        carry(tmp_path, job(seed=None))
    with pytest.raises(InputError, match="waits"):
        carry(tmp_path, job(commit=ROUND, seed=None))
    assert stored(tmp_path) == {}


def test_the_beacon_is_mixed_in_and_kept(tmp_path, job, carry, stored):
    before = fix(tmp_path, job(commit=ROUND))
    assert carry(tmp_path, job(beacon=BEACON), bundles=1)
    assert carry(tmp_path, job())[-1].complete
    results = read_run(tmp_path)
    assert results.draws[WHOLE] == Draw(
        seed=before.seed, chosen=True, announced=ROUND, beacon=BEACON
    )
    plain, other = tmp_path / "plain", tmp_path / "other"
    carry(plain, job())
    fix(other, job(commit=ROUND))
    carry(other, job(beacon=OTHER))
    votes = [tuple(v for _, v in stored(folder).values()) for folder in (tmp_path, plain, other)]
    assert len(set(votes)) == 3


def published(folder, specification):
    return {
        shard: commitment(draw, specification, str(shard))
        for shard, draw in read_run(folder).draws.items()
    }


def test_the_commitment_stands_before_and_after(tmp_path, job, carry):
    draw = fix(tmp_path, job(commit=ROUND, seed=None))
    assert fix(tmp_path, job(commit=ROUND, seed=None)) == draw
    digest = prepare(tmp_path, job()).spec.digest
    before = published(tmp_path, digest)
    carry(tmp_path, job(beacon=BEACON, seed=None))
    assert published(tmp_path, digest) == before == {WHOLE: commitment(draw, digest, "1/1")}


def test_every_part_of_a_commitment_counts():
    usual = {"seed": 7, "chosen": False, "announced": ROUND}
    draws = [Draw(**usual), Draw(**usual | {"seed": 8}), Draw(**usual | {"announced": "noon"})]
    found = {commitment(d, s, p) for d in draws for s in ("a", "b") for p in ("1/2", "2/2")}
    assert len(found) == 12
    with pytest.raises(InputError, match="announced no public number"):
        commitment(Draw(seed=7, chosen=False), "a", "1/1")


def test_a_beacon_for_a_run_that_did_not_wait(tmp_path, job, carry):
    with pytest.raises(InputError, match="begin it with --commit"):
        carry(tmp_path / "new", job(beacon=BEACON))
    carry(tmp_path / "old", job(), bundles=1)
    with pytest.raises(SpecMismatchError, match="was begun without --commit"):
        carry(tmp_path / "old", job(beacon=BEACON))
    with pytest.raises(SpecMismatchError, match="was begun without --commit"):
        fix(tmp_path / "old", job(commit=ROUND))


def test_another_beacon_or_announcement_is_refused(tmp_path, job, carry):
    fix(tmp_path, job(commit=ROUND))
    with pytest.raises(SpecMismatchError, match="17000000"):
        fix(tmp_path, job(commit="another round"))
    carry(tmp_path, job(beacon=BEACON), bundles=1)
    with pytest.raises(SpecMismatchError, match=f"begun with the beacon {BEACON}, not {OTHER}"):
        carry(tmp_path, job(beacon=OTHER))
    assert carry(tmp_path, job(beacon=BEACON))[-1].complete


@pytest.mark.parametrize("beacon", ["", "0123", "0x" + BEACON, BEACON.upper(), BEACON + "\n"])
def test_beacons_that_are_none(tmp_path, job, carry, beacon, stored):
    fix(tmp_path, job(commit=ROUND))
    with pytest.raises(InputError, match="hexadecimal"):
        carry(tmp_path, job(beacon=beacon))
    assert read_run(tmp_path).draws[WHOLE].waiting


@pytest.mark.parametrize("said", ["", "  ", "two\nlines", 201 * "x"])
def test_announcements_that_are_none(tmp_path, job, said):
    with pytest.raises(InputError, match="what is announced"):
        fix(tmp_path, job(commit=said))
    with pytest.raises(InputError, match="begin one with --commit"):
        Draw(seed=7, chosen=False, beacon=BEACON)


def test_shards_commit_each_and_merge(tmp_path, job, carry):
    halves = [Shard(number=number, of=2) for number in (1, 2)]
    for half in halves:
        fix(tmp_path / str(half.number), job(commit=ROUND, shard=half, seed=None))
        carry(tmp_path / str(half.number), job(beacon=BEACON, shard=half, seed=None))
    merge([tmp_path / "1", tmp_path / "2"], tmp_path / "both")
    draws = read_run(tmp_path / "both").draws
    assert {draw.beacon for draw in draws.values()} == {BEACON}
    assert len(set(published(tmp_path / "both", "a").values())) == 2
