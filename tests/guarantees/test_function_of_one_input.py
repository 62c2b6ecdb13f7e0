"""What happens to α where the base classifier is no function of one input, and where it is refused.

Both classes are exactly as likely for every input here, so every certificate is false. A model
that tosses a coin for each row keeps α: its votes are independent, and the smoothed classifier is
that of the model and its coin together. One coin for all rows of a call, as in a random layer that
is shared by the batch, gives nearly every input a certificate, and each of them is false; a model
that answers by the mean of its batch does the same. All are refused.
"""

import numpy as np
import pytest

from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.certification.judge import judge
from certiball.certification.plan import FixedSamples
from certiball.certification.question import Question
from certiball.certification.single_input import check_single
from certiball.claim import Claim, Draw, Rule
from certiball.classifiers.function import FunctionClassifier
from certiball.errors import ModelError
from certiball.execution import Block, Execution
from certiball.laws.gaussian import Gaussian
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.smoothed import Smoothed
from certiball.spaces import Grid
from certiball.votes import Votes
from guarantees.checks import at_most

ALPHA, INPUTS, N0, N = 0.05, 200, 8, 64
EXECUTION = Execution(batch=N, threads=1, chunk=N)


def _own_coin(generator):
    return lambda x: generator.integers(0, 2, len(x))


def _one_coin(generator):
    return lambda x: np.full(len(x), generator.integers(0, 2))


def _mean_of_all(generator):
    return lambda x: np.full(len(x), x.mean() > 128 / 255).astype(int)


def _smoothed(model):
    classifier = FunctionClassifier(model(np.random.default_rng(7)), num_classes=2)
    return Smoothed(classifier, Gaussian(sigma=0.25), space=Grid.uint8())


def _false(g):
    """How many of the inputs get a certificate, all of which are false."""
    claim = Claim(law=g.law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=ALPHA, space=g.space)
    inputs = {number: np.full(4, 128) for number in range(INPUTS)}
    drawn = {}
    for phase, samples in ((Phase.SELECTION, N0), (Phase.ESTIMATION, N)):
        for number in inputs:
            block = Block(input=number, phase=phase, first=0, samples=samples)
            [votes] = count_votes(g, inputs, [block], 1, EXECUTION)
            drawn[number, phase] = Votes(counts=tuple(int(count) for count in votes.sum(0)))
    results = [
        judge(
            Question(claim=claim, dimension=4),
            FixedSamples(n0=N0, n=N),
            Draw(seed=1, chosen=True),
            drawn[number, Phase.SELECTION],
            drawn[number, Phase.ESTIMATION],
            0,
        )
        for number in inputs
    ]
    return sum(isinstance(result, Certificate) for result in results)


def test_a_coin_for_each_row_keeps_alpha():
    at_most(_false(_smoothed(_own_coin)), INPUTS, ALPHA)


@pytest.mark.parametrize("model", [_one_coin, _mean_of_all])
def test_what_all_rows_share_breaks_it(model):
    with pytest.raises(AssertionError, match="false certificates, allowed"):
        at_most(_false(_smoothed(model)), INPUTS, ALPHA)


@pytest.mark.parametrize("model", [_own_coin, _one_coin, _mean_of_all])
def test_all_of_them_are_refused(model):
    """The first too: its votes cannot be drawn again, and no look tells it from the second."""
    with pytest.raises(ModelError, match="depends on the other inputs|is no function of its input"):
        check_single(_smoothed(model), iter([np.full(4, 160)]), EXECUTION)
