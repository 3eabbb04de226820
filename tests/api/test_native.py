"""The native dialect: a fold whose frames are the same wherever it begins to be heard."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import events
from analysis.events import Entry, decode, encode
from api.dialects import DIALECTS
from api.dialects.native import ACCUMULATED_LIMIT, Native, hello

AT = "2026-11-21T08:00:00.000Z"
USAGE = {"input_tokens": 1}


def numbered(told: list[events.Event]) -> list[Entry]:
    return [Entry("c", seq, AT, event) for seq, event in enumerate(told, 1)]


def answer(message_id: str, pieces: list[str]) -> list[events.Event]:
    told: list[events.Event] = [events.MessageStart(message_id, "msg_q", "scripted", "m")]
    offset = 0
    for piece in pieces:
        told.append(events.TextDelta(message_id, piece, offset))
        offset += len(piece)
    told.append(events.MessageComplete(message_id, True, "end_turn", "".join(pieces), USAGE))
    return told


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8)
ANSWERS = st.lists(st.lists(TEXT, max_size=6), max_size=4)


def told(answers: list[list[str]]) -> list[Entry]:
    return numbered([event for index, pieces in enumerate(answers) for event in answer(f"msg_{index}", pieces)])


@given(ANSWERS)
def test_the_accumulated_text_is_the_deltas_joined(answers: list[list[str]]) -> None:
    dialect = Native(accumulated_text=True)
    text = ""
    for entry in told(answers):
        frame = dialect.encode(entry)
        data = orjson.loads(frame)
        if isinstance(entry.event, events.MessageStart):
            text = ""
        if isinstance(entry.event, events.TextDelta):
            text += entry.event.text
            assert data.pop("accumulated_text") == text
        assert decode(orjson.dumps(data)) == decode(frame) == entry


@given(ANSWERS)
def test_frames_are_byte_identical_from_every_cursor(answers: list[list[str]]) -> None:
    entries = told(answers)
    for option in (False, True):
        whole = _frames(Native(option), entries)
        for cursor in range(len(entries) + 1):
            resumed = Native(option)
            for entry in entries[:cursor]:
                resumed.skip(entry)
            assert _frames(resumed, entries[cursor:]) == whole[cursor:]


def _frames(dialect: Native, entries: list[Entry]) -> list[bytes]:
    return [dialect.encode(entry) for entry in entries]


def test_without_the_option_a_frame_is_the_event_and_nothing_is_remembered() -> None:
    dialect = Native()
    entries = told([["Revenue ", "rose"]])
    assert not dialect.remembers
    assert [dialect.encode(entry) for entry in entries] == [encode(entry) for entry in entries]


@pytest.mark.parametrize("letter", ["a", "é", "😀", '"', "\x01"])
def test_the_accumulated_text_is_absent_once_it_passes_its_limit_in_code_points(letter: str) -> None:
    entries = told([[letter * (ACCUMULATED_LIMIT - 1), letter, letter, letter], [letter]])
    carried = ["accumulated_text" in orjson.loads(frame) for frame in _frames(Native(True), entries)]
    assert carried == [False, True, True, False, False, False, False, True, False]


def test_a_frame_with_the_longest_accumulated_text_stays_under_the_size_limit() -> None:
    entries = told([["\x01" * 4_096] * (ACCUMULATED_LIMIT // 4_096)])
    assert max(len(frame) for frame in _frames(Native(True), entries)) < 512 * 1024


def test_hello_names_the_running_message_only_where_there_is_one() -> None:
    assert orjson.loads(hello("c", 4, None)) == {"type": "hello", "conversation_id": "c", "last_seq": 4}
    assert orjson.loads(hello("c", 4, "msg_1"))["running_message_id"] == "msg_1"


def test_every_dialect_is_in_the_table() -> None:
    assert dict(DIALECTS) == {"native": Native}
