"""Stored runs as studies."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from certiball.certification.plan import FixedSamples
from certiball.classifiers.function import FunctionClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.errors import StoreError
from certiball.laws.gaussian import Gaussian
from certiball.report.from_run import law_title, picture, study_of_run
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.read import read_run
from certiball.runs.shards import Shard
from certiball.runs.source import Source
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals


def _greys(space=None, inputs=None):
    levels = np.tile(np.array([0, 120, 255], np.uint8)[:, None, None, None], (1, 1, 2, 2))
    return ArrayDataset(
        name="greys",
        space=space or Grid.uint8(),
        classes=("dark", "light"),
        inputs=levels if inputs is None else inputs,
        labels=np.array([0, 1, 1]),
    )


@pytest.fixture
def results(tmp_path):
    data = _greys()
    bright = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, num_classes=2)
    job = Job(
        g=Smoothed(bright, Gaussian(sigma=0.25), space=data.space),
        dataset=data,
        model_name="bright",
        plan=FixedSamples(n0=40, n=500),
        first=3,
        batch=64,
        seed=7,
        source=Source(text="greys", classes=data.classes),
    )
    with attempt(tmp_path, prepare(tmp_path, job)) as run:
        list(execute(run, job.g, data))
    return read_run(tmp_path)


def test_entries_say_what_was_found(results):
    study = study_of_run(results)
    assert study.title == "σ = 0.25"
    assert study.classes == ("dark", "light")
    assert [entry.clean for entry in study.entries] == [0, 0, 1]
    first, middle, last = study.entries
    assert (first.predicted, first.answer.label, last.answer.label) == (0, 0, 1)
    assert (first.correct, middle.correct) == (True, False)
    assert first.radius == pytest.approx(0.5512, abs=1e-3)
    assert study.largest >= first.radius
    assert (study.n0, study.n, study.dimension) == (40, 500, 4)
    assert (study.unfinished, study.draws) == (0, (study.draw,))
    facts = dict(study.facts)
    assert facts["model digest"] == "unidentified"
    assert facts["data"] == "greys, the first 3: 3 inputs of shape (1, 2, 2)"
    assert facts["attempts"].startswith("1, the first at 20")
    assert "unidentified" in study.notes[0]


def test_classes_that_the_data_does_not_name_have_their_numbers(results):
    spec = results.spec
    ten = replace(spec, model=replace(spec.model, classes=5))
    study = study_of_run(replace(results, spec=ten))
    assert study.classes == ("dark", "light", "2", "3", "4")
    nameless = replace(results, spec=ten, source=Source(text="greys"))
    assert study_of_run(nameless).classes == ()


def test_what_is_unfinished_is_left_out_and_said(results):
    first, *others = results.outcomes
    partial = replace(results, outcomes=(replace(first, result=None), *others))
    study = study_of_run(partial, title="two")
    assert (study.title, study.size) == ("two", 2)
    assert (study.unfinished, study.planned) == (1, 3)
    assert study.notes[0].startswith("Unfinished: 2 of 3 inputs")
    nothing = tuple(replace(outcome, result=None) for outcome in results.outcomes)
    with pytest.raises(StoreError, match="has no finished input yet"):
        study_of_run(replace(results, outcomes=nothing))


def test_a_finished_shard_is_no_stopped_run(results):
    [draw] = results.draws.values()
    first, other, last = results.outcomes
    there = (first, replace(other, result=None), last)
    half = replace(results, draws={Shard(number=1, of=2): draw}, outcomes=there)
    study = study_of_run(half)
    assert (study.shards, study.size, study.unfinished) == (("1/2",), 2, 1)
    assert not any("Unfinished" in note for note in study.notes)
    stopped = replace(half, outcomes=(*there[:2], replace(last, result=None)))
    assert study_of_run(stopped).shards == ()
    both = half.draws | {Shard(number=2, of=2): draw}
    assert study_of_run(replace(half, draws=both)).shards == ()
    assert study_of_run(results).shards == ()


def test_seeds_of_shards_and_environments_are_facts(results):
    [draw] = results.draws.values()
    split = {Shard(number=1, of=2): draw, Shard(number=2, of=2): replace(draw, seed=8)}
    two = {1: {"torch": "1"}, 2: {"torch": "2"}}
    merged = replace(results, draws=split, environments=two, source=None, attempts=())
    study = study_of_run(merged)
    assert study.draw is None
    assert study.draws == tuple(split.values())
    assert study.classes == ()
    facts = dict(study.facts)
    assert "chosen by the user" in facts["seed of shard 2/2"]
    assert facts["with torch"] == "2"
    assert facts["attempts"] == "0, the first at never"
    assert "Computed under 2 environments" in study.notes[1]


def test_other_laws_are_called_by_their_text(results):
    @dataclass(frozen=True)
    class Other:
        def slack(self, step, dimension):
            return Fraction(0)

        def deviation(self, dimension): ...
        def seen(self, shape): ...

        def __str__(self):
            return "Other(3)"

    spec = results.spec
    assert law_title(replace(spec, claim=replace(spec.claim, law=Other()))) == "Other(3)"


def test_pictures_are_scaled_to_bytes():
    assert picture(_greys(), 1).tolist() == [[120, 120], [120, 120]]
    values = np.tile(np.array([-1, 0, 1], np.float32)[:, None, None, None], (1, 3, 2, 2))
    colours = picture(_greys(Reals(low=-1.0, high=1.0), values), 2)
    assert (colours.shape, int(colours.min())) == ((2, 2, 3), 255)
    assert picture(_greys(Reals(), values), 2) is None
    assert picture(_greys(inputs=np.zeros((3, 4), np.uint8)), 0) is None
    study_with = _greys()
    assert picture(study_with, 0).dtype == np.uint8
