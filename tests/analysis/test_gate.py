"""The tool gate: strict JSON, the schema that was shown, words that help. `jsonschema` is the oracle."""

from __future__ import annotations

from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.gate import MAX_INPUT_CHARS, Gate, Passed, Refused
from analysis.messages import ToolSpec

SCHEMA: dict[str, Any] = {
    "type": "object",
    "$defs": {"cell": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "number"}]}},
    "properties": {
        "kind": {"enum": ["line", "bar"]},
        "values": {"type": "array", "items": {"$ref": "#/$defs/cell"}, "minItems": 1, "maxItems": 4},
        "limit": {"type": "integer", "minimum": 1, "maximum": 50},
    },
    "required": ["kind"],
    "additionalProperties": False,
}
GATE = Gate([ToolSpec("chart", "Draws.", SCHEMA)])
ORACLE = jsonschema.Draft202012Validator(SCHEMA)

leaf = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-60, 60),
    st.floats(-9, 9),
    st.text(max_size=7),
    st.sampled_from(["line", "bar"]),
)
anything = st.recursive(leaf, lambda inner: st.lists(inner, max_size=5), max_leaves=8)
almost = st.dictionaries(st.sampled_from(["kind", "values", "limit", "extra"]), anything, max_size=4)


@given(st.one_of(almost, anything))
@settings(max_examples=500)
def test_the_gate_agrees_with_the_reference_validator(candidate: Any) -> None:
    verdict = GATE.check("chart", orjson.dumps(candidate).decode())
    assert isinstance(verdict, Passed) == ORACLE.is_valid(candidate)
    if isinstance(verdict, Refused):
        assert verdict.text
        assert isinstance(verdict.input, dict)


@given(st.text(max_size=60))
def test_any_text_is_judged_without_raising(text: str) -> None:
    assert isinstance(GATE.check("chart", text), Passed | Refused)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('{"kind": "lin', "invalid_json", "not valid JSON at character"),
        ('{"kind": NaN}', "invalid_json", "near"),
        ('{"kind": "\\ud800"}', "invalid_json", "not valid JSON"),
        ("[1]", "schema", "must be a JSON object, not an array"),
        ('{"kind": "pie"}', "schema", 'kind: "pie" is not one of'),
        ('{"kind": "bar", "limit": 0}', "schema", "limit: 0 is less than the minimum of 1"),
        ('{"kind": "bar", "values": ["1", {}]}', "schema", "accepted: string or number"),
        ('{"kind": "bar", "colour": "red"}', "schema", "accepted: kind, values, limit"),
        ("{}", "schema", "required are kind"),
        ("", "schema", "required are kind"),
    ],
)
def test_a_refusal_says_where_what_and_what_would_do(text: str, code: str, words: str) -> None:
    verdict = GATE.check("chart", text)
    assert isinstance(verdict, Refused)
    assert verdict.code == code
    assert words in verdict.text


def test_an_unknown_tool_is_refused_with_the_list_of_tools() -> None:
    verdict = GATE.check("cahrt", "{}")
    assert verdict == Refused("unknown_tool", "there is no tool 'cahrt'; the tools are chart", {})


def test_words_stay_short_however_large_the_input() -> None:
    verdict = GATE.check("chart", orjson.dumps({"kind": "x" * 1_000_000, "values": ["y" * 100_000] * 9}).decode())
    assert isinstance(verdict, Refused)
    assert len(verdict.text) < 2_000


def test_more_than_four_million_characters_are_refused() -> None:
    verdict = GATE.check("chart", " " * (MAX_INPUT_CHARS + 1))
    assert isinstance(verdict, Refused)
    assert verdict.code == "too_large"
