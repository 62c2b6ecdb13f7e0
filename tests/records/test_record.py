"""Records of finished runs: what they say, what gets none, and what they do not give away."""

import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.certification.plan import FixedSamples
from certiball.claim import Claim, Rule
from certiball.errors import InputError
from certiball.execution import Execution
from certiball.laws.gaussian import Gaussian
from certiball.records.canonical import canonical_bytes
from certiball.records.claims import BOUNDS
from certiball.records.issue import Wish, issue, plain_text
from certiball.records.record import read_record, read_rows
from certiball.records.recount import Recount
from certiball.records.rows import Row, Status, parse_row, row_line
from certiball.records.specification import specification_of
from certiball.records.strict import parse_strict
from certiball.records.summary import radii_of
from certiball.records.verify import check_counts
from certiball.report.from_run import study_of_run
from certiball.report.radii import default_radii
from certiball.report.texts import at_least
from certiball.report.views import study_view
from certiball.runs.finding import Level
from certiball.runs.read import Results
from certiball.runs.spec import DataId, ModelId, RunSpec, to_json
from certiball.spaces import Reals
from certiball.statistics.rounding import exact_down, exact_up
from certiball.theorems import TABLE
from certiball.threats.threat import parse_threat
from records.conftest import Made

PLANS = ("fixed", "randomized", "targets", "precision")


@pytest.mark.parametrize("plan", PLANS)
def test_rows_say_what_the_run_says(made: Callable[..., Made], finished, plan):
    for row, outcome in zip(made(plan).rows, finished(plan).outcomes, strict=True):
        result = outcome.result
        certified = isinstance(result, Certificate)
        assert row.radius == (result.radius if certified else 0.0)
        assert (row.status is Status.CERTIFIED) == certified
        assert (row.p_lower, row.predicted, row.clean) == (
            result.p_lower,
            result.label,
            outcome.clean,
        )
        assert row.verdicts == tuple(target.verdict for target in result.targets)
        assert sum(row.estimation.values()) == result.estimation.total


def test_a_record_comes_back_from_its_files(made: Callable[..., Made], finished, tmp_path):
    path = made("targets").write(tmp_path)
    record = read_record(path)
    spec = finished("targets").spec
    assert record.spec.digest == spec.digest
    assert to_json(replace(record.spec, model=spec.model)) == to_json(spec)
    assert record.draws == finished("targets").draws
    assert read_rows(record) == made("targets").rows


def test_parquet_holds_the_same_rows(made: Callable[..., Made]):
    wish = Wish(table="certificate.table.parquet", format="parquet", threats=("l2:.1",))
    for plan in ("randomized", "targets"):
        found = made(plan, wish)
        assert found.rows == made(plan).rows
        assert all(f.level is not Level.FAIL for f in check_counts(found.record, found.rows))


def test_no_folder_host_or_process_is_given_away(made: Callable[..., Made], finished):
    results = finished()
    attempt = results.attempts[0]
    text = made().payload.decode()
    assert "/home" not in text
    assert "bright.pt" in text
    assert attempt.host not in text
    assert str(results.folder) not in text
    assert [a["machine"] for a in json.loads(text)["predicate"]["attempts"]] == [1]
    assert plain_text("OSError: no /srv/x y/a.npz, C:\\data\\b") == "OSError: no a.npz, b"
    assert plain_text("two\nlines\x1b[1m") == "two lines [1m"
    assert plain_text("runs/demo at 1/255, 3 / 4") == "runs/demo at 1/255, 3 / 4"


def test_what_cannot_have_a_record(finished: Callable[..., Results]):
    results = finished()
    nameless = replace(results.spec, model=replace(results.spec.model, digest=None, probes="0"))
    with pytest.raises(InputError, match="unidentified"):
        issue(replace(results, spec=nameless), Wish())
    cut = (*results.outcomes[:-1], replace(results.outcomes[-1], result=None))
    with pytest.raises(InputError, match="1 of 6 inputs of .* are unfinished"):
        issue(replace(results, outcomes=cut), Wish())
    for wish in (
        Wish(issuer="two\nlines"),
        Wish(issuer=" "),
        Wish(previous="sha256:12"),
        Wish(threats=("l2:0",)),
        Wish(table="../x"),
    ):
        with pytest.raises(InputError):
            issue(results, wish)


def test_a_failed_input_stays_in_every_count(finished: Callable[..., Results]):
    results = finished()
    failed = replace(results.outcomes[0], result=None, failure="raised KeyError at /home/a/x.py")
    payload, table = issue(
        replace(results, outcomes=(failed, *results.outcomes[1:])), Wish(threats=("l2:.0001",))
    )
    found = Made(payload=payload, table=table)
    told = found.record.statement["predicate"]
    assert told["summary"]["failed"] == 1
    assert told["summary"]["inputs"] == 6
    assert told["threatModel"]["threats"][0]["verdict"] == "partly covered"
    assert found.rows[0].reason == "raised KeyError at x.py"
    assert all(f.level is not Level.FAIL for f in check_counts(found.record, found.rows))
    alive = replace(found.rows[0], radius=0.5)
    wrong = check_counts(found.record, [alive, *found.rows[1:]])
    assert any(f.level is Level.FAIL for f in wrong)


def test_votes_that_the_plan_could_not_have_ended_with_are_a_fault(made: Callable[..., Made]):
    """One vote less; a look at which the plan would have gone on; a look that it passed."""
    found = made("targets")
    recount = Recount(given=found.record.given)
    place, row = next((i, r) for i, r in enumerate(found.rows) if sum(r.estimation.values()) < 600)
    top = max(row.estimation, key=row.estimation.get)
    for change in (-1, 1, 32):
        other = row.estimation | {top: row.estimation[top] + change}
        with pytest.raises(InputError, match="the plan ends with"):
            recount.row(place, replace(row, estimation=other))
    early = replace(row, estimation={0: 17, 1: 15})  # a look, and nothing is decided there
    with pytest.raises(InputError, match="the plan ends with"):
        recount.row(place, early)


def test_two_classes_are_judged_by_the_largest_rival(made: Callable[..., Made], finished):
    found = made("fixed", rule=Rule.TWO_CLASS)
    assert all(f.level is not Level.FAIL for f in check_counts(found.record, found.rows))
    assert any(row.p_upper is not None and row.radius > 0 for row in found.rows)
    for plan in ("targets", "precision"):
        stopped = made(plan, rule=Rule.TWO_CLASS)
        assert all(f.level is not Level.FAIL for f in check_counts(stopped.record, stopped.rows))


def test_threats_are_covered_by_radii_beyond_their_budget(made: Callable[..., Made]):
    """By exact arithmetic: ‖δ‖∞ ≤ ε is in the open ball of radius R where R > ε √d; here d = 4."""
    for text in ("linf:1/10", "linf:1/255", "l1:.2", "l2:.2"):
        found = made("fixed", Wish(threats=(text,)))
        threat, rows = parse_threat(text), found.rows
        factor = 2 if threat.norm is Norm.LINF else 1
        wanted = sum(Fraction(row.radius) > factor * threat.budget for row in rows)
        told = found.record.statement["predicate"]["threatModel"]["threats"][0]
        assert abs(told["covered"] - wanted) == 0
        words = "covered" if wanted == 6 else "partly covered" if wanted else "not covered"
        assert told["verdict"] == words
    exactly = max(row.radius for row in rows)
    on_it = made("fixed", Wish(threats=(f"l2:{Fraction(exactly)}",))).record.statement
    assert on_it["predicate"]["threatModel"]["threats"][0]["covered"] == 0  # the ball is open


def test_threats_that_no_ball_bounds_are_said_not_to_be_covered(made: Callable[..., Made]):
    threats = ("rotation by 10 degrees", "l0:3", "patch:2x2")
    told = made("fixed", Wish(threats=threats)).record.statement["predicate"]["threatModel"]
    assert [each["verdict"] for each in told["threats"]] == ["not covered"] * 3
    none = made("fixed", Wish()).record.statement["predicate"]["threatModel"]
    assert none["sentence"].startswith("No threat was named")


@pytest.mark.parametrize("text", ["", "a\nb"])
def test_malformed_threats_are_refused(text):
    with pytest.raises(InputError, match="is named in 1 to 200 characters"):
        parse_threat(text)


@pytest.mark.parametrize(
    "amount", ["", "x", "-1", "0", "1/0", "1e9", "1e99", "1e400", "1e99999999999"]
)
def test_budgets_that_are_none_are_refused_at_once(amount):
    with pytest.raises(InputError, match="above 0 and below 1,000,000,000"):
        parse_threat(f"linf:{amount}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [("linf:8", "mean 8/255?"), ("l1:9", "mean 9/255"), ("l0:5", "of the 4 that")],
)
def test_a_budget_in_other_units_is_questioned(made: Callable[..., Made], text: str, meant: str):
    with pytest.raises(InputError, match=re.escape(meant)):
        made("fixed", Wish(threats=(text,)))


def test_sentences_say_how_many_and_how_likely_in_words(made: Callable[..., Made]):
    """With the largest budget that is too much for every input, and the counts of the rows."""
    found = made("fixed", Wish(threats=("l1:4",)))
    told, rows = found.record.statement["predicate"], found.rows
    certified = sum(row.status is Status.CERTIFIED for row in rows)
    right = sum(row.status is Status.CERTIFIED and row.predicted == row.label for row in rows)
    assert told["claim"]["sentence"].startswith(
        f"{certified} of 6 inputs have a certificate, {right} for the right class. "
    )
    threat = told["threatModel"]["threats"][0]["sentence"]
    assert threat.startswith("Not covered: of 6 inputs, 0 are proven to keep their answer, and 0 ")
    sentence = told["guarantees"]["falseCertificates"]["sentence"]
    stated = re.search("at least one is false is at most ([0-9.]+), if noise", sentence)
    assert stated is not None
    exact = 1 - (1 - Fraction(0.001)) ** 6
    assert exact <= Fraction(stated[1]) <= exact * Fraction(101, 100)


def test_radii_to_count_at_do_not_depend_on_results(finished: Callable[..., Results]):
    assert radii_of(finished("targets").spec) == (0.25, 1.0)
    fixed = radii_of(finished("fixed").spec)
    assert fixed[0] == 0.0
    assert 3 <= len(fixed) <= 11
    assert radii_of(finished("precision").spec)[-1] <= 0.5


@pytest.mark.parametrize("kind", ["fixed", "targets", "precision"])
def test_a_report_and_a_record_say_the_same_at_the_same_radii(
    finished: Callable[..., Results], made: Callable[..., Made], kind: str
):
    results = finished(kind)
    study = study_of_run(results, dataset=None)
    radii = default_radii([study])
    assert radii == radii_of(results.spec)
    told = json.loads(made(kind).payload)["predicate"]["guarantees"]
    here = [each["robustAtLeast"] for each in told["thisTable"]["at"]]
    there = [each["shareAtLeast"] for each in told["population"]["at"]]
    rows = study_view(study, radii, 0).proofs
    assert rows
    for row, known, share in zip(rows, here, there, strict=False):
        assert row.table == f"≥ {known}"
        assert row.population == at_least(float(share))


def test_texts_of_floats_give_them_back_and_lie_on_the_safe_side():
    chance = random.Random(3)
    values = [chance.random() for _ in range(2000)]
    values += [chance.random() * 10.0 ** chance.randint(-300, 300) for _ in range(500)]
    values += [math.nextafter(2.0**k, 0) for k in range(-40, 40)] + [0.0, 1.0, 5e-324]
    for value in values:
        low, high = exact_down(value), exact_up(value)
        assert float(low) == float(high) == value
        assert Fraction(low) <= Fraction(value) <= Fraction(high)


def test_a_row_has_one_text():
    row = Row(
        index=3,
        content="0" * 32,
        label=1,
        status=Status.ABSTAINED,
        selection={1: 5, 0: 3},
        estimation={0: 9},
        radius=0.0,
    )
    line = row_line(row)
    assert parse_row(line) == row
    for wrong in (
        line.replace("0:3,1:5", "1:5,0:3"),
        line.replace("0:9", "0:09"),
        line.replace("0:9", "0:9,0:9"),
        line.replace("0:9", "0:9,1:0"),
        line.replace("0:9", "0,9"),
        line.replace("\t0.0\t", "\t0.00\t"),
        line.replace("\t0.0\t", "\tnan\t"),
        line.replace("\t0.0\t", "\t-0.0\t"),
        line.replace("3\t", "+3\t", 1),
        line.replace("3\t", "٣\t", 1),
        line + "\t",
        "",
    ):
        with pytest.raises(InputError):
            parse_row(wrong)


def test_every_theorem_and_bound_has_its_source():
    assert all(each.source and each.one_sided for each in TABLE.values())
    assert {bound.value for bound in BOUNDS} == {"clopper-pearson", "randomized", "mixture"}


@pytest.mark.parametrize(
    "space", [Reals(low=0.0, high=1.0), Reals(), Reals(low=-1.5, high=2.0), Reals(low=0.0)]
)
def test_specifications_survive_json_that_knows_no_floats(space):
    claim = Claim(
        law=Gaussian(sigma=1.0), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.5, space=space
    )
    spec = RunSpec(
        model=ModelId(name="m", digest="0", classes=2, backend=claim.backend),
        data=DataId(name="d", digest="0" * 64, every=1, first=None, count=1, shape=(2,)),
        claim=claim,
        plan=FixedSamples(n0=1, n=10),
        execution=Execution(batch=1, threads=1),
    )
    value = parse_strict(canonical_bytes(to_json(spec)))
    assert specification_of(value, spec.digest) == spec


def test_the_smoothed_claim_is_checked_against_noise_free_arithmetic(made: Callable[..., Made]):
    """V1 in other words: Clopper–Pearson and the theorem from scipy alone, for the first rows."""
    from scipy import stats

    for row in made("fixed").rows:
        k, n = row.estimation[row.predicted], sum(row.estimation.values())
        p = stats.beta.ppf(0.001, k, n - k + 1)
        assert row.p_lower == pytest.approx(p, rel=1e-9)
        radius = 0.5 * stats.norm.ppf(row.p_lower)
        assert row.radius == pytest.approx(max(0, radius), rel=1e-9, abs=1e-12)
        assert np.isfinite(row.radius)
