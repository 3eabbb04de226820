from __future__ import annotations

import io
import struct
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import pipe
from analysis.pipe import Frame, GarbledError, TooLargeError, Unpacker

HEADERS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20), max_size=4
)
FRAMES = st.lists(st.tuples(HEADERS, st.binary(max_size=200)), max_size=6)


@given(FRAMES, st.lists(st.integers(0, 2000)))
def test_frames_come_out_as_they_went_in_wherever_the_stream_is_cut(
    frames: list[tuple[dict[str, Any], bytes]], cuts: list[int]
) -> None:
    stream = b"".join(pipe.pack(header, body) for header, body in frames)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    unpacker, heard = Unpacker(), []
    for start, end in pairwise(edges):
        heard += unpacker.feed(stream[start:end])
    assert heard == [Frame(header, body) for header, body in frames]
    assert unpacker.waiting == 0


@given(FRAMES)
def test_a_blocking_reader_finds_the_same_frames(frames: list[tuple[dict[str, Any], bytes]]) -> None:
    stream = io.BytesIO(b"".join(pipe.pack(header, body) for header, body in frames))
    found = list(iter(lambda: pipe.read_frame(stream), None))
    assert [pipe.unpack(packed) for packed in found] == [Frame(header, body) for header, body in frames]


@given(st.binary(max_size=300))
def test_noise_is_frames_or_unfinished_or_refused_and_nothing_else(noise: bytes) -> None:
    try:
        frames = Unpacker().feed(noise)
    except GarbledError:
        return
    assert all(isinstance(frame.header, dict) for frame in frames)


@pytest.mark.parametrize("head", [b"[1]", b"nonsense", b"\xff", b""])
def test_a_header_that_is_no_object_is_refused(head: bytes) -> None:
    with pytest.raises(GarbledError):
        Unpacker().feed(struct.pack(">II", len(head), 0) + head)


def test_a_length_above_the_limits_is_refused_before_anything_is_kept() -> None:
    with pytest.raises(TooLargeError):
        Unpacker().feed(struct.pack(">II", 2, pipe.MAX_BODY_BYTES + 1))


def test_a_stream_that_ends_within_a_frame_is_at_its_end() -> None:
    packed = pipe.pack({"kind": "x"}, b"body")
    assert [pipe.read_frame(io.BytesIO(packed[:size])) for size in range(len(packed))] == [None] * len(packed)


def test_every_kind_of_mapping_is_an_object_and_what_json_cannot_say_is_refused() -> None:
    assert pipe.unpack(pipe.pack({"input": MappingProxyType({"a": 1})})).header == {"input": {"a": 1}}
    for thing in ("\ud800", object(), {1: 2}):
        with pytest.raises(GarbledError):
            pipe.pack({"thing": thing})


def test_a_kind_is_a_word() -> None:
    assert [Frame({"kind": "x"}).kind, Frame({"kind": 5}).kind, Frame({}).kind] == ["x", "", ""]
