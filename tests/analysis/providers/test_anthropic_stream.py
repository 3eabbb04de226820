from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.providers.anthropic_stream import StreamDecoder
from analysis.signals import (
    BlockClosed,
    ModelBroke,
    ModelStopped,
    Signal,
    TextArrived,
    ThoughtArrived,
    ThoughtSealed,
    ToolChunk,
    ToolOpened,
    Usage,
)

STOP = {"type": "message_stop"}


def event(told: Any) -> bytes:
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def heard(*told: Any) -> list[Signal]:
    decoder = StreamDecoder()
    return [signal for one in told for signal in decoder.feed(event(one))] + decoder.end()


TOOL = start(0, type="tool_use", id="toolu_1", name="query_data", input={})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("end_turn", "end_turn"),
        ("tool_use", "tool_use"),
        ("max_tokens", "max_tokens"),
        ("stop_sequence", "end_turn"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        ("model_context_window_exceeded", "context"),
        ("reason_of_the_future", "end_turn"),
        (None, "end_turn"),
    ],
)
def test_stop_reasons_come_in_our_words(theirs: str | None, ours: str) -> None:
    assert heard({"type": "message_delta", "delta": {"stop_reason": theirs}}, STOP) == [ModelStopped(ours)]


def test_an_unnamed_reason_after_a_tool_call_means_that_tools_are_to_run() -> None:
    assert heard(TOOL, stop(0), STOP)[-1] == ModelStopped("tool_use")


def test_token_counts_are_the_last_ones_said_and_null_says_nothing() -> None:
    began = {"input_tokens": 10, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 3, "output_tokens": 1}
    ended = {"output_tokens": 99, "input_tokens": None, "cache_read_input_tokens": 8, "unheard_of": 5}
    signals = heard(
        {"type": "message_start", "message": {"usage": began}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": ended},
        STOP,
    )
    assert signals == [ModelStopped("end_turn", Usage(10, 99, 8, 3))]


def test_a_broken_stream_still_says_what_it_cost() -> None:
    broke = heard({"type": "message_start", "message": {"usage": {"input_tokens": 10}}})[-1]
    assert isinstance(broke, ModelBroke)
    assert (broke.code, broke.usage.input_tokens) == ("provider_cut", 10)


def test_a_stop_reason_without_message_stop_is_a_cut() -> None:
    broke = heard(delta(0, "text_delta", text="x"), {"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
    assert [type(signal) for signal in broke] == [TextArrived, ModelBroke]


def test_nothing_is_heard_after_the_end() -> None:
    assert heard(STOP, delta(0, "text_delta", text="x"), {"type": "error", "error": {}}) == [ModelStopped("end_turn")]


def test_empty_fragments_are_dropped_and_those_of_one_read_are_one() -> None:
    decoder = StreamDecoder()
    read = event(TOOL) + b"".join(event(delta(0, "input_json_delta", partial_json=p)) for p in ("", '{"a"', "", ": 1}"))
    assert decoder.feed(read) == [ToolOpened(0, "toolu_1", "query_data"), ToolChunk(0, '{"a": 1}')]
    assert decoder.feed(event(delta(0, "input_json_delta", partial_json=" "))) == [ToolChunk(0, " ")]


def test_fragments_of_two_open_calls_stay_apart() -> None:
    calls = [start(i, type="tool_use", id=f"t{i}", name="n", input={}) for i in (0, 1)]
    parts = [delta(i, "input_json_delta", partial_json=text) for i, text in ((0, "{"), (1, "["), (0, "}"), (1, "]"))]
    decoder = StreamDecoder()
    signals = decoder.feed(b"".join(map(event, [*calls, *parts, stop(1), stop(0)])))
    assert signals[2:] == [
        ToolChunk(0, "{"),
        ToolChunk(1, "["),
        ToolChunk(0, "}"),
        ToolChunk(1, "]"),
        BlockClosed(1),
        BlockClosed(0),
    ]


def test_an_input_that_came_whole_with_the_start_is_one_fragment() -> None:
    whole = start(0, type="tool_use", id="t", name="n", input={"document": "d1"})
    assert heard(whole, stop(0), STOP)[1:3] == [ToolChunk(0, '{"document":"d1"}'), BlockClosed(0)]


def test_a_thought_is_sealed_with_its_signature_and_not_without() -> None:
    said = [start(0, type="thinking", thinking="", signature=""), delta(0, "thinking_delta", thinking="Hm.")]
    signed = heard(*said, delta(0, "signature_delta", signature="c2ln"), stop(0), STOP)
    block = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    assert signed == [ThoughtArrived("Hm."), ThoughtSealed(block), BlockClosed(0), ModelStopped("end_turn")]
    assert heard(*said, stop(0), STOP) == [ThoughtArrived("Hm."), BlockClosed(0), ModelStopped("end_turn")]


def test_a_redacted_thought_is_kept_as_it_came() -> None:
    block = {"type": "redacted_thinking", "data": "b3BhcXVl", "field_of_the_future": 1}
    assert heard(start(3, **block), stop(3), STOP)[0] == ThoughtSealed(block)


def test_text_needs_no_opened_block_but_tool_input_does() -> None:
    signals = heard(delta(4, "text_delta", text="Hi"), delta(5, "input_json_delta", partial_json="{}"), stop(5), STOP)
    assert signals == [TextArrived("Hi"), ModelStopped("end_turn")]


@pytest.mark.parametrize(
    ("kind", "code", "retryable"),
    [
        ("overloaded_error", "provider_overloaded", True),
        ("rate_limit_error", "provider_rate_limited", True),
        ("api_error", "provider_failed", True),
        ("authentication_error", "provider_auth", False),
        ("invalid_request_error", "provider_refused_request", False),
        ("error_of_the_future", "provider_failed", True),
        (None, "provider_failed", True),
    ],
)
def test_an_error_event_breaks_by_its_type_in_our_words(kind: str | None, code: str, retryable: bool) -> None:
    secret = {"type": "error", "error": {"type": kind, "message": "Traceback: key sk-ant-secret"}}
    broke = heard(secret, delta(0, "text_delta", text="late"))
    assert [type(signal) for signal in broke] == [ModelBroke]
    assert (broke[0].code, broke[0].retryable) == (code, retryable)  # type: ignore[union-attr]
    assert "secret" not in broke[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "told",
    [
        [1, 2],
        "text",
        7,
        {"type": "content_block_delta"},
        {"type": "content_block_delta", "index": 0, "delta": None},
        delta(0, "text_delta", text=5),
        delta(0, "text_delta"),
        start(0),
        {"type": "content_block_start", "index": "0", "content_block": {"type": "text"}},
        {"type": "content_block_start", "index": [0], "content_block": {"type": "text"}},
        start(0, type="tool_use", id="", name="n", input={}),
        start(0, type="tool_use", id="t"),
        {"type": "message_delta"},
        {"type": ["content_block_delta"]},
    ],
)
def test_a_known_event_of_the_wrong_shape_breaks_the_stream(told: Any) -> None:
    signals = heard(delta(0, "text_delta", text="before"), told, STOP)
    assert signals[0] == TextArrived("before")
    assert [signal.code for signal in signals[1:]] == ["provider_failed"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line", [b"data: {", b'data: {"type": "ping"} x', b"data: " + b"[" * 100_000, b"data: \xff\xfe"]
)
def test_an_event_that_is_not_json_breaks_the_stream(line: bytes) -> None:
    decoder = StreamDecoder()
    assert [signal.code for signal in decoder.feed(line + b"\n\n")] == ["provider_failed"]  # type: ignore[union-attr]
    assert decoder.end() == []


@pytest.mark.parametrize(
    "line", [b"data: [DONE]", b"data:", b": comment", b"event: ping", b'event: ping\ndata: {"a": 1}']
)
def test_what_says_nothing_is_passed_over(line: bytes) -> None:
    decoder = StreamDecoder()
    assert decoder.feed(line + b"\n\n" + event(STOP)) == [ModelStopped("end_turn")]


def test_the_name_line_stands_in_for_a_missing_type() -> None:
    decoder = StreamDecoder()
    assert decoder.feed(b"event: message_stop\ndata: {}\n\n") == [ModelStopped("end_turn")]


def units(text: str) -> list[str]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[n : n + 2].decode("utf-16-le", "surrogatepass") for n in range(0, len(raw), 2)]


def grouped(parts: list[str], sizes: Iterable[int]) -> list[str]:
    out, at = [], 0
    for size in sizes:
        out.append("".join(parts[at : at + size]))
        at += size
    return [*out, "".join(parts[at:])]


@given(st.text(max_size=20), st.lists(st.integers(1, 4), max_size=30))
def test_text_cut_by_utf16_units_is_whole_again(text: str, sizes: list[int]) -> None:
    pieces = grouped(units(text), sizes)
    said = heard(*(delta(0, "text_delta", text=piece) for piece in pieces), stop(0), STOP)
    assert "".join(signal.text for signal in said if isinstance(signal, TextArrived)) == text


@given(st.lists(st.text(st.sampled_from("a\ud83d\ude80\U0001f680é"), max_size=4), max_size=8))
def test_halves_that_stay_alone_become_replacement_characters(pieces: list[str]) -> None:
    said = heard(*(delta(0, "text_delta", text=piece) for piece in pieces), stop(0), STOP)
    whole = "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert "".join(signal.text for signal in said if isinstance(signal, TextArrived)) == whole


def test_halves_are_joined_in_tool_input_and_thoughts_too_and_released_when_the_stream_breaks() -> None:
    tool = [TOOL, *(delta(0, "input_json_delta", partial_json=piece) for piece in ('"\ud83d', '\ude80"')), stop(0)]
    assert "".join(signal.fragment for signal in heard(*tool) if isinstance(signal, ToolChunk)) == '"🚀"'
    cut = heard(start(0, type="thinking", thinking=""), delta(0, "thinking_delta", thinking="Hm \ud83d"))
    assert cut[:2] == [ThoughtArrived("Hm "), ThoughtArrived("\ufffd")]
    assert isinstance(cut[2], ModelBroke)


def test_half_characters_in_names_do_not_leave_the_decoder() -> None:
    opened = heard(start(0, type="tool_use", id="t\ud83d", name="n", input={}))[0]
    assert opened == ToolOpened(0, "t\ufffd", "n")


def tool_stream(size: int) -> tuple[bytes, str]:
    text = json.dumps({"data": "x" * size})
    parts = (delta(0, "input_json_delta", partial_json=text[n : n + 32]) for n in range(0, len(text), 32))
    return b"".join(map(event, [TOOL, *parts, stop(0), STOP])), text


def cost_s(raw: bytes, text: str) -> float:
    decoder = StreamDecoder()
    began = time.process_time()
    signals = [signal for n in range(0, len(raw), 1448) for signal in decoder.feed(raw[n : n + 1448])]
    spent = time.process_time() - began
    assert "".join(signal.fragment for signal in signals if isinstance(signal, ToolChunk)) == text
    return spent


def test_a_megabyte_of_tool_input_costs_eight_times_an_eighth() -> None:
    small, big = tool_stream(125_000), tool_stream(1_000_000)
    eighth = min(cost_s(*small) for _ in range(3))
    assert min(cost_s(*big) for _ in range(2)) < 16 * eighth
