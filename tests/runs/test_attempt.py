"""Who may begin a run, and who may go on with it."""

import json
from dataclasses import replace

import pytest

from certiball.certification.plan import FixedSamples
from certiball.claim import Rule
from certiball.datasets.arrays import ArrayDataset
from certiball.errors import SpecMismatchError, StoreError
from certiball.runs import attempt as module
from certiball.runs.attempt import attempt, stored_spec
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.runs.shards import Shard
from certiball.runs.spec import from_json, to_json
from certiball.runs.store import transaction
from runs.conftest import bright


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sigma": 0.5}, "claim.law.sigma: 0.25 → 0.5"),
        ({"plan": FixedSamples(n0=40, n=3000)}, "plan.n: 2100 → 3000"),
        ({"alpha": 0.01}, "claim.alpha: 0.001 → 0.01"),
        ({"rule": Rule.TWO_CLASS}, "claim.rule: one-sided → two-class"),
        ({"every": 2}, "data.every: 1 → 2"),
        ({"first": 3}, "data.first: None → 3"),
        ({"batch": 32}, "execution.batch: 64 → 32"),
        ({"name": "v2"}, "model.digest: "),
    ],
)
def test_another_specification_is_refused_naming_what_differs(
    tmp_path, job, carry, stored, change, named
):
    carry(tmp_path, job())
    before = stored(tmp_path)
    with pytest.raises(SpecMismatchError) as refusal:
        carry(tmp_path, job(**change))
    assert named in str(refusal.value)
    assert "choose another folder" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert stored(tmp_path) == before


def test_other_pixels_are_other_data(tmp_path, job, carry, dataset):
    carry(tmp_path, job())
    pixels = dataset.inputs.copy()
    pixels[0, 0, 0, 0] += 1
    with pytest.raises(SpecMismatchError, match=r"data\.digest"):
        carry(tmp_path, job(dataset=replace(dataset, inputs=pixels)))


def test_other_names_are_the_same_run(tmp_path, job, carry, dataset):
    carry(tmp_path, job())
    renamed = job(model_name="moved", dataset=replace(dataset, name="copied"))
    assert isinstance(renamed.dataset, ArrayDataset)
    assert carry(tmp_path, renamed)[-1].complete


def test_an_unidentified_model_is_known_by_its_name(tmp_path, job, carry):
    carry(tmp_path, job(name=None))
    with pytest.raises(SpecMismatchError, match=r"model\.name: bright → moved"):
        carry(tmp_path, job(name=None, model_name="moved"))


def test_an_unidentified_model_that_answers_otherwise_is_refused(tmp_path, job, carry, stored):
    carry(tmp_path, job(name=None), bundles=0)
    carry(tmp_path, job(name=None), bundles=0)
    before = stored(tmp_path)
    with pytest.raises(SpecMismatchError, match=r"model\.probes: \w+ → \w+"):
        carry(tmp_path, job(name=None, function=lambda batch: 1 - bright(batch)))
    assert stored(tmp_path) == before


def test_the_labels_of_probes_are_for_unidentified_models_alone(tmp_path, job):
    named, nameless = (prepare(tmp_path, job(name=name)).spec for name in ("v1", None))
    assert named.model.probes is None
    assert "probes" not in to_json(named)["model"]  # as in stores of older versions
    assert from_json(to_json(nameless)) == nameless


def test_going_on_takes_the_shape_that_was_tuned(tmp_path, job, carry, monkeypatch):
    carry(tmp_path, job())

    def tuned_again(*arguments):
        raise AssertionError("a begun run must not be tuned again")

    monkeypatch.setattr("certiball.runs.prepare.execution_for", tuned_again)
    assert carry(tmp_path, job(batch=None, threads=None))[-1].complete


def test_a_new_run_is_tuned_and_a_shard_is_not(tmp_path, job, monkeypatch):
    import certiball.runs.prepare as prepare_module
    from certiball.execution import Execution

    tuned = Execution(batch=5, threads=1)
    monkeypatch.setattr(prepare_module, "execution_for", lambda *arguments: tuned)
    alone = prepare(tmp_path, job(batch=None, threads=None))
    assert alone.spec.execution == tuned
    part = prepare(tmp_path, job(batch=None, layout="channels_last", shard=Shard(number=1, of=2)))
    assert (part.spec.execution.batch, part.spec.execution.layout) == (128, "channels_last")


def test_shards_of_machines_with_other_cores_are_of_one_run(tmp_path, job, carry, monkeypatch):
    from certiball.runs.merge import merge

    for number, cores in ((1, 1), (2, 3)):
        monkeypatch.setattr("torch.get_num_threads", lambda cores=cores: cores)
        shard = Shard(number=number, of=2)
        carry(tmp_path / str(number), job(threads=None, shard=shard))
        assert stored_spec(tmp_path / str(number)).execution.threads == 1
    assert merge([tmp_path / "1", tmp_path / "2"], tmp_path / "joined").complete
    forced = prepare(tmp_path / "3", job(threads=2, shard=Shard(number=1, of=2)))
    assert forced.spec.execution.threads == 2


def test_another_chosen_seed_is_refused_and_none_goes_on(tmp_path, job, carry):
    carry(tmp_path, job())
    with pytest.raises(SpecMismatchError, match="leave --seed out"):
        carry(tmp_path, job(seed=8))
    carry(tmp_path, job(seed=None))
    [draw] = read_run(tmp_path).draws.values()
    assert (draw.seed, draw.chosen) == (7, True)


def test_a_seed_that_nobody_chose_comes_from_the_system(tmp_path, job, carry):
    for name in ("a", "b"):
        carry(tmp_path / name, job(seed=None))
    (first,), (second,) = (read_run(tmp_path / name).draws.values() for name in ("a", "b"))
    assert not first.chosen
    assert first.seed != second.seed
    assert first.seed > 2**64


def test_another_environment_must_be_accepted_and_is_recorded(tmp_path, job, carry, monkeypatch):
    carry(tmp_path, job(), bundles=0)
    facts = module.environment()
    monkeypatch.setattr(module, "environment", lambda _: {**facts, "torch": "9.9", "gpu": "H1000"})
    with pytest.raises(StoreError, match=r"torch: .* → 9\.9.*--accept-environment"):
        carry(tmp_path, job())
    assert carry(tmp_path, job(accept_environment=True))[-1].complete
    assert carry(tmp_path, job())[-1].complete  # known by now
    results = read_run(tmp_path)
    assert [attempt.environment for attempt in results.attempts] == [1, 2, 2]
    assert results.environments[2]["gpu"] == "H1000"


def test_each_shard_has_a_folder_of_its_own(tmp_path, job, carry):
    carry(tmp_path, job(shard=Shard(number=1, of=2)))
    with pytest.raises(StoreError, match="holds shard 1/2, not 2/2 alone"):
        carry(tmp_path, job(shard=Shard(number=2, of=2)))


def test_a_folder_with_other_files_is_refused(tmp_path, job, carry):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(StoreError, match=r"not empty \(it has thesis\.tex\)"):
        carry(tmp_path, job())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_path_below_a_file_is_refused(tmp_path, job, carry):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(StoreError, match="cannot be used as a run folder"):
            carry(folder, job())


def test_the_specification_lies_beside_the_store_to_be_read(tmp_path, job, carry):
    carry(tmp_path, job())
    spec = read_run(tmp_path).spec
    assert json.loads((tmp_path / "spec.json").read_text())["digest"] == spec.digest
    assert stored_spec(tmp_path) == spec
    assert {path.name for path in tmp_path.iterdir()} == {"run.sqlite", "spec.json"}


def test_a_run_whose_store_was_removed_is_not_begun_again_by_itself(tmp_path, job, carry):
    carry(tmp_path, job())
    (tmp_path / "run.sqlite").unlink()
    with pytest.raises(StoreError, match=r"its store removed .*is another attempt.* or delete"):
        carry(tmp_path, job(seed=None))
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]
    (tmp_path / "spec.json").unlink()
    assert carry(tmp_path, job(seed=None))[-1].complete


def test_a_specification_that_cannot_be_written_is_one_line(tmp_path, job, carry):
    (tmp_path / "spec.json").mkdir()
    with pytest.raises(StoreError, match=r"cannot write .*spec\.json"):
        carry(tmp_path, job())


def test_a_run_that_was_killed_before_it_began_begins(tmp_path, job, carry, monkeypatch):
    class Killed(BaseException):
        """Like SIGKILL: nothing may run after it."""

    def killed(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, "_fix", killed)
        with pytest.raises(Killed):
            carry(tmp_path, job())
    assert stored_spec(tmp_path) is None
    with pytest.raises(StoreError, match="holds no run yet"):
        read_run(tmp_path)
    assert carry(tmp_path, job())[-1].complete


def test_a_specification_that_was_edited_is_refused(tmp_path, job, carry):
    carry(tmp_path, job())
    with attempt(tmp_path, prepare(tmp_path, job())) as run, transaction(run.connection):
        run.connection.execute(
            "UPDATE meta SET value = replace(value, '0.001', '0.01') WHERE key = 'spec'"
        )
    with pytest.raises(StoreError, match="was edited"):
        read_run(tmp_path)


def test_an_interruption_that_leaves_a_transaction_open_is_entered_all_the_same(tmp_path, job):
    def interrupted():
        with attempt(tmp_path, prepare(tmp_path, job())) as run:
            run.connection.execute("BEGIN IMMEDIATE")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert read_run(tmp_path).attempts[0].outcome == "interrupted"
