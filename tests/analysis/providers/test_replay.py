from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CallerError
from analysis.messages import Message, Prompt, ToolAnswer, ToolUse, Words
from analysis.providers.replay import ReplayProvider, Response, place, place_of, read_recording
from analysis.signals import ModelBroke, ModelStopped, Signal, TextArrived, ToolOpened

STREAMS = Path(__file__).parents[3] / "fixtures/streams/anthropic"
STOP = b'data: {"type":"message_stop"}\n\n'


def saying(text: str) -> bytes:
    return (
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%b"}}\n\n' % text.encode()
    )


def prompt(*messages: Message) -> Prompt:
    return Prompt("recording", "", "", messages, [])


def asked(text: str) -> Message:
    return Message("user", [Words(text)])


def called(tool_id: str) -> list[Message]:
    answer = ToolAnswer(tool_id, "list_documents", "one document")
    return [Message("assistant", [ToolUse(tool_id, "list_documents", {})]), Message("user", [answer])]


async def heard(provider: ReplayProvider, *messages: Message) -> list[Signal]:
    return [signal async for batch in provider.stream(prompt(*messages)) for signal in batch]


def text_of(signals: list[Signal]) -> str:
    return "".join(signal.text for signal in signals if isinstance(signal, TextArrived))


def test_an_undivided_capture_is_one_response() -> None:
    raw = b": captured\r\n\r\n" + saying("a") + STOP
    assert read_recording(raw).turns == [[Response(raw)]]


def test_dividers_make_turns_and_rounds_and_a_heading_is_no_response() -> None:
    raw = (
        b": heading\n\n:turn\n"
        + saying("a")
        + b":round\n:http 529 overloaded_error\n:turn\r\n"
        + saying("b")
        + b":round\n"
    )
    assert read_recording(raw).turns == [
        [Response(saying("a")), Response(b"", 529, "overloaded_error")],
        [Response(saying("b")), Response(b"")],
    ]


@pytest.mark.parametrize("raw", [b"", b": only a comment\n", b":http\n", b":http 200 fine\n", b":http x y\n"])
def test_what_is_no_recording_is_refused(raw: bytes) -> None:
    with pytest.raises(CallerError) as caught:
        read_recording(raw)
    assert caught.value.code == "bad_recording"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="cannot be read"):
        ReplayProvider(tmp_path / "nothing.sse")


@given(st.binary(max_size=200) | st.sampled_from([path.read_bytes() for path in sorted(STREAMS.glob("*.sse"))]))
def test_events_joined_are_the_body(body: bytes) -> None:
    assert b"".join(Response(body).events()) == body


@pytest.mark.parametrize(
    ("has_words", "where"),
    [([], (0, 0)), ([True], (0, 0)), ([True, False, False], (0, 2)), ([True, False, True], (1, 0)), ([False], (0, 1))],
)
def test_the_place_is_the_question_and_how_often_tools_answered_since(
    has_words: list[bool], where: tuple[int, int]
) -> None:
    assert place(has_words) == where


def test_a_question_behind_the_stand_ins_of_an_interrupted_call_is_a_new_turn() -> None:
    call, answer = called("toolu_1")
    both = Message("user", [*answer.blocks, Words("Never mind. What else?")])
    assert place_of([asked("First?"), call, both]) == (1, 0)


async def test_the_transcript_decides_what_is_played_and_the_same_transcript_plays_the_same() -> None:
    provider = ReplayProvider(STREAMS / "two_turns.sse")
    first = [asked("What is there?"), *called("toolu_01TwoTurnsA")]
    assert next(type(signal) for signal in await heard(provider, *first[:1])) is ToolOpened
    assert text_of(await heard(provider, *first)) == "One document."
    second = [*first, Message("assistant", [Words("One document.")]), asked("And in it?")]
    assert text_of(await heard(provider, *second)) == "It has three statements."
    assert await heard(provider, *second) == await heard(provider, *second)


async def test_after_the_last_turn_it_begins_again_with_tool_ids_of_its_own() -> None:
    provider = ReplayProvider(STREAMS / "two_turns.sse")
    question = [asked("?"), Message("assistant", [Words("!")])]
    opened = [(await heard(provider, *question * (2 * lap), asked("?")))[0] for lap in range(3)]
    ids = [signal.tool_id for signal in opened if isinstance(signal, ToolOpened)]
    assert ids == ["toolu_01TwoTurnsA", "toolu_2_01TwoTurnsA", "toolu_3_01TwoTurnsA"]


async def test_an_answer_that_paused_goes_on_with_the_next_round() -> None:
    provider = ReplayProvider(STREAMS / "pause_turn.sse")
    paused = await heard(provider, asked("?"))
    assert (
        text_of(await heard(provider, asked("?"), Message("assistant", [Words(text_of(paused))])))
        == " And here is the rest."
    )


async def test_a_round_that_was_not_recorded_is_said_and_not_made_up() -> None:
    provider = ReplayProvider(STREAMS / "text.sse")
    (signal,) = await heard(provider, asked("?"), *called("toolu_1"))
    assert isinstance(signal, ModelBroke)
    assert (signal.code, signal.retryable) == ("recording_ended", False)


async def test_a_recorded_refusal_and_a_recorded_cut_are_played_as_such(tmp_path: Path) -> None:
    (refused,) = await heard(ReplayProvider(STREAMS / "overloaded_before.sse"), asked("?"))
    assert isinstance(refused, ModelBroke)
    assert refused.code == "provider_overloaded"
    (tmp_path / "cut.sse").write_bytes(saying("a") + b":round\n")
    provider = ReplayProvider(tmp_path / "cut.sse")
    assert [type(signal) for signal in await heard(provider, asked("?"))] == [TextArrived, ModelBroke]
    assert [type(signal) for signal in await heard(provider, asked("?"), *called("t"))] == [ModelBroke]


async def test_pacing_spreads_the_events_over_time_and_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"".join(saying(letter) for letter in "abcde") + STOP)
    loop = asyncio.get_running_loop()
    began = loop.time()
    signals = await heard(ReplayProvider(tmp_path / "a.sse", events_per_s=200), asked("?"))
    assert loop.time() - began >= 5 / 200
    assert signals == [*map(TextArrived, "abcde"), ModelStopped("end_turn")]


async def test_each_recorded_event_comes_alone_so_that_a_reader_can_leave_between_them() -> None:
    provider = ReplayProvider(STREAMS / "text.sse")
    batches = [batch async for batch in provider.stream(prompt(asked("?")))]
    assert max(map(len, batches)) == 1
    assert provider.default_model() == "recording"
