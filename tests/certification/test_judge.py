from dataclasses import replace
from fractions import Fraction

import pytest

from certiball import (
    Ablation,
    Abstention,
    Certificate,
    FixedSamples,
    Gaussian,
    Grid,
    Norm,
    Reals,
    Rule,
    TargetRadius,
    Votes,
)
from certiball.certification.every_view import EveryView
from certiball.certification.judge import check_feasible, judge, largest_radius
from certiball.certification.question import Question, vote_bounds
from certiball.claim import Bound, Claim, Draw
from certiball.errors import InfeasibleError, InputError
from certiball.laws.bands import Bands
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.rounding import exact_down, format_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.gaussian_l2 import radius
from certiball.votes import Design

DRAW = Draw(seed=1, chosen=True)
LAW = Gaussian(sigma=0.5)


def claim(rule=Rule.ONE_SIDED, alpha=1e-3, space=None):
    return Claim(law=LAW, norm=Norm.L2, rule=rule, alpha=alpha, space=space or Grid.uint8())


def question(claim, dimension=3072):
    return Question(claim=claim, dimension=dimension)


def judged(claim, selection, estimation, dimension=12):
    return judge(question(claim, dimension), FixedSamples(), DRAW, selection, estimation)


def certify(estimation, selection=(0, 10, 0), **changes):
    selected = Votes(counts=selection)
    return judged(claim(**changes), selected, Votes(counts=estimation), 3072)


def test_selection_chooses_and_estimation_bounds():
    result = certify((5, 990, 5))
    assert isinstance(result, Certificate)
    assert result.label == 1
    assert result.p_lower == lower_bound(990, 1000, 1e-3)
    assert result.p_upper is None
    tau = question(claim()).slack
    assert result.radius == radius(LAW, Bounds(p_lower=result.p_lower), tau)
    other = certify((5, 990, 5), selection=(10, 0, 0))
    assert isinstance(other, Abstention)
    assert other.label == 0


def test_the_rule_decides_the_bounds():
    votes = Votes(counts=(100, 600, 300))
    assert vote_bounds(claim(), votes, 1) == Bounds(p_lower=lower_bound(600, 1000, 1e-3))
    both = vote_bounds(claim(Rule.TWO_CLASS), votes, 1)
    assert both.p_lower == lower_bound(600, 1000, 5e-4)
    assert both.p_upper == upper_bound(300, 1000, 5e-4)


def test_two_classes_certify_below_one_half():
    counts = (450, 100, 100, 350)
    one = judged(claim(), Votes(counts=(9, 0, 0, 0)), Votes(counts=counts))
    two = judged(claim(Rule.TWO_CLASS), Votes(counts=(9, 0, 0, 0)), Votes(counts=counts))
    assert isinstance(one, Abstention)
    assert "450 of 1000 votes, which proves a probability of 0.40" in one.reason
    assert isinstance(two, Abstention)
    assert "is not above the others' upper bound 0.40" in two.reason
    clear = Votes(counts=(450, 150, 200, 200))
    two = judged(claim(Rule.TWO_CLASS), Votes(counts=(9, 0, 0, 0)), clear)
    assert isinstance(two, Certificate)


def test_a_tie_at_one_half_is_never_certified():
    result = certify((500, 500, 0))
    assert isinstance(result, Abstention)
    assert str(result).startswith("abstains: class 1 has 500 of 1000 votes")


def test_stopped_votes_are_refused():
    stopped = Votes(counts=(0, 99), design=Design.STOPPED)
    with pytest.raises(InputError, match="stopped by a rule"):
        judged(claim(), Votes(counts=(0, 9)), stopped)


def test_only_the_lattice_has_a_known_slack():
    assert question(claim(), 10).slack == LAW.on_grid(Grid.uint8().step).slack(10) > 0
    assert question(claim(space=Reals()), 10).slack == 0


@pytest.mark.parametrize(("rule", "smallest"), [(Rule.ONE_SIDED, 10), (Rule.TWO_CLASS, 11)])
def test_infeasible_claims_are_refused_with_the_smallest_n(rule, smallest):
    with pytest.raises(
        InfeasibleError, match=f"n = 9 cannot certify at alpha = 0.001 .*at least {smallest}$"
    ):
        check_feasible(question(claim(rule)), FixedSamples(n=9))
    with pytest.raises(InfeasibleError):
        check_feasible(question(claim(rule)), FixedSamples(n=smallest - 1))
    check_feasible(question(claim(rule)), FixedSamples(n=smallest))


@pytest.mark.parametrize(("radius", "near"), [(2.5, "2 or 3"), (0.3, "1")])
def test_radii_that_count_are_asked_for_in_whole_numbers(radius, near):
    law = Ablation(keep=2, pixels=49)
    asked = Claim(law=law, norm=Norm.L0, rule=Rule.ONE_SIDED, alpha=1e-3, space=Grid.uint8(),
                  bound=Bound.MIXTURE, strict=False)  # fmt: skip
    said = f"radii in L0 are whole numbers, and {radius} is none; ask for {near}$"
    for radii in (radius, (1.0, radius)):
        with pytest.raises(InputError, match=said):
            check_feasible(question(asked, 49), TargetRadius(radii, max_n=1000))
    check_feasible(question(asked, 49), TargetRadius((1.0, 2.0, 3.0), max_n=1000))
    lengths = replace(asked, law=LAW, norm=Norm.L2, strict=True)
    check_feasible(question(lengths, 49), TargetRadius(0.3, max_n=1000))


def test_a_law_of_another_grid_is_refused_by_every_rule(monkeypatch):
    """Its offsets count steps of 1/10: 255 votes that agree would give 12.7, and .498 is true."""
    law = DeterministicSplitting(scale=Fraction(255, 20), step=Fraction(1, 10))
    exact = {"rule": Rule.EVERY_CLASS, "alpha": 0.0, "bound": Bound.EXACT, "strict": False}
    own = Grid(step=Fraction(1, 10), low=0, high=10)
    votes = Votes(counts=(0, 255))

    def judged(space):
        asked = Claim(law=law, norm=Norm.L1, space=space, **exact)
        question = Question(claim=asked, dimension=4)
        return judge(question, EveryView(views=255), DRAW, Votes(counts=(0, 0)), votes)

    assert judged(own).radius == pytest.approx(12.7)
    for space in (Grid.uint8(), Reals(low=0.0, high=1.0)):
        with pytest.raises(InputError, match="is for inputs on a grid of step 1/10, not for the"):
            Claim(law=law, norm=Norm.L1, space=space, **exact)
    monkeypatch.setattr(DeterministicSplitting, "checked", lambda self, space: space)
    for space in (Grid.uint8(), Reals(low=0.0, high=1.0)):  # and again by the slack
        with pytest.raises(InputError, match="is for inputs on a grid of step 1/10, not (in|on)"):
            judged(space)


@pytest.mark.parametrize("law", [Bands(width=1, columns=4), LAW])
def test_no_law_is_asked_about_a_space_that_it_does_not_fit(law, monkeypatch):
    def refuses(self, step, dimension):
        raise InputError("another space")

    monkeypatch.setattr(type(law), "slack", refuses)
    with pytest.raises(InputError, match="another space"):
        Question(claim=Claim(**vars(claim()) | {"law": law}), dimension=16)


def test_noise_too_fine_for_64_bits_is_refused(monkeypatch):
    monkeypatch.setattr(Question, "slack", property(lambda _: Fraction(1)))
    with pytest.raises(InfeasibleError, match="no n up to .* use a coarser one"):
        check_feasible(question(claim()), FixedSamples(n=100))


def test_largest_radius_is_that_of_unanimous_votes():
    # ceilings of one-sided Clopper–Pearson at α = .001, in units of σ
    for n, ceiling in ((10**3, 2.463), (10**4, 3.199), (10**5, 3.811), (10**6, 4.347)):
        assert largest_radius(question(claim()), FixedSamples(n=n)) / 0.5 == pytest.approx(
            ceiling, abs=6e-4
        )
    assert largest_radius(question(claim()), FixedSamples(n=1000)) == certify((0, 1000, 0)).radius


def test_sentences():
    certificate = certify((0, 1000, 0))
    text = str(certificate)
    assert "class 1 for every perturbation of L2 norm below 1.2316 on the same grid" in text
    assert "for the smoothed classifier under Gaussian(sigma=0.5)" in text
    assert "false with probability at most 0.001 (1000 of 1000 votes; the seed was chosen)" in text
    assert "in exact arithmetic" in str(certify((0, 1000, 0), space=Reals()))
    assert "chosen by the user" in str(DRAW)
    assert "drawn by the operating system" in str(Draw(seed=1, chosen=False))
    assert certificate.arithmetic == "lattice"
    assert str(certificate.ball) == f"‖δ‖ < {exact_down(certificate.radius)} in L2"


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, float("nan"), 2.0])
def test_bad_alpha(alpha):
    with pytest.raises(InputError, match="alpha must lie between 0 and 1"):
        claim(alpha=alpha)


def test_a_certificate_without_a_radius_cannot_be_made():
    with pytest.raises(InputError, match="radius must be finite and > 0, not 0.0"):
        Certificate(
            claim=claim(), draw=DRAW, selection=Votes(counts=(1, 0)),
            estimation=Votes(counts=(1, 0)), label=0, p_lower=0.5, p_upper=None, radius=0.0,
        )  # fmt: skip


def randomized(estimation, word, rule=Rule.ONE_SIDED):
    asked = question(replace(claim(rule), bound=Bound.RANDOMIZED))
    plan = FixedSamples(bound=Bound.RANDOMIZED)
    return judge(asked, plan, DRAW, Votes(counts=(10, 0)), Votes(counts=estimation), word=word)


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_the_classical_bound_stands_beside_a_randomized_one(rule):
    plain = judged(claim(rule), Votes(counts=(10, 0)), Votes(counts=(990, 10)), 3072)
    assert plain.classical is None
    worst, best = (randomized((990, 10), word, rule) for word in (2**64 - 1, 0))
    for result in (worst, best):
        assert result.classical.radius == plain.radius
        assert result.classical.p_lower == plain.p_lower
        assert result.classical.p_upper == plain.p_upper
        assert f"the classical bound gives {format_down(plain.radius)}" in str(result)
    assert best.radius > worst.radius >= plain.radius * (1 - 1e-12)


def test_an_abstention_has_the_classical_bound_too():
    result = randomized((520, 480), 5)
    assert isinstance(result, Abstention)
    assert (result.classical.radius, result.classical.p_upper) == (0.0, None)
    assert result.classical.p_lower == lower_bound(520, 1000, 1e-3)


def test_randomized_bounds_need_a_word_and_fixed_votes():
    with pytest.raises(InputError, match="needs the input's random word"):
        randomized((990, 10), None)
    stopped = Votes(counts=(990, 10), design=Design.STOPPED)
    asked = question(replace(claim(), bound=Bound.RANDOMIZED))
    with pytest.raises(InputError, match="stopped by a rule"):
        judge(asked, FixedSamples(), DRAW, Votes(counts=(9, 0)), stopped, word=1)


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_no_random_word_gives_more_than_the_largest_radius(rule):
    asked = question(replace(claim(rule), bound=Bound.RANDOMIZED))
    largest = largest_radius(asked, FixedSamples(n=1000, bound=Bound.RANDOMIZED))
    words = [0, 1, 2**62, 2**63 - 1, 2**63, 2**63 + 2**61, 3 * 2**62, 2**64 - 1]
    radii = [randomized((1000, 0), word, rule).radius for word in words]
    assert max(radii) == radii[0] == largest > radii[-1]
    assert all(randomized((999, 1), word, rule).radius < largest for word in words)


def test_a_claim_is_feasible_whatever_the_random_word():
    asked = question(replace(claim(), bound=Bound.RANDOMIZED))
    # (2α)^(1/n), of the best word, exceeds ½ from n = 9 on; α^(1/n), of the worst, from 10 on.
    few, enough = (FixedSamples(n=n, bound=Bound.RANDOMIZED) for n in (9, 10))
    assert largest_radius(asked, few) > 0
    with pytest.raises(InfeasibleError, match="n must be at least 10"):
        check_feasible(asked, few)
    check_feasible(asked, enough)


def of_pixels(keep, rule=Rule.ONE_SIDED):
    law = Ablation(keep=keep, pixels=64)
    stated = {"law": law, "norm": Norm.L0, "strict": False, "rule": rule, "alpha": 1e-3}
    return Question(claim=Claim(**stated, space=Grid.uint8()), dimension=64)


def said_of(question, counts):
    votes = Votes(counts=counts)
    result = judge(question, FixedSamples(), DRAW, Votes(counts=(9, 0)), votes)
    assert isinstance(result, Abstention)
    return result.reason


def test_an_abstention_says_what_a_pixel_needs():
    reason = said_of(of_pixels(16), (673, 327))  # one of 64 is seen with probability 1/4
    assert reason.endswith("a probability of 0.6256, and one pixel needs more than 0.7500")
    both = said_of(of_pixels(16, Rule.TWO_CLASS), (673, 327))
    assert "exceeds the others' upper bound 0.3775 by too little for a radius under Abl" in both


def test_an_abstention_by_slack_alone_says_so(monkeypatch):
    monkeypatch.setattr(Question, "slack", property(lambda _: Fraction(1, 5)))
    assert "what is needed by less than the noise's slack takes" in said_of(
        question(claim()), (673, 327)
    )
    both = said_of(question(claim(Rule.TWO_CLASS)), (673, 327))
    assert "the others' upper bound 0.3775 by less than the noise's slack takes" in both


def test_what_hides_too_little_is_refused_with_the_reason():
    with pytest.raises(
        InfeasibleError, match=r"even a probability of 1 gives no .*keep fewer than 32$"
    ):
        check_feasible(of_pixels(32), FixedSamples(n=1000))
    check_feasible(of_pixels(31), FixedSamples(n=1000))
