"""A specification: its JSON, its digest, its differences."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.balls import Norm
from certiball.certification.plan import FixedSamples
from certiball.claim import Bound
from certiball.errors import InputError, StoreError
from certiball.laws.ablation import Ablation
from certiball.laws.gaussian import Gaussian
from certiball.runs.prepare import prepare
from certiball.runs.spec import canonical, differences, from_json, to_json
from certiball.spaces import Grid, Reals
from certiball.votes import Design


@pytest.fixture
def spec(tmp_path, job):
    return prepare(tmp_path, job()).spec


@pytest.mark.parametrize(
    "space",
    [Grid(step=Fraction(1, 256), low=0, high=256), Grid(step=Fraction(2), low=-3, high=1), Reals()],
)
def test_json_and_back(spec, space):
    other = replace(spec, claim=replace(spec.claim, space=space))
    text = canonical(to_json(other))
    assert from_json(json.loads(text)) == other
    assert canonical(to_json(from_json(json.loads(text)))) == text
    assert from_json(json.loads(text)).digest == other.digest


def test_the_text_is_canonical(spec):
    text = canonical(to_json(spec))
    assert " " not in text.replace("six greys", "")
    assert '"step":"1/255"' in text
    assert list(json.loads(text)) == sorted(json.loads(text))


# A frozen value may be built once for all examples.
@given(
    sigma=st.floats(min_value=1e-6, max_value=1e3),
    n0=st.integers(min_value=1, max_value=10**6),
    n=st.integers(min_value=1, max_value=10**9),
)
def test_any_numbers_survive(sigma, n0, n):
    value = {
        "law": {"kind": "gaussian", "sigma": sigma},
        "plan": {"kind": "fixed", "n0": n0, "n": n},
    }
    back = json.loads(canonical(value))
    assert Gaussian(sigma=back["law"]["sigma"]) == Gaussian(sigma=sigma)
    assert FixedSamples(n0=back["plan"]["n0"], n=back["plan"]["n"]) == FixedSamples(n0=n0, n=n)


def test_names_are_no_part_of_the_identity_but_digests_are(spec):
    renamed = replace(spec, model=replace(spec.model, name="b"), data=replace(spec.data, name="b"))
    assert renamed.digest == spec.digest
    assert differences(spec, renamed) == []
    other = replace(spec, model=replace(spec.model, digest="0"))
    assert other.digest != spec.digest
    assert differences(spec, other) == [f"model.digest: {spec.model.digest} → 0"]


def test_a_field_that_one_side_lacks_is_absent(spec):
    other = replace(spec, claim=replace(spec.claim, space=Reals(low=0.0, high=1.0)))
    found = differences(spec, other)
    assert "claim.space.kind: grid → reals" in found
    assert "claim.space.step: 1/255 → absent" in found


def test_damage_and_unknown_kinds_are_refused(spec):
    value = to_json(spec)
    for broken in (
        {**value, "plan": {"kind": "magic"}},
        {**value, "block": 0},
        {key: item for key, item in value.items() if key != "claim"},
        {**value, "execution": {**value["execution"], "speed": 2}},
    ):
        with pytest.raises(StoreError, match="the stored specification cannot be read"):
            from_json(broken)


def test_a_plan_that_cannot_be_stored_is_refused(spec):
    @dataclass(frozen=True, kw_only=True)
    class Mine:
        design: Design = Design.FIXED
        bound: Bound = Bound.CLOPPER_PEARSON
        selection: int = 1
        most: int = 1

        def targets(self, question, label, estimation):
            return ()

        def wanted(self, question, selection, estimation):
            return 1, 1

    with pytest.raises(InputError, match=r"a run cannot store .*: it knows fixed"):
        to_json(replace(spec, plan=Mine()))


def test_a_block_has_a_chunk(spec):
    with pytest.raises(InputError, match="block must be at least 1 chunk, not 0"):
        replace(spec, block=0)


def test_the_dimension_counts_every_number(spec):
    assert spec.dimension == 4


def test_a_law_for_other_inputs_is_refused(spec):
    """Its radius would count pixels that no input has."""

    def changed(law, **others):
        return replace(
            spec, claim=replace(spec.claim, law=law, norm=Norm.L0, strict=False), **others
        )

    assert spec.data.shape == (1, 2, 2)
    fits = changed(Ablation(keep=1, pixels=4))
    assert from_json(to_json(fits)) == fits
    with pytest.raises(InputError, match="is for inputs of 1000 pixels, and .* give pixels=4"):
        changed(Ablation(keep=1, pixels=1000))
    forged = to_json(fits)
    forged["claim"]["law"]["pixels"] = 1000
    with pytest.raises(StoreError, match="cannot be read"):
        from_json(forged)
    forged["claim"]["law"] = {"kind": "discrete", "keep": 0.9, "levels": 2}
    with pytest.raises(StoreError, match="cannot be read"):
        from_json(forged)
