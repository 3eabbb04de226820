"""The whole service against a Messages server that plays recordings and refuses what the real one refuses: every promise
of the stream holds, and the next question is legal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.answers import Answer, Play
from benchmarks.emulator import Emulator, in_turn, playing
from benchmarks.tool_input import call_of

STREAMS = Path(__file__).parents[2] / "fixtures" / "streams" / "anthropic"
PLAYED = {path.stem: playing(path.read_bytes(), piece_bytes=61) for path in sorted(STREAMS.glob("*.sse"))}
ENDS_FAILED = {
    "cut_in_text",
    "cut_in_tool",
    "overloaded_before",
    "overloaded_during",
    "rate_limited_before",
    "context_exceeded",
}


def keep_the_promises(told: list[Any]) -> None:
    """One end for each message and call, artifacts inside their call, deltas joined are the text, dense numbers."""
    assert all(len(orjson.dumps(event)) <= 512 * 1024 for event in told)
    assert [event["seq"] for event in told] == list(range(told[0]["seq"], told[0]["seq"] + len(told)))
    text, open_calls, ended = "", {}, 0
    for event in told:
        match event["type"]:
            case "text_delta":
                assert event["offset"] == len(text)
                text += event["text"]
            case "tickmark":
                assert text[event["start"] : event["end"]] == event["shown"]
            case "tool_start":
                open_calls[event["tool_id"]] = False
            case "tool_validated":
                open_calls[event["tool_id"]] = True
            case "chart_ready" | "table_ready" | "metric_ready":
                assert open_calls[event["tool_id"]]
            case "tool_complete":
                assert open_calls.pop(event["tool_id"]) or not event["success"]
            case "message_complete":
                ended += 1
                assert event["text"] == text
    assert (ended, open_calls) == (1, {})
    assert told[-1]["type"] == "message_complete"
    assert "[[v" not in text


def by_name(request: dict[str, Any]) -> Answer:
    """Plays the recording that the conversation's first question names."""
    first = request["messages"][0]["content"]
    words = first if isinstance(first, str) else first[0]["text"]
    return PLAYED[words.split()[0]](request)


async def test_every_recorded_answer_keeps_every_promise_and_the_next_request_is_legal(
    start: Any, events: Any, samples: Path
) -> None:
    async with Emulator(by_name, key="secret") as emulator:
        server = await start(ANTHROPIC_API_KEY="secret", ANTHROPIC_BASE_URL=emulator.url)

        async def converse(recording: str) -> None:
            conversation_id = await server.conversation(samples / "northwind_statements.csv")
            for question in (f"{recording} How did revenue develop?", "And what does it mean?"):
                told = events(await server.ask(conversation_id, question))
                assert [event["type"] for event in told[:2]] == ["user_message", "message_start"], recording
                keep_the_promises(told)
                assert "secret" not in str(told)
                if question.startswith(recording):
                    assert (told[-1]["stop_reason"] == "failed") == (recording in ENDS_FAILED), (recording, told[-1])

        async with asyncio.TaskGroup() as talk:  # all at once, as users come
            for recording in PLAYED:
                talk.create_task(converse(recording))
        assert emulator.refusals == []


async def test_a_megabyte_of_tool_input_goes_through(start: Any, events: Any, samples: Path) -> None:
    big, _ = call_of(1_000_000)
    text = playing((STREAMS / "text.sse").read_bytes())
    async with Emulator(in_turn(Play(big), text({"messages": [{"role": "user", "content": "x"}]}))) as emulator:
        server = await start(ANTHROPIC_API_KEY="x", ANTHROPIC_BASE_URL=emulator.url)
        told = events(await server.ask(await server.conversation(), "Show me everything."))
        keep_the_promises(told)
        assert told[-1]["stop_reason"] == "end_turn"
        assert emulator.refusals == []


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"ANTHROPIC_API_KEY": "wrong"}, "provider_auth", "ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, "provider_unreachable", "reach"),
        ({"TICKMARK_MODEL": "claude-nonesuch"}, "unknown_model", "claude-nonesuch"),
    ],
)
async def test_a_provider_that_cannot_serve_is_told_in_words_and_the_conversation_stays_usable(
    settings: dict[str, str], code: str, words: str, start: Any, events: Any
) -> None:
    played = playing((STREAMS / "text.sse").read_bytes())
    async with Emulator(played, key="right", models=["claude-sonnet-5-5"]) as emulator:
        server = await start(**{"ANTHROPIC_API_KEY": "right", "ANTHROPIC_BASE_URL": emulator.url, **settings})
        conversation_id = await server.conversation()
        told = events(await server.ask(conversation_id, "Hello?"))
        error = next(event for event in told if event["type"] == "error")
        assert error["code"] == code
        assert words in error["text"]
        assert "right" not in str(told)
        keep_the_promises(told)
        whole = await server.client.post(f"/api/conversation/{conversation_id}/message", json={"message": "Hello?"})
        assert whole.status_code in (422, 502)
        assert whole.json()["error"]["code"] == code
        offline = await server.client.post(
            f"/api/conversation/{conversation_id}/message", json={"message": "Hello?", "provider": "offline"}
        )
        assert offline.status_code == 200
        assert offline.json()["success"]
