"""Level 2: votes of honest records come back, votes of others do not."""

from dataclasses import replace

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.records.audit import Audit, nonce_of
from certiball.records.randomness import check_randomness
from certiball.records.replay import Replayed, _similar, replay
from certiball.records.subject import check_subject
from certiball.runs.finding import Level
from records.conftest import bright, greys
from records.forging import at_hand, failed, forged, levels, raised


def everything(record, rows, subject):
    places = Audit(nonce="mine", record=record.digest).choose(rows, None)
    return replay(record, rows, subject, places)


def darker(batch):
    total = np.rint(255 * batch.astype(np.float64)).sum((1, 2, 3))
    return (total > 530).astype(np.int64) + (total > 1500)


@pytest.mark.parametrize("plan", ["fixed", "randomized", "targets", "precision"])
def test_honest_records_are_identical(made, plan):
    found = made(plan)
    record, rows = found.record, found.rows
    subject = at_hand(record)
    assert levels(check_subject(record, rows, subject)) == {Level.OK}
    assert levels(everything(record, rows, subject)) == {Level.OK}


def test_another_model_fails_by_its_digest(made):
    found = made()
    record = found.record
    for other in (at_hand(record, name="v2"), at_hand(record, function=lambda x: bright(1 - x))):
        findings = check_subject(record, found.rows, other)
        assert failed(findings) == ["model"]
        assert record.spec.model.digest in findings[0].text


def test_a_record_under_anothers_name_fails_by_its_votes(made):
    # The digest of a function is its name's and its labels of some probes: it may be copied.
    found = made()
    rows, subject = found.rows, at_hand(found.record, function=darker)
    assert failed(everything(found.record, rows, subject)) == ["replay"]


def test_other_data_other_labels_other_order(made):
    found = made()
    record, data = found.record, greys()
    brighter = replace(data, inputs=np.minimum(data.inputs, 254))
    assert failed(check_subject(record, found.rows, at_hand(record, dataset=brighter))) == ["data"]
    relabelled = replace(data, labels=1 - data.labels)
    other = at_hand(record, dataset=relabelled)
    assert failed(check_subject(record, found.rows, other)) == ["data"]


def test_labels_that_only_the_table_has(made):
    forgery, rows = forged(made(), lambda row: replace(row, label=1))
    assert failed(check_subject(forgery, rows, at_hand(forgery))) == ["labels"]
    forgery, rows = forged(made(), lambda row: replace(row, content=f"{row.index:032x}"))
    assert failed(check_subject(forgery, rows, at_hand(forgery))) == ["labels"]


def test_one_vote_too_many_is_seen(made):
    forgery, rows = forged(made(), raised(1, index=3))
    [finding] = everything(forgery, rows, at_hand(forgery))
    assert finding.level is Level.FAIL
    assert "input 3: at least 1 of 640" in finding.text


def test_another_label_without_noise_is_seen(made):
    forgery, rows = forged(made(), lambda row: replace(row, clean=1))
    assert failed(everything(forgery, rows, at_hand(forgery))) == ["replay"]


def test_on_another_machine_a_flip_is_said_and_a_fraud_refused(made):
    elsewhere = {1: {**made().record.given.environments[1], "cpu": "another"}}
    for votes, level in ((0, Level.OK), (1, Level.WARN), (5, Level.FAIL)):
        forgery, rows = forged(made(), raised(votes, index=3), environments=elsewhere)
        subject = at_hand(forgery)
        [*_, environment] = check_subject(forgery, rows, subject)
        assert environment.level is Level.OPEN
        assert "cpu: another → " in environment.text
        [finding] = everything(forgery, rows, subject)
        assert finding.level is level


ELSEWHERE = {1: {"cpu": "another"}}


def test_a_false_environment_is_no_licence_to_relabel(made):
    forgery, rows = forged(
        made(), lambda row: replace(row, clean=(row.clean + 1) % 3), environments=ELSEWHERE
    )
    [finding] = everything(forgery, rows, at_hand(forgery))
    assert finding.level is Level.FAIL
    assert "6 of 6 labels without noise are another" in finding.text


def test_nor_to_raise_a_radius_by_few_votes(made):
    """Near p = 1 one vote in a thousand is no small fraud."""
    usual = at_hand(made().record).g
    found = made("many", g=replace(usual, law=Gaussian(sigma=0.33)))
    forgery, rows = forged(found, raised(4, index=0), environments=ELSEWHERE)
    before, after = found.rows[0], rows[0]
    assert after.radius > 1.04 * before.radius
    [finding] = everything(forgery, rows, at_hand(forgery))
    assert finding.level is Level.FAIL
    assert "input 0: at least 4 of 4,040, a radius higher by" in finding.text
    assert Replayed(row=after, flips=4, votes=4040, clean=after.clean).near  # by their number


def test_nor_to_raise_every_input_by_a_vote(made):
    record, row = made().record, made().rows[0]
    up = Replayed(row=row, flips=1, gain=1, votes=4000, clean=row.clean)
    down = replace(up, gain=-1)
    assert _similar(record, 10 * [up]).level is Level.FAIL
    assert "at 10 inputs and away from it at 0" in _similar(record, 10 * [up]).text
    assert _similar(record, 9 * [up]).level is Level.WARN
    assert _similar(record, [*10 * [up], *5 * [down]]).level is Level.WARN
    assert _similar(record, 10 * [down]).level is Level.WARN
    assert _similar(record, [*2000 * [up], *2000 * [down]]).level is Level.WARN


def test_a_model_that_answers_no_more(made):
    def fails(batch):
        raise KeyError("gone")

    found = made()
    subject = at_hand(found.record)
    broken = replace(subject, g=at_hand(found.record, function=fails).g)
    [finding] = everything(found.record, found.rows, broken)
    assert finding.level is Level.FAIL
    assert "the model raised KeyError" in finding.text
    [model, *_] = check_subject(found.record, found.rows, broken)
    assert model.level is Level.FAIL


def test_inputs_that_failed_have_no_votes_to_replay(made):
    def gone(row):
        return (
            replace(row, selection=None, estimation=None, reason="too dark") if row.index else row
        )

    forgery, rows = forged(made(), gone)
    audit = Audit(nonce="mine", record=forgery.digest)
    assert audit.choose(rows, 5) == [0]
    findings = replay(forgery, rows, at_hand(forgery), [0])
    assert [finding.level for finding in findings] == [Level.OK, Level.OPEN]
    assert "5 are recorded as failed" in findings[-1].text
    with pytest.raises(InputError, match="no votes"):
        audit.choose([replace(row, estimation=None) for row in rows], 5)


def test_the_choice_is_the_verifiers_and_blind_to_votes(made):
    found = made()
    first = found.rows[0]
    many = [replace(first, index=index) for index in range(400)]
    audit = Audit(nonce="mine", record=found.record.digest)
    chosen = audit.choose(many, 20)
    assert len(set(chosen)) == 20
    assert chosen == sorted(chosen) == audit.choose([raised(9)(row) for row in many], 20)
    assert chosen != replace(audit, nonce="yours").choose(many, 20)
    assert chosen != replace(audit, record="sha256:0").choose(many, 20)
    with pytest.raises(InputError, match="--inputs"):
        audit.choose(many, 0)


def test_nonces():
    assert len({nonce_of(None) for _ in range(10)}) == 10
    assert nonce_of("a coin") == "a coin"
    for text in ("", "two\nlines", 501 * "x"):
        with pytest.raises(InputError, match="--nonce"):
            nonce_of(text)


def test_what_is_said_of_seeds(made):
    record = made().record
    assert "1 of 1 seeds were chosen" in check_randomness(record, 2).text
    assert "fresh noise" in check_randomness(record, 3).text
    [(shard, draw)] = record.draws.items()
    public = {shard: replace(draw, announced="drand, round 17", beacon=32 * "a")}
    settled = replace(record, given=replace(record.given, draws=public))
    said = check_randomness(settled, 2)
    assert said.level is Level.OPEN
    assert f"number {32 * 'a'}, announced as drand, round 17" in said.text
    early = {shard: replace(draw, announced="drand, round 17")}
    waiting = replace(record, given=replace(record.given, draws=early))
    assert check_randomness(waiting, 1).level is Level.FAIL
