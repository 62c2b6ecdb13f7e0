import csv
import math
import time
from fractions import Fraction

import pytest

from certiball.balls import Norm
from certiball.certification.question import Question, radius_of, vote_bounds
from certiball.claim import Claim, Rule
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.spaces import Grid, Reals
from certiball.theorems import TABLE
from certiball.theorems.bounds import Bounds
from certiball.threats.answer import answer, lengths_of
from certiball.threats.needed import enough_for, gaussian_needed, needed, realistic
from certiball.threats.threat import parse_threat
from certiball.votes import Votes

IMAGENET = 3 * 224 * 224
LINF = parse_threat("linf:8/255")


def claim(law, norm, strict=True):
    return Claim(law=law, norm=norm, rule=Rule.ONE_SIDED, alpha=0.001, space=Reals(), strict=strict)


def test_the_lengths_of_reference(shared):
    with (shared / "reference/norm_conversion.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        d = math.prod(int(row[name]) for name in ("channels", "height", "width"))
        found = lengths_of(parse_threat(f"linf:{row['linf_eps']}"), d)
        for norm, column in ((Norm.L2, "l2_norm_of_corner"), (Norm.L1, "l1_norm_of_corner")):
            exact = Fraction(row[column]) * (1 - Fraction(1, 10**24))  # written to 25 digits
            assert exact <= found[norm] <= exact * (1 + Fraction(1, 10**12))


def test_the_numbers_of_the_issue():
    assert 12.1719 < lengths_of(LINF, IMAGENET)[Norm.L2] < 12.1720
    assert 6.0859 < lengths_of(parse_threat("linf:4/255"), IMAGENET)[Norm.L2] < 6.0860
    hundred_thousand = gaussian_needed(LINF, IMAGENET, 0.001)[2]
    assert hundred_thousand[0].votes == 100_000
    assert 3.19 <= hundred_thousand[0].deviation < 3.20
    assert not realistic(hundred_thousand[0].deviation, 1.0)[0]


@pytest.mark.parametrize("share", [1.0, 0.99])
@pytest.mark.parametrize("text", ["linf:8/255", "l2:.5", "l1:3"])
def test_what_is_needed_is_enough_and_hardly_more(text, share):
    threat = parse_threat(text)
    found = needed(threat, 784, 0.001, 10_000, share)
    assert found
    assert [n.deviation for n in found] == sorted(n.deviation for n in found)
    k = math.floor(share * 10_000)
    for need in found:
        strict = TABLE[type(need.law), need.norm].strict
        question = Question(claim=claim(need.law, need.norm, strict), dimension=784)
        bounds = vote_bounds(question.claim, Votes(counts=(k, 10_000 - k)), 0)
        radius = radius_of(question, bounds)
        assert need.length < radius < need.length * (1 + 1e-9), need


def test_the_votes_that_are_enough_are_the_fewest():
    for sigma in (0.25, 0.5):
        asked = claim(Gaussian(sigma=sigma), Norm.L2)
        found = enough_for(parse_threat("linf:4/255"), asked, 784)
        for number, share in ((found.unanimous, 1.0), (found.nearly, 0.99)):
            for n, reached in ((number, True), (number - 1, False)):
                k = math.floor(share * n)
                votes = Votes(counts=(k, n - k))
                question = Question(claim=asked, dimension=784)
                assert (radius_of(question, vote_bounds(asked, votes, 0)) > found.radius) == reached


def test_where_no_votes_are_enough_none_is_given():
    found = enough_for(LINF, claim(Gaussian(sigma=1.0), Norm.L2), IMAGENET)
    assert (found.unanimous, found.nearly) == (None, None)
    assert enough_for(parse_threat("rotation"), claim(Gaussian(sigma=1.0), Norm.L2), 784) is None
    assert enough_for(parse_threat("l0:3"), claim(Gaussian(sigma=1.0), Norm.L2), 784) is None


def test_threats_in_words_need_what_no_law_has():
    found = answer(parse_threat("rain"), 784, alpha=0.001, votes=1000, width=1.0)
    assert (found.lengths, found.gaussian, found.laws) == ({}, (), ())
    assert "No certified method covers" in found.advice


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("linf:8/255", "certiball does not have them yet"),
        ("l1:1", "uniform"),
        ("l0:3", "ablation"),
        ("patch:5", "bands"),
        ("rotation by 3°", "smoothing over that parameter"),
        ("a sticker", "patch:5"),
    ],
)
def test_each_norm_gets_its_advice(text, said):
    found = answer(parse_threat(text), 784, alpha=0.001, votes=1000, width=1.0)
    assert said in found.advice


@pytest.mark.parametrize(
    ("p_lower", "best"),
    [(0.6, "Uniform"), (0.92, "Uniform"), (0.96, "Laplace"), (0.999, "Laplace")],
)
def test_what_is_said_of_l1_is_so(p_lower, best):
    """Radii in L1 at standard deviation 1, of the laws that the advice compares."""
    radii = {}
    for need in needed(parse_threat("l1:1"), 3072, 0.001, 10_000):
        name = type(need.law).__name__
        unit = type(need.law)(
            **{key: value / need.deviation for key, value in vars(need.law).items()}
        )
        found = TABLE[type(unit), need.norm].radius(
            unit, Bounds(p_lower=p_lower), Fraction(0), 3072
        )
        radii[name] = max(radii.get(name, 0.0), found)
    compared = {name: radii[name] for name in ("Uniform", "Laplace", "Gaussian")}
    assert max(compared, key=compared.get) == best


def test_shares_that_certify_nothing_are_refused():
    with pytest.raises(InputError, match=r"above \.5"):
        needed(LINF, 784, 0.001, 1000, 0.5)


def test_it_is_instant():
    start = time.perf_counter()
    answer(LINF, IMAGENET, alpha=0.001, votes=100_000, width=1.0)
    assert time.perf_counter() - start < 1


def test_the_claims_space_counts():
    """On a grid the noise's slack is paid, so no fewer votes are enough."""
    on_grid = Claim(
        law=Gaussian(sigma=0.5), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Grid.uint8()
    )
    found = enough_for(LINF, on_grid, 784)
    assert found.unanimous >= enough_for(LINF, claim(on_grid.law, Norm.L2), 784).unanimous
