"""Studies small enough to check by hand."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from certiball.balls import Norm
from certiball.claim import Claim, Draw, Rule
from certiball.laws.gaussian import Gaussian
from certiball.report.study import Answer, Entry, Origin, Study
from certiball.spaces import Grid, Reals
from certiball.votes import Votes


def _entry(index: int, label: int, predicted: int | None, radius: float, top: int) -> Entry:
    winner = label if predicted is None else predicted
    counts = [0, 0, 0]
    counts[winner], counts[(winner + 1) % 3] = top, 1000 - top
    return Entry(
        index=index,
        label=label,
        predicted=predicted,
        radius=radius,
        seconds=1.5,
        clean=label if index != 30 else (label + 1) % 3,
        answer=Answer(label=predicted),
        selection=Votes(counts=(100, 0, 0)),
        estimation=Votes(counts=tuple(counts)),
        p_lower=top / 1000 - 0.05,
        reason="too few votes" if predicted is None else None,
    )


@pytest.fixture
def claim() -> Claim:
    grid = Grid(step=Fraction(1, 256), low=0, high=256)
    return Claim(
        law=Gaussian(sigma=0.25), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=grid
    )


@pytest.fixture
def study(claim: Claim) -> Study:
    """Six inputs: right at .1, .3, .3 and .62, wrong at .45, and one abstention."""
    entries = (
        _entry(0, 0, 0, 0.1, 700),
        _entry(10, 1, 1, 0.3, 900),
        _entry(20, 2, 2, 0.3, 901),
        _entry(30, 0, 1, 0.45, 960),
        _entry(40, 1, 1, 0.62, 1000),
        _entry(50, 2, None, 0.0, 520),
    )
    return Study(
        title="σ = 0.25",
        entries=entries,
        origin=Origin.RUN,
        claim=claim,
        draw=Draw(seed=2**127 + 5, chosen=False),
        n0=100,
        n=1000,
        classes=("cat", "<b>dog</b>", "owl"),
        dimension=64,
        largest=0.63,
        facts=(("model digest", "9f2c"), ("data digest", "aa01")),
        picture=lambda index: np.full((8, 8), index, dtype=np.uint8) if index != 20 else None,
    )


@pytest.fixture
def in_float(study: Study, claim: Claim) -> Study:
    """The same in float mode with a chosen seed, other facts and no clean accuracy."""
    return replace(
        study,
        title="float & <i>risky</i>",
        claim=replace(claim, space=Reals(low=0.0, high=1.0)),
        draw=Draw(seed=7, chosen=True),
        entries=tuple(replace(e, clean=None, answer=None) for e in study.entries),
        facts=(),
        largest=None,
    )


LOG = (
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
    "0\t3\t-1\t0.0\t0\t0:00:13.736080\n"
    "20\t7\t7\t0.0734\t1\t15.5\n"
    "40\t1\t1\t0.3\t1\t1 day, 0:00:01\n"
    "60\t2\t5\t0.457\t0\t\n"
)


@pytest.fixture
def log_text() -> str:
    return LOG
