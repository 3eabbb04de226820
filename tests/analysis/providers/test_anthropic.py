"""The real SDK against the emulator, on the loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from analysis.messages import Message, Prompt, Thought, ToolAnswer, ToolSpec, ToolUse, Words
from analysis.providers.anthropic import AnthropicProvider
from analysis.signals import ModelBroke, ModelStopped, Signal, TextArrived, ThoughtSealed, ToolChunk, ToolOpened
from benchmarks.emulator import Answerer, Emulator, Pace, Play, Refuse, in_turn, playing

STREAMS = Path(__file__).parents[3] / "fixtures/streams/anthropic"
TOOLS = [ToolSpec(name, name, {"type": "object"}) for name in ("list_documents", "query_data", "create_chart")]
KEY = "sk-ant-a-key"


def question(*messages: Message, **fields: Any) -> Prompt:
    asked = messages or (Message("user", [Words("How did revenue develop?")]),)
    return Prompt(
        **{"model": "claude-sonnet-5-5", "stable": "Be exact.", "context": "", **fields}, messages=asked, tools=TOOLS
    )


def recorded(name: str) -> bytes:
    return (STREAMS / f"{name}.sse").read_bytes()


@asynccontextmanager
async def asking(
    answer: Answerer, *, api_key: str = KEY, **how: Any
) -> AsyncIterator[tuple[AnthropicProvider, Emulator]]:
    async with Emulator(answer, key=KEY, models=["claude-sonnet-5-5"]) as emulator:
        provider = AnthropicProvider(api_key, emulator.url, **{"max_retries": 0, **how})
        yield provider, emulator
        await provider.aclose()


async def heard(provider: AnthropicProvider, prompt: Prompt | None = None) -> list[Signal]:
    async with asyncio.timeout(10):
        return [signal async for batch in provider.stream(prompt or question()) for signal in batch]


def text_of(signals: Sequence[Signal]) -> str:
    return "".join(signal.text for signal in signals if isinstance(signal, TextArrived))


def broke(signals: Sequence[Signal]) -> ModelBroke:
    assert isinstance(signals[-1], ModelBroke)
    return signals[-1]


async def test_a_text_with_emoji_arrives_whole_though_every_byte_comes_alone() -> None:
    async with asking(playing(recorded("emoji_crlf"), piece_bytes=1)) as (provider, _):
        signals = await heard(provider)
    whole = "Revenue 📈 rose\r\nby a lot 🇬🇧; cost of naïve café talk: €0 👩‍👩‍👧‍👦 𝛥 > 0\r\n"
    assert text_of(signals) == whole
    assert isinstance(signals[-1], ModelStopped)


async def test_text_is_handed_on_while_the_model_still_writes() -> None:
    async with asking(in_turn(Play(recorded("cut_in_text"), ending="hang"))) as (provider, emulator):
        async with aclosing(provider.stream(question())) as batches:
            async with asyncio.timeout(5):
                batch = await anext(batches)
        assert text_of(batch).startswith("Reven")
        await asyncio.wait_for(emulator.hung_up.get(), 5)


async def test_every_following_request_is_legal_and_thoughts_go_back_unchanged() -> None:
    """Two tools, thoughts, broken input, a cut: each is answered as the turn would, and the emulator accepts it."""
    for name in ("parallel_tools", "thinking", "invalid_json", "schema_violation", "max_tokens_in_tool", "cut_in_tool"):
        async with asking(playing(recorded(name), piece_bytes=50), thinking_tokens=2000) as (provider, emulator):
            first = await heard(provider)
            calls = [signal for signal in first if isinstance(signal, ToolOpened)]
            thoughts = [Thought(signal.block, "anthropic") for signal in first if isinstance(signal, ThoughtSealed)]
            said = [*thoughts, *([Words(text_of(first))] if text_of(first) else [])]
            uses = [ToolUse(call.tool_id, call.tool_name, {}) for call in calls]
            answers = [ToolAnswer(call.tool_id, call.tool_name, "stopped", is_error=True) for call in calls]
            again = question(*question().messages, Message("assistant", [*said, *uses]), Message("user", answers))
            await heard(provider, again)
        assert len(calls) == (2 if name == "parallel_tools" else 1)
        assert emulator.refusals == []
        content = emulator.requests[1]["messages"][1]["content"]
        assert content[: len(thoughts)] == [dict(thought.block) for thought in thoughts]


async def test_an_illegal_request_is_refused_by_the_emulator_as_by_the_real_service() -> None:
    bad = question(*question().messages, Message("assistant", [ToolUse("t", "query_data", {})]))
    async with asking(playing(recorded("text"))) as (provider, emulator):
        assert broke(await heard(provider, bad)).code == "provider_refused_request"
    assert "messages.2: tool_use t was not answered by a tool_result in the next message" in emulator.refusals


async def test_an_answer_that_paused_is_asked_to_go_on() -> None:
    async with asking(playing(recorded("pause_turn"))) as (provider, emulator):
        paused = await heard(provider)
        assert paused[-1] == ModelStopped("pause_turn", paused[-1].usage)  # type: ignore[union-attr]
        rest = await heard(provider, question(*question().messages, Message("assistant", [Words(text_of(paused))])))
    assert text_of(rest) == " And here is the rest."
    assert emulator.refusals == []


@pytest.mark.parametrize(
    ("status", "kind", "code", "retryable", "fault"),
    [
        (400, "invalid_request_error", "provider_refused_request", False, "upstream"),
        (401, "authentication_error", "provider_auth", False, "upstream"),
        (402, "billing_error", "provider_billing", False, "upstream"),
        (403, "permission_error", "provider_auth", False, "upstream"),
        (404, "not_found_error", "unknown_model", False, "caller"),
        (409, "conflict_error", "provider_failed", True, "upstream"),
        (413, "request_too_large", "provider_request_too_large", False, "upstream"),
        (422, "", "provider_refused_request", False, "upstream"),
        (429, "rate_limit_error", "provider_rate_limited", True, "upstream"),
        (500, "api_error", "provider_failed", True, "upstream"),
        (504, "timeout_error", "provider_failed", True, "upstream"),
        (529, "overloaded_error", "provider_overloaded", True, "upstream"),
    ],
)
async def test_a_refusal_before_the_stream_says_who_must_act(
    status: int, kind: str, code: str, retryable: bool, fault: str
) -> None:
    async with asking(in_turn(Refuse(status, kind, f"Traceback {KEY}"))) as (provider, _):
        signals = await heard(provider)
    assert len(signals) == 1
    signal = broke(signals)
    assert (signal.code, signal.retryable, signal.fault) == (code, retryable, fault)
    assert KEY not in signal.text
    assert "Traceback" not in signal.text


async def test_a_page_that_is_no_api_says_so() -> None:
    html = b"<html>login</html>"
    for answer in (Refuse(404, "", body=html), Refuse(200, "", body=html)):
        async with asking(in_turn(answer)) as (provider, _):
            signal = broke(await heard(provider))
        assert (signal.code, signal.retryable) == ("provider_failed", False)
        assert "ANTHROPIC_BASE_URL" in signal.text


async def test_a_wrong_key_and_an_unknown_model_are_told_apart() -> None:
    async with asking(playing(recorded("text")), api_key="sk-ant-wrong") as (provider, _):
        signal = broke(await heard(provider))
        assert signal.code == "provider_auth"
        assert "ANTHROPIC_API_KEY" in signal.text
    async with asking(playing(recorded("text"))) as (provider, _):
        assert broke(await heard(provider, question(model="claude-nobody"))).code == "unknown_model"


@pytest.mark.parametrize("key", ["", "  ", "two words", "schlüssel", "line\nbreak"])
async def test_a_key_that_cannot_be_one_is_not_sent(key: str) -> None:
    async with asking(playing(recorded("text")), api_key=key) as (provider, emulator):
        assert [signal.code for signal in await heard(provider)] == ["provider_auth"]  # type: ignore[union-attr]
    assert emulator.connections == 0


async def test_the_sdk_tries_again_before_the_stream_and_nobody_notices() -> None:
    soon = [("retry-after-ms", "1")]
    answers = in_turn(
        Refuse(529, "overloaded_error", "", soon), Refuse(429, "rate_limit_error", "", soon), Play(recorded("text"))
    )
    async with asking(answers, max_retries=2) as (provider, emulator):
        signals = await heard(provider)
    assert isinstance(signals[-1], ModelStopped)
    assert len(emulator.requests) == 3


async def test_what_has_begun_is_never_repeated() -> None:
    async with asking(playing(recorded("overloaded_during")), max_retries=2) as (provider, emulator):
        signals = await heard(provider)
    assert text_of(signals) == "Revenue rose in"
    assert broke(signals).code == "provider_overloaded"
    assert len(emulator.requests) == 1


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        provider = AnthropicProvider(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}", max_retries=0)
        assert broke(await heard(provider)).code == "provider_unreachable"
        await provider.aclose()


@pytest.mark.parametrize("url", ["http://", "not a url", "ftp://127.0.0.1:1", "http://[::", "http://127.0.0.1:99999"])
async def test_an_address_that_is_none_is_unreachable(url: str) -> None:
    provider = AnthropicProvider(KEY, url, max_retries=0)
    assert broke(await heard(provider)).code == "provider_unreachable"
    await provider.aclose()


@pytest.mark.parametrize("ending", ["whole", "cut", "reset"])
@pytest.mark.parametrize("name", ["cut_in_text", "cut_in_tool"])
async def test_a_connection_that_ends_early_is_a_cut_and_what_came_is_kept(name: str, ending: Any) -> None:
    async with asking(in_turn(Play(recorded(name), piece_bytes=900, ending=ending))) as (provider, _):
        signals = await heard(provider)
    assert broke(signals).code == "provider_cut"
    if ending != "reset":
        assert text_of(signals)


@pytest.mark.parametrize(
    "head", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"]
)
async def test_a_server_that_speaks_something_else_is_a_failure_not_an_exception(head: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        provider = AnthropicProvider(KEY, f"http://127.0.0.1:{port}", max_retries=0)
        assert broke(await heard(provider)).code in ("provider_unreachable", "provider_cut")
        await provider.aclose()


async def test_pings_are_no_progress_and_a_stalled_connection_is_closed() -> None:
    stalled = Play(recorded("cut_in_text"), ending="hang", ping_s=0.005)
    async with asking(in_turn(stalled), idle_timeout_s=0.05) as (provider, emulator):
        await provider.warm()
        signals = await heard(provider)
        assert text_of(signals).startswith("Revenue rose")
        assert broke(signals).code == "provider_stalled"
        await asyncio.wait_for(emulator.hung_up.get(), 1)


async def test_a_server_that_accepts_and_never_answers_is_stalled() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        provider = AnthropicProvider(KEY, f"http://127.0.0.1:{silent.getsockname()[1]}", idle_timeout_s=0.05)
        await provider.warm()
        assert broke(await heard(provider)).code == "provider_stalled"
        await provider.aclose()


async def test_a_slow_reader_is_not_a_stalled_provider() -> None:
    clock = asyncio.get_running_loop()
    async with asking(playing(recorded("text"), piece_bytes=400), idle_timeout_s=0.05) as (provider, _):
        await provider.warm()
        signals: list[Signal] = []
        async for batch in provider.stream(question()):
            signals += batch
            if len(signals) == 1:
                rested = asyncio.Event()
                clock.call_later(0.12, rested.set)
                await rested.wait()
    assert isinstance(signals[-1], ModelStopped)


@pytest.mark.parametrize("body", [b"", b": nothing yet\n\n", recorded("cut_in_text")])
async def test_cancelling_closes_the_connection_at_once(body: bytes) -> None:
    async with asking(in_turn(Play(body, ending="hang"))) as (provider, emulator):
        await provider.warm()
        listening = asyncio.create_task(heard(provider))
        await asyncio.wait_for(emulator.begun.get(), 1)
        began = time.monotonic()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        left_at = await asyncio.wait_for(emulator.hung_up.get(), 1)
    assert left_at - began < 0.1


async def test_leaving_the_iteration_closes_the_connection_at_once() -> None:
    async with asking(in_turn(Pace(10_000, 200))) as (provider, emulator):
        async with aclosing(provider.stream(question())) as batches:
            await anext(batches)
            began = time.monotonic()
        left_at = await asyncio.wait_for(emulator.hung_up.get(), 1)
    assert left_at - began < 0.1


async def test_two_questions_in_a_row_share_a_connection_and_many_at_once_do_not_mix() -> None:
    async with asking(playing(recorded("text"), piece_bytes=100)) as (provider, emulator):
        first, second = await heard(provider), await heard(provider)
        assert emulator.connections == 1
        many = await asyncio.gather(*(heard(provider) for _ in range(20)))
    assert text_of(first) == text_of(second)
    assert {text_of(signals) for signals in many} == {text_of(first)}


async def test_a_provider_can_be_asked_again_after_it_was_closed() -> None:
    async with asking(playing(recorded("text"))) as (provider, _):
        await heard(provider)
        await provider.aclose()
        await provider.aclose()
        assert isinstance((await heard(provider))[-1], ModelStopped)


def megabyte_call() -> tuple[bytes, str]:
    text = json.dumps({"data": "x" * 1_000_000})
    opening = recorded("cut_in_tool").partition(b"event: content_block_delta")[0]
    opening += (
        b'data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"n"}}\n\n'
    )
    pieces = (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":'
        b'{"type":"input_json_delta","partial_json":%b}}\n\n' % json.dumps(text[n : n + 32]).encode()
        for n in range(0, len(text), 32)
    )
    closing = recorded("parallel_tools").partition(b":round")[0].rpartition(b"event: content_block_stop")[2]
    return opening + b"".join(pieces) + b"event: content_block_stop" + closing.replace(b'"index":2', b'"index":1'), text


async def test_a_megabyte_of_tool_input_passes_through_the_sdk_whole() -> None:
    body, text = megabyte_call()
    async with asking(in_turn(Play(body))) as (provider, _):
        signals = await heard(provider)
    assert "".join(signal.fragment for signal in signals if isinstance(signal, ToolChunk)) == text
    assert isinstance(signals[-1], ModelStopped)
    assert signals[-1].reason == "tool_use"
