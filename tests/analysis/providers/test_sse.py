from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.providers import sse
from analysis.providers.sse import EventSplitter, EventTooLongError, Frame


def split(*pieces: bytes) -> list[Frame]:
    splitter = EventSplitter()
    return [frame for piece in pieces for frame in splitter.feed(piece)] + splitter.finish()


words = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
names = st.text("abc_", max_size=5)
events = st.lists(st.tuples(names, st.lists(words, min_size=1, max_size=3)), max_size=6)
line_ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(events, line_ends, st.lists(st.integers(0, 300)), st.booleans())
def test_line_ends_chunks_and_a_byte_order_mark_change_nothing(
    told: list[tuple[str, list[str]]], line_end: bytes, cuts: list[int], with_mark: bool
) -> None:
    lines = [
        line
        for name, data in told
        for line in (f"event: {name}", *(f"data: {part}" for part in data), ": a comment", "id: 7", "retry: 10", "")
    ]
    raw = b"\xef\xbb\xbf" * with_mark + b"".join(line.encode() + line_end for line in lines)
    at = [0, *sorted({min(cut, len(raw)) for cut in cuts}), len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(at)]
    assert split(*pieces) == [Frame(name.encode(), "\n".join(data).encode()) for name, data in told]


def test_one_leading_space_belongs_to_the_field_and_a_second_to_the_data() -> None:
    assert split(b"data:a\n\ndata: a\n\ndata:  a\n\n") == [Frame(b"", b"a"), Frame(b"", b"a"), Frame(b"", b" a")]


def test_a_carriage_return_at_the_end_of_a_chunk_ends_its_line_at_once() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: a\r\n\r") == [Frame(b"", b"a")]
    assert splitter.feed(b"\ndata: b\r\r") == [Frame(b"", b"b")]


def test_an_event_without_data_is_none_and_its_name_does_not_linger() -> None:
    assert split(b"event: ping\n\ndata: x\n\n") == [Frame(b"", b"x")]


def test_the_last_blank_line_may_be_missing() -> None:
    assert split(b"event: a\ndata: x") == [Frame(b"a", b"x")]


def test_an_event_without_end_is_refused_before_it_eats_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
    with pytest.raises(EventTooLongError):
        split(*[b"data: " + b"x" * 94] * 11)
    with pytest.raises(EventTooLongError):
        split(*[b"data: " + b"x" * 93 + b"\n"] * 11)
