"""The API describes itself exactly."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from typing import Any

import jsonschema
import orjson
import pytest

from analysis import events, signals
from analysis.events import EVENTS, Entry, encode, from_data
from analysis.providers.scripted import say
from api import event_schema
from api.dialects.native import Native

AT = "2026-11-21T08:00:00.000Z"
SAMPLES: dict[Any, Any] = {str: "x", int: 3, bool: True, events.Json: {"a": [1, None]}, list[str]: ["x"]}
SCHEMA = event_schema.build()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def sample(name: str, *, full: bool) -> dict[str, Any]:
    """An event as the wire carries it, with all its fields or only with those it must have."""
    kind = EVENTS[name]
    data: dict[str, Any] = {}
    hints = event_schema.get_type_hints(kind)
    for field in fields(kind):
        required = field.default is MISSING and field.default_factory is MISSING
        if required or full:
            words = event_schema.WORDS.get((name, field.name))
            choices = [hint for hint in (event_schema.get_args(hints[field.name]) or ()) if hint in SAMPLES]
            plain = hints[field.name] if hints[field.name] in SAMPLES else choices[0]
            data[field.name] = words[0] if words else SAMPLES[plain]
    return dict(orjson.loads(encode(Entry("c", 1, AT, from_data(name, data)))))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["$defs"]) == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("full", [True, False])
def test_every_event_fits_its_own_definition_and_no_other(name: str, full: bool) -> None:
    event = sample(name, full=full)
    VALIDATOR.validate(event)
    for other in EVENTS:
        single = jsonschema.Draft202012Validator(SCHEMA["$defs"][other])
        assert single.is_valid(event) is (other == name)


@pytest.mark.parametrize("name", EVENTS)
def test_a_field_too_many_too_few_or_null_does_not_fit(name: str) -> None:
    event = sample(name, full=True)
    assert not VALIDATOR.is_valid(event | {"more": 1})
    for field in SCHEMA["$defs"][name]["required"]:
        assert not VALIDATOR.is_valid({key: value for key, value in event.items() if key != field}), field
    for field in event:
        assert not VALIDATOR.is_valid(event | {field: None}), field


def test_words_that_are_not_of_the_protocol_do_not_fit() -> None:
    for (name, field), words in event_schema.WORDS.items():
        event = sample(name, full=True)
        assert all(VALIDATOR.is_valid(event | {field: word}) for word in words)
        assert not VALIDATOR.is_valid(event | {field: "perhaps"})


async def test_what_a_conversation_really_sends_fits(running: Any) -> None:
    call = [
        signals.TextArrived("Let me look. "),
        signals.ToolOpened(1, "toolu_1", "look"),
        signals.ToolChunk(1, '{"at":"x"}'),
        signals.BlockClosed(1),
        signals.ModelStopped("tool_use"),
    ]
    async with running(call, say("It rose."), [signals.ModelBroke("provider_cut", "Cut.")]) as house:
        schema = (await house.client.get("/api/schema/events")).json()
        assert schema == SCHEMA
        await house.client.post("/api/documents", files={"file": ("a.csv", b"x")})
        await house.client.post("/api/conversations", json={"conversation_id": "c", "document_ids": ["doc_1"]})
        for question in ("How?", "Why?"):
            await house.client.post("/api/conversation/c/message", json={"message": question})
        dialect = Native(accumulated_text=True)
        for entry in await house.told():
            VALIDATOR.validate(orjson.loads(dialect.encode(entry)))


async def test_the_documentation_lists_every_route_and_loads_nothing(house: Any) -> None:
    reply = await house.client.get("/docs")
    assert reply.status_code == 200
    described = (await house.client.get("/openapi.json")).json()["paths"]
    for path in described:
        assert f"<code>{path}</code>" in reply.text
    assert not re.search(r"<script|<link|src=", reply.text)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    wanted = {
        "/api/conversations",
        "/api/conversation/{conversation_id}",
        "/api/conversation/{conversation_id}/message",
        "/api/conversation/{conversation_id}/message/stream",
        "/api/conversation/{conversation_id}/interrupt",
        "/api/conversation/{conversation_id}/documents",
        "/api/conversation/{conversation_id}/tables/{table_id}",
        "/api/documents",
        "/api/document/{document_id}",
        "/api/analyze",
        "/healthz",
        "/readyz",
        "/api/schema/events",
    }
    assert wanted <= set(described)
