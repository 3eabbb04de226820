"""The tool gate: nothing runs before its input is complete, is strict JSON, and fits the schema the model was shown.

`jsonschema-rs`, compiled once per tool, decides and finds the words; `jsonschema` checks in the tests that the schemas
are well formed and that the two agree. A refusal is written for the model: where, what was wrong, what would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson

from analysis.messages import ToolSpec

MAX_INPUT_CHARS = 4_000_000
_SHOWN_ERRORS = 5
_SHOWN_CHARS = 160


@dataclass(frozen=True, slots=True)
class Passed:
    """The input fits."""

    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """The input does not fit. `input` is what was understood of it, for the record that goes back to the model."""

    code: str
    text: str
    input: dict[str, Any]


class Gate:
    """All tools of a conversation, each with its compiled schema."""

    def __init__(self, tools: Iterable[ToolSpec]) -> None:
        self.specs = {tool.name: tool for tool in tools}
        self._checks = {
            name: jsonschema_rs.validator_for(dict(tool.schema), validate_formats=False)
            for name, tool in self.specs.items()
        }

    def check(self, tool_name: str, text: str, size: int = 0) -> Passed | Refused:
        """Judge a complete input; empty text counts as no arguments. `size` is its true length where `text` was not kept whole."""
        if tool_name not in self._checks:
            known = ", ".join(self._checks) or "none"
            return Refused(
                "unknown_tool", f"there is no tool {_short(tool_name)!r}; the tools are {known}", _parsed(text)
            )
        if max(size, len(text)) > MAX_INPUT_CHARS:
            return Refused("too_large", f"the input is longer than {MAX_INPUT_CHARS:,} characters; send less data", {})
        try:
            given = orjson.loads(text) if text.strip() else {}
        except orjson.JSONDecodeError as error:
            where = _around(text, error.pos)
            return Refused(
                "invalid_json", f"the input is not valid JSON at character {error.pos}{where}", _unparsed(text)
            )
        if not isinstance(given, dict):
            return Refused("schema", f"the input must be a JSON object, not {_kind(given)}", _unparsed(text))
        return self.check_object(tool_name, given)

    def check_object(self, tool_name: str, given: dict[str, Any]) -> Passed | Refused:
        """Judge an input that is already parsed (an edited approval)."""
        check = self._checks[tool_name]
        if check.is_valid(given):
            return Passed(given)
        words = []
        for error in check.iter_errors(given):
            words.append(_words(error, self.specs[tool_name].schema))
            if len(words) == _SHOWN_ERRORS:
                break
        return Refused("schema", "; ".join(dict.fromkeys(words)), given)


def _words(error: jsonschema_rs.ValidationError, schema: Mapping[str, Any]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path).lstrip(".")
    wanted = _accepted(schema, list(error.schema_path))
    return f"{path or 'input'}: {_short(error.message)}" + (f"; accepted: {wanted}" if wanted else "")


def _accepted(schema: Mapping[str, Any], path: list[Any]) -> str:
    """What the schema wants at the failed keyword, where the message alone does not say it."""
    keyword = path[-1] if path else ""
    node: Any = schema
    for step in path[:-1]:
        node = _step(schema, node, step)
    node = _resolved(schema, node)
    if not isinstance(node, dict):
        return ""
    if keyword == "additionalProperties":
        return ", ".join(node.get("properties", {})) or "no fields"
    if keyword == "required":
        return "required are " + ", ".join(node.get("required", ()))
    if keyword in ("anyOf", "oneOf"):
        return " or ".join(_summary(_resolved(schema, option)) for option in node[keyword])
    return ""


def _step(root: Mapping[str, Any], node: Any, step: Any) -> Any:
    node = _resolved(root, node)
    if isinstance(node, dict):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def _resolved(root: Mapping[str, Any], node: Any) -> Any:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        target: Any = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        return target
    return node


def _summary(option: Any) -> str:
    if not isinstance(option, dict):
        return "anything"
    if "enum" in option:
        return " | ".join(map(str, option["enum"]))
    return str(option.get("type", option.get("const", "a value")))


def _parsed(text: str) -> dict[str, Any]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _unparsed(text)
    return given if isinstance(given, dict) else _unparsed(text)


def _unparsed(text: str) -> dict[str, Any]:
    """What goes back to the model in place of an input that is no object: providers insist on an object."""
    return {"INVALID_JSON": text[:2000]} if text.strip() else {}


def _around(text: str, position: int) -> str:
    piece = text[max(0, position - 20) : position + 20].strip()
    return f", near {_short(piece)!r}" if piece else ""


def _kind(value: Any) -> str:
    names = {
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), "something else")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
