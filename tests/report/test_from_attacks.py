"""From stored campaigns to a study: which count, and in which norm distances are."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from certiball import FunctionClassifier, Gaussian, Grid
from certiball.attacks.attacked import Status
from certiball.attacks.judging.judgement import Judging, Level
from certiball.balls import Norm
from certiball.campaigns.read import Stored
from certiball.campaigns.rows import Outcome, Verdict
from certiball.campaigns.spec import CampaignSpec, Subject, Target
from certiball.certification.plan import FixedSamples
from certiball.datasets.arrays import ArrayDataset
from certiball.report.from_attacks import with_attacks
from certiball.report.from_run import study_of_run
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.read import Results, read_run
from certiball.smoothed import Smoothed

CLEAN = np.full((1, 2, 2), 100)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """A run of two greys."""
    dataset = ArrayDataset(
        name="two greys",
        space=Grid.uint8(),
        classes=("dark", "light"),
        inputs=np.stack([CLEAN, CLEAN + 100]).astype(np.uint8),
        labels=np.array([0, 1]),
    )
    bright = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, num_classes=2, name="bright")
    g = Smoothed(bright, Gaussian(sigma=0.25), space=dataset.space)
    plan = FixedSamples(n0=16, n=100)
    job = Job(g=g, dataset=dataset, model_name="b", plan=plan, batch=32, threads=1)
    with attempt(tmp_path, prepare(tmp_path, job)) as run:
        for _ in execute(run, g, dataset):
            pass
    return read_run(tmp_path)


def _stored(results: Results, name: str, levels: int | None, norm: Norm = Norm.LINF) -> Stored:
    """A campaign that moved each of the four pixels by so many levels, or found nothing."""
    point = CLEAN + (levels or 0)
    distance = math.inf if levels is None else levels / 255
    spec = CampaignSpec(
        subject=Subject(model=results.spec.model, data=results.spec.data, space=repr(Grid.uint8())),
        target=Target(law=repr(Gaussian(sigma=0.25)), n=5),
        name=name,
        attack=name,
        norm=norm,
        max_queries=100,
        level=Level(P_a=0.8),
    )
    outcome = Outcome(
        input=0,
        status=Status.FOUND,
        queries=90,
        forwards=450,
        backwards=0,
        distance=distance,
        history=(),
        point=point,
    )
    verdict = Verdict(input=0, level=0.5, distance=distance, forwards=9, point=point)
    return Stored(
        spec=spec, planned=2, outcomes={0: outcome}, verdicts={0: verdict}, inputs={0: CLEAN}
    )


def test_the_closest_counts_in_the_norm_of_the_certificates(results):
    """Forty levels on each of four pixels are 80/255 in L2."""
    stored = [_stored(results, name, k) for name, k in (("a", 50), ("b", 40), ("c", None))]
    study = with_attacks(study_of_run(results), results, stored)
    [breach] = study.attacks.breaches
    assert (breach.index, breach.attack) == (0, "b")
    assert breach.verified == breach.claimed == pytest.approx(80 / 255)
    assert breach.verified >= 80 / 255 - 1e-16
    assert study.attacks.planned == 2
    assert [row.name for row in study.attacks.rows] == ["a", "b", "c"]
    assert study.attacks.rows[1].distances == ((40 / 255, 40 / 255),)  # in its own norm


def test_nothing_found_is_infinitely_far(results):
    study = with_attacks(study_of_run(results), results, [_stored(results, "a", None)])
    [breach] = study.attacks.breaches
    assert (breach.verified, breach.claimed, breach.attack) == (math.inf, math.inf, None)


@pytest.mark.parametrize(
    "what",
    ["noise", "model", "backend", "data", "no noise", "space", "rule", "level", "not judged"],
)
def test_attacks_on_anything_else_are_left_out(results, what):
    good = _stored(results, "a", 40)
    spec, subject = good.spec, good.spec.subject
    other = {
        "noise": replace(spec, target=replace(spec.target, law=repr(Gaussian(sigma=0.5)))),
        "no noise": replace(spec, target=Target()),
        "model": replace(spec, subject=replace(subject, model=replace(subject.model, digest="x"))),
        "backend": replace(
            spec, subject=replace(subject, model=replace(subject.model, backend="torch.compile"))
        ),
        "data": replace(spec, subject=replace(subject, data=replace(subject.data, digest="x"))),
        "rule": replace(spec, level=replace(spec.level, judging=Judging.MAHO)),
        "level": replace(spec, level=replace(spec.level, P_a=0.4)),
        "space": replace(spec, subject=replace(subject, space="Reals(low=0.0, high=1.0)")),
    }
    bad = replace(good, spec=other[what]) if what in other else replace(good, verdicts={})
    study = study_of_run(results)
    assert with_attacks(study, results, [bad]).attacks is None
    both = with_attacks(study, results, [bad, good])
    assert [row.name for row in both.attacks.rows] == ["a"]
