"""The published schema: another validator accepts and refuses what ours does."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from certiball.errors import InputError
from certiball.records.schema import CHECKS, OTHERS, check_schema, schema
from certiball.records.strict import parse_strict
from records.conftest import Made
from records.mutations import fields

PUBLISHED = Path(__file__).parents[2] / "docs" / "record.schema.json"


def test_the_published_schema_is_the_one_that_is_applied():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_has_no_word_that_nothing_understands():
    def words(rule):
        for word, value in rule.items():
            yield word
            if word in ("properties", "$defs"):
                for inner in value.values():
                    yield from words(inner)
            elif isinstance(value, dict):
                yield from words(value)

    assert set(words(schema())) <= CHECKS.keys() | OTHERS


def test_records_fit_and_mutants_fit_for_both_or_neither(made: Callable[..., Made]):
    other = jsonschema.Draft202012Validator(schema())
    for plan in ("fixed", "randomized", "precision", "targets"):
        payload = made(plan).payload
        other.validate(parse_strict(payload))
    refused = 0
    for mutate in list(fields(payload))[::40]:
        mutant = parse_strict(mutate(payload)[1])
        try:
            check_schema(mutant)
            fits = True
        except InputError:
            fits = False
        assert fits == other.is_valid(mutant)
        refused += not fits
    assert refused > 10


@pytest.mark.parametrize("value", [[], {}, 1, "x", None, {"_type": 1}])
def test_what_is_no_record_is_one_line(value):
    with pytest.raises(InputError, match="no record of version 1"):
        check_schema(value)
