"""A campaign's specification: what it is, and what it is known by."""

from dataclasses import replace

import pytest

from certiball.attacks.judging.judgement import Judging, Level
from certiball.balls import Norm
from certiball.campaigns.spec import CampaignSpec, Subject, Target, differences, from_json, to_json
from certiball.errors import InputError, StoreError
from certiball.runs.spec import DataId, ModelId

SPEC = CampaignSpec(
    subject=Subject(
        model=ModelId(name="net.pt", digest="9f2c", classes=10, backend="torch cpu float32"),
        data=DataId(name="digits", digest="77ab", every=2, first=50, count=50, shape=(1, 8, 8)),
        space="Grid(step=Fraction(1, 256), low=0, high=256)",
    ),
    target=Target(law="Gaussian(sigma=0.25)", n=25),
    name="rays",
    attack="RayS(norm=<Norm.LINF: 'linf'>)",
    norm=Norm.LINF,
    max_queries=1000,
    level=Level(P_a=0.8, judging=Judging.CALLS),
)


def test_what_is_written_is_read():
    for spec in (SPEC, replace(SPEC, max_queries=None, epsilon=0.5, target=Target())):
        again = from_json(to_json(spec))
        assert again == spec
        assert again.digest == spec.digest


@pytest.mark.parametrize(
    "other",
    [
        replace(SPEC, attack="RayS(norm=<Norm.L2: 'l2'>)"),
        replace(SPEC, max_queries=1001),
        replace(SPEC, epsilon=0.5),
        replace(SPEC, norm=Norm.L2),
        replace(SPEC, target=replace(SPEC.target, n=26)),
        replace(SPEC, target=replace(SPEC.target, frozen=True)),
        replace(SPEC, target=replace(SPEC.target, law="Gaussian(sigma=0.5)")),
        replace(SPEC, level=replace(SPEC.level, P_a=0.9)),
        replace(SPEC, level=replace(SPEC.level, alpha=0.01)),
        replace(SPEC, level=replace(SPEC.level, judging=Judging.LEVEL)),
        replace(SPEC, subject=replace(SPEC.subject, space="Reals(low=0.0, high=1.0)")),
    ],
    ids=range(11),
)
def test_whatever_answers_depend_on_makes_another_campaign(other):
    assert other.digest != SPEC.digest


def test_names_make_no_other_campaign():
    model, data = SPEC.subject.model, SPEC.subject.data
    moved = replace(
        SPEC.subject, model=replace(model, name="/tmp/net.pt"), data=replace(data, name="test")
    )
    assert replace(SPEC, name="RayS", subject=moved).digest == SPEC.digest
    assert differences(SPEC.subject, moved) == []
    service = replace(SPEC.subject, model=replace(model, digest=None, name="http://a/"))
    other = replace(service, model=replace(service.model, name="http://b/"))
    assert replace(SPEC, subject=other).digest != replace(SPEC, subject=service).digest
    assert differences(service, other) == ["model.name: http://a/ → http://b/"]
    changed = replace(SPEC.subject, data=replace(data, digest="0000"))
    assert differences(SPEC.subject, changed) == ["data.digest: 77ab → 0000"]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda value: value.pop("norm"),
        lambda value: value.update(more=1),
        lambda value: value.update(norm="l7"),
        lambda value: value.update(max_queries="many"),
        lambda value: value.update(max_queries=0),
        lambda value: value["level"].update(P_a=2.0),
        lambda value: value["subject"].update(data=[]),
        lambda value: value.update(subject={}),
    ],
    ids=range(8),
)
def test_a_stored_campaign_that_is_none_is_one_line(break_it):
    value = to_json(SPEC)
    break_it(value)
    with pytest.raises(StoreError, match="a stored campaign cannot be read") as refusal:
        from_json(value)
    assert "\n" not in str(refusal.value)


def test_numbers_out_of_range_are_refused():
    with pytest.raises(InputError, match="max_queries must be at least 1, not 0"):
        replace(SPEC, max_queries=0)
    with pytest.raises(InputError, match="epsilon must be > 0, not 0"):
        replace(SPEC, epsilon=0.0)
