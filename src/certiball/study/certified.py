"""Figure 4: what certification proves of each network under noise, as a run that can go on."""

from collections.abc import Callable
from pathlib import Path

from certiball.certificate import Certificate
from certiball.certification.plan import FixedSamples
from certiball.laws.gaussian import Gaussian
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.progress import Progress
from certiball.runs.read import read_run
from certiball.smoothed import Smoothed
from certiball.study.plan import StudyPlan
from certiball.study.subject import Subject, defences
from certiball.study.table import Certified, Defence, slug

N0 = 100
ALPHA = 0.001


def certified_defences(subject: Subject, plan: StudyPlan) -> list[Defence]:
    """One defence for each network and σ: certificates do not depend on its n."""
    found = {(each.network, each.sigma): each for each in defences(subject, plan) if each.smoothed}
    return list(found.values())


def run_of(home: Path, defence: Defence) -> Path:
    """Where its run is."""
    return home / "certified" / slug(defence)


def certify_defence(
    home: Path,
    subject: Subject,
    plan: StudyPlan,
    defence: Defence,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Certified:
    """Certify images with a defence's network, or go on with that; a finished run is read.

    Args:
        home: folder of the study.
        subject: networks and images.
        plan: how many images and votes.
        defence: which network, under which noise.
        tell: is told how far the run is.

    Raises:
        CertiballError: whatever is wrong with the run or its folder.
    """
    assert defence.sigma is not None
    dataset, folder = subject.in_space(plan.space), run_of(home, defence)
    job = Job(
        g=Smoothed(subject.classifier(defence), Gaussian(sigma=defence.sigma), dataset.space),
        dataset=dataset,
        model_name=defence.network,
        plan=FixedSamples(n0=N0, n=plan.samples),
        alpha=ALPHA,
        every=max(1, len(dataset) // plan.certified),
        first=plan.certified,
        seed=plan.seed,
    )
    with attempt(folder, prepare(folder, job)) as run:
        for progress in execute(run, job.g, dataset):
            tell(progress)
    radii = sorted(
        outcome.result.radius
        for outcome in read_run(folder).outcomes
        if isinstance(outcome.result, Certificate) and outcome.result.label == outcome.item.label
    )
    return Certified(
        network=defence.network,
        sigma=defence.sigma,
        images=min(plan.certified, len(dataset)),
        radii=tuple(radii),
    )
