from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import certiball as cb
from certiball.attacks.judging.contradiction import check_contradictions, contradictions
from certiball.attacks.judging.diagnosis import Cause
from certiball.attacks.judging.evidence import LEVEL, denial
from certiball.attacks.judging.judgement import Judging, Level
from certiball.attacks.judging.verify import Verified, verify_attacked
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import SmoothedOracle
from certiball.attacks.units import plain
from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.certification.judge import judge
from certiball.certification.question import Question
from certiball.claim import Rule
from certiball.errors import ContradictionError, InputError
from certiball.theorems import gaussian_l2
from certiball.votes import Votes
from guarantees.checks import at_most
from guarantees.levels import CERTIFICATE, attacked_at, relabelled

SPACE = cb.Grid.fixed_point(8, low=0, high=1)
LAW = cb.Gaussian(sigma=0.25)
PLAN = cb.FixedSamples(n0=1000, n=2000)
X = np.array([[77, 100]])  # at .30; the boundary of RIGHT lies .20 further


def beyond(edge):
    """1 where the first number is above an edge."""
    return cb.FunctionClassifier(lambda x: x[:, 0] > edge, num_classes=2)


def smoothed(classifier):
    return cb.Smoothed(classifier, LAW, space=SPACE)


RIGHT = smoothed(beyond(0.5))


def at(level, many=1):
    """A point beside X, as if it had been verified."""
    points = np.array([[level, 100]] * many) / 256
    found = attacked_at(plain(SPACE, np.repeat(X, many, axis=0)), points)
    return Verified(
        level=Level(),
        attacked=replace(found, verified_distance=found.distance),
        points=points.astype(np.float32),
        distance=found.distance,
        forwards=np.zeros(many, dtype=np.int64),
    )


def certified(g=RIGHT, plan=PLAN, **named):
    [result] = cb.certify(g, X, plan=plan, seed=5, **named)
    assert isinstance(result, Certificate)
    return result


def with_votes(certificate, counts, plan=PLAN, alpha=0.001):
    """What other votes would have made of it."""
    claim = replace(certificate.claim, alpha=alpha)
    question = Question(claim=claim, dimension=2)
    result = judge(question, plan, certificate.draw, certificate.selection, Votes(counts=counts))
    assert isinstance(result, Certificate)
    return result


def the_one(found):
    [contradiction] = found
    return contradiction


def test_an_honest_certificate_and_an_honest_attack_have_no_quarrel():
    certificate = certified()
    assert 0.1 < certificate.radius < 0.2
    oracle = SmoothedOracle(RIGHT, n=11, seed=1)
    found = attacked_at(plain(SPACE, X), np.array([[0.9, 100 / 256]]))
    verified = verify_attacked(oracle, X, [0], found, level=Level(P_a=0.5))
    assert verified.distance[0] > certificate.radius
    check_contradictions(oracle, RIGHT, X, [certificate], verified, plan=PLAN, seed=1)
    for level in (77, 90, 110):  # inside of the ball, where class 0 is the likeliest
        assert certificate.covers(X[0], np.array([level, 100]))
        check_contradictions(oracle, RIGHT, X, [certificate], at(level), plan=PLAN, seed=1)


def test_a_planted_wrong_attack_is_named():
    certificate = certified()
    other = SmoothedOracle(smoothed(beyond(0.35)), n=11, seed=1)  # another model was attacked
    found = contradictions(other, RIGHT, X, [certificate], at(115), plan=PLAN, seed=2)
    assert the_one(found).cause is Cause.WRONG_ATTACK
    assert the_one(found).rival == 1
    analytic = LinearOracle(weights=np.array([1.0, 0.0]), bias=-0.35, sigma=0.25, space=SPACE)
    found = contradictions(analytic, RIGHT, X, [certificate], at(115), plan=PLAN, seed=2)
    assert the_one(found).cause is Cause.WRONG_ATTACK


def test_a_planted_alpha_event_is_named():
    # 90 of 100 votes where .788 is true: not often, and not incredible either.
    plan = cb.FixedSamples(n0=50, n=100)
    lucky = with_votes(certified(), (90, 10), plan, alpha=0.05)
    assert lucky.covers(X[0], np.array([138, 100]))  # beyond the boundary at 128
    oracle = SmoothedOracle(RIGHT, n=11, seed=1)
    with pytest.raises(ContradictionError, match="an α event; certified by a fresh seed") as caught:
        check_contradictions(oracle, RIGHT, X, [lucky], at(138), plan=plan, seed=3)
    assert "class 1 is likelier" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_alpha_events_as_they_happen_are_named():
    # Certificates of 40 votes at α = .2, of the same input again and again: some are false.
    plan, many = cb.FixedSamples(n0=50, n=40), 100
    inputs = np.repeat(X, many, axis=0)
    results = cb.certify(RIGHT, inputs, plan=plan, alpha=0.2, seed=1)
    points = at(138, many)
    oracle = SmoothedOracle(RIGHT, n=11, seed=1)
    found = contradictions(oracle, RIGHT, inputs, results, points, plan=plan, seed=2)
    false = [r for r in results if isinstance(r, Certificate) and r.radius > 61 / 256]
    assert len(found) == len(false) > 0  # the power of 10,000 votes is 1 here
    at_most(len(found), many, 0.2)
    causes = [each.cause for each in found]
    # A second certificate may be as lucky as the first; more often it is not.
    assert causes.count(Cause.ALPHA_EVENT) > len(causes) / 2
    assert Cause.WRONG_ATTACK not in causes


def test_a_planted_wrong_certificate_is_named_by_its_own_votes():
    doctored = replace(certified(), radius=0.5)
    found = contradictions(
        SmoothedOracle(RIGHT, n=11, seed=1), RIGHT, X, [doctored], at(166), plan=PLAN, seed=4
    )
    assert the_one(found).cause is Cause.WRONG_CERTIFICATE
    assert "its votes prove no radius above 0.1" in str(the_one(found))
    assert the_one(found).diagnosis.again is None


def test_a_planted_wrong_theorem_is_named_by_certifying_again(monkeypatch):
    right = gaussian_l2._scaled
    monkeypatch.setattr(gaussian_l2, "_scaled", lambda sigma, margin: 3 * right(sigma, margin))
    certificate = certified()
    found = contradictions(
        SmoothedOracle(RIGHT, n=11, seed=1), RIGHT, X, [certificate], at(166), plan=PLAN, seed=4
    )
    assert the_one(found).cause is Cause.WRONG_CERTIFICATE
    assert "holds the point again" in the_one(found).diagnosis.reason


def test_planted_votes_of_another_model_are_named():
    doctored = with_votes(certified(), (2000, 0))  # where .788 is true: no luck explains that
    found = contradictions(
        SmoothedOracle(RIGHT, n=11, seed=1), RIGHT, X, [doctored], at(166), plan=PLAN, seed=4
    )
    assert the_one(found).cause is Cause.WRONG_CERTIFICATE
    assert "they were not votes of this classifier" in the_one(found).diagnosis.reason


# A has .37 of the votes everywhere and four others .16 each: A is the likeliest, and q > ½.
PLURALITY = smoothed(
    cb.FunctionClassifier(
        lambda x: np.where(
            np.abs(x[:, 1] - 100 / 256) < 0.12, 0, 1 + np.rint(256 * x[:, 1]).astype(int) % 4
        ),
        num_classes=5,
    )
)


def test_wrong_votes_above_one_half_do_not_contradict_a_two_class_certificate():
    certificate = certified(PLURALITY, rule=Rule.TWO_CLASS)
    assert certificate.p_lower < 0.5
    oracle = SmoothedOracle(PLURALITY, n=1, seed=1)
    found = attacked_at(plain(SPACE, X), np.array([[80 / 256, 100 / 256]]))
    verified = verify_attacked(oracle, X, [0], found, level=Level(P_a=0.5))
    assert verified.attacked.verified_level[0] > 0.55
    assert verified.distance[0] < certificate.radius
    check_contradictions(oracle, PLURALITY, X, [certificate], verified, plan=PLAN, seed=1)


def test_a_threshold_above_one_half_contradicts_nothing():
    # Two votes, and ties go to class 0: a point of class 1 is at level ½ from q = .29.
    left = smoothed(cb.FunctionClassifier(lambda x: x[:, 0] < 0.5, num_classes=2))
    certificate = certified(left)
    oracle = SmoothedOracle(left, n=2, seed=1)
    found = attacked_at(plain(SPACE, X), np.array([[0.48, 100 / 256]]))
    verified = verify_attacked(oracle, X, [1], found, level=Level(P_a=0.5, votes=4000))
    assert certificate.label == 1
    assert verified.distance[0] < certificate.radius
    check_contradictions(oracle, left, X, [certificate], verified, plan=PLAN, seed=1)


def test_points_that_passed_the_shortcut_contradict_nothing():
    certificate = certified()
    oracle = SmoothedOracle(RIGHT, n=2, seed=1)
    found = attacked_at(plain(SPACE, X), np.array([[0.45, 100 / 256]]))
    verified = verify_attacked(oracle, X, [0], found, level=Level(P_a=0.5, judging=Judging.MAHO))
    assert verified.distance[0] < certificate.radius
    check_contradictions(oracle, RIGHT, X, [certificate], verified, plan=PLAN, seed=1)


def test_points_outside_or_not_verified_and_abstentions_are_not_asked_about(monkeypatch):
    def no(*arguments):
        raise AssertionError("votes were drawn")

    certificate = certified()
    [abstention] = cb.certify(RIGHT, np.array([[128, 100]]), plan=PLAN, seed=5)
    monkeypatch.setattr("certiball.attacks.judging.contradiction.drawn", no)
    oracle = SmoothedOracle(RIGHT, n=2, seed=1)
    check_contradictions(oracle, RIGHT, X, [certificate], at(200), plan=PLAN)
    check_contradictions(oracle, RIGHT, X, [abstention], at(80), plan=PLAN)
    other = replace(certificate, claim=replace(certificate.claim, norm=Norm.PARAMETER))
    check_contradictions(oracle, RIGHT, X, [other], at(80), plan=PLAN)
    unverified = replace(at(80), distance=np.array([np.inf]))
    check_contradictions(oracle, RIGHT, X, [certificate], unverified, plan=PLAN)
    with pytest.raises(AssertionError, match="votes were drawn"):
        check_contradictions(oracle, RIGHT, X, [certificate], at(80), plan=PLAN)


def test_votes_at_a_point_are_other_noise_than_it_was_judged_by(monkeypatch):
    asked = []
    right = SmoothedOracle.counts

    def counts(self, questions):
        asked.extend((self.n, self.draw.seed, int(q)) for q in questions.numbers)
        return right(self, questions)

    monkeypatch.setattr(SmoothedOracle, "counts", counts)
    oracle = SmoothedOracle(RIGHT, n=11, seed=1)
    found = attacked_at(plain(SPACE, X), np.array([[0.9, 100 / 256]]))
    verify_attacked(oracle, X, [0], found, level=Level(votes=10_000), seed=6)
    contradictions(oracle, RIGHT, X, [certified()], at(90), plan=PLAN, seed=6)
    assert len(asked) == len(set(asked))


def test_the_sign_test_counts_classes_and_the_slack_of_the_noise():
    level, rival = denial(Votes(counts=(40, 100, 3)), CERTIFICATE, 2)
    assert rival == 1
    assert level == pytest.approx(2 * stats.binom.sf(99, 140, 0.5), rel=1e-9)
    assert denial(Votes(counts=(100, 40, 3)), CERTIFICATE, 2) == (1.0, 1)
    assert denial(Votes(counts=(40, 100, 3)), relabelled(1), 2)[0] == 1.0
    on_grid = replace(CERTIFICATE, claim=replace(CERTIFICATE.claim, space=SPACE))
    slack = 143 * float(LAW.slack(SPACE.step, 2))
    more = denial(Votes(counts=(40, 100, 3)), on_grid, 2)[0] - level
    assert more == pytest.approx(slack, rel=0.01)
    assert level < LEVEL


def test_what_does_not_belong_together_is_refused():
    certificate = certified()
    oracle = SmoothedOracle(RIGHT, n=2, seed=1)
    other = cb.Smoothed(beyond(0.5), cb.Gaussian(sigma=0.5), space=SPACE)
    with pytest.raises(InputError, match="says nothing of Gaussian\\(sigma=0.5\\)"):
        check_contradictions(oracle, other, X, [certificate], at(90), plan=PLAN)
    with pytest.raises(InputError, match="do not belong together"):
        check_contradictions(oracle, RIGHT, X, [certificate] * 2, at(90), plan=PLAN)
