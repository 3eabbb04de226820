"""How a stream is cut into what can be printed for good."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.terminal.blocks import PATIENCE_S, SETTLE_S, Blocks, Prose, Shown

Json = dict[str, Any]
M = "msg_1"
MARKDOWN = st.lists(
    st.sampled_from(
        [
            "Revenue rose.",
            "\n",
            "\n\n",
            "- one",
            "- two\n",
            "1. first\n",
            "  more",
            "```\n",
            "code",
            "# Head\n",
            " ",
            "|a|b|\n",
            "\r\n",
        ]
    ),
    max_size=30,
).map("".join)


def started() -> Blocks:
    blocks = Blocks()
    blocks.hear({"type": "message_start", "message_id": M}, 0)
    return blocks


def delta(text: str) -> Json:
    return {"type": "text_delta", "message_id": M, "text": text}


def tick(start: int, end: int, state: str = "tied") -> Json:
    return {
        "type": "tickmark",
        "message_id": M,
        "start": start,
        "end": end,
        "shown": "",
        "state": state,
        "value_id": "v1",
    }


def table(offset: int) -> Json:
    return {"type": "table_ready", "message_id": M, "text_offset": offset, "table_data": {"title": "T"}}


END: Json = {"type": "message_complete", "message_id": M}
OTHER: Json = {"type": "thinking_delta", "message_id": M, "text": ""}


def played(pieces: list[str]) -> list[tuple[int, str]]:
    blocks = started()
    found = []
    for piece in pieces:
        blocks.hear(delta(piece), 0)
        found += list(blocks.take(1_000))
    blocks.hear(END, 0)
    found += list(blocks.take(1_000))
    return [(block.start, block.text) for block in found if isinstance(block, Prose)]


@given(MARKDOWN, st.lists(st.integers(0, 200)))
def test_how_a_stream_was_cut_does_not_show_in_its_blocks(text: str, cuts: list[int]) -> None:
    at = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assert played([text[a:b] for a, b in pairwise(at)]) == played([text])


@given(MARKDOWN)
def test_the_blocks_are_the_text_but_for_the_space_between_them(text: str) -> None:
    end = 0
    for start, block in played([text]):
        assert text[start : start + len(block)] == block
        assert not text[end:start].strip()
        end = start + len(block)
    assert not text[end:].strip()


def test_a_paragraph_is_given_out_when_an_empty_line_follows_it() -> None:
    blocks = started()
    blocks.hear(delta("One.\nStill one.\n"), 0)
    assert list(blocks.take(9)) == []
    blocks.hear(delta("\nTwo"), 0)
    assert [block.text for block in blocks.take(9) if isinstance(block, Prose)] == ["One.\nStill one."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n\n- b\n\nText\n\n", ["- a\n\n- b", "Text"]),
        ("```\na\n\nb\n```\n\nText\n\n", ["```\na\n\nb\n```", "Text"]),
        ("1. a\n\n   more of a\n\nText\n\n", ["1. a\n\n   more of a", "Text"]),
        ("| a |\n|---|\n| 1 |\n\nText\n\n", ["| a |\n|---|\n| 1 |", "Text"]),
        ("~~~ python\n```\n\n~~~\n\nText", ["~~~ python\n```\n\n~~~", "Text"]),
    ],
)
def test_what_belongs_together_stays_together(text: str, expected: list[str]) -> None:
    assert [block for _, block in played([text])] == expected


def test_a_tool_call_ends_a_paragraph() -> None:
    blocks = started()
    blocks.hear(delta("I look it up."), 0)
    blocks.hear({"type": "tool_start", "message_id": M}, 0)
    blocks.hear(OTHER, 0)
    assert [block.text for block in blocks.take(0) if isinstance(block, Prose)] == ["I look it up."]


def test_ticks_that_follow_their_words_at_once_are_waited_for() -> None:
    blocks = started()
    blocks.hear(delta("Up £5m.\n\n"), 0)
    assert list(blocks.take(0)) == []
    blocks.hear(tick(3, 6), 0)
    blocks.hear(OTHER, 0)
    [block] = blocks.take(0)
    assert isinstance(block, Prose)
    assert [(one.start, one.end, one.state) for one in block.ticks] == [(3, 6, "tied")]


def test_a_figure_without_its_tick_is_waited_for_but_not_for_long() -> None:
    blocks = started()
    blocks.hear(delta("Up 12.5% in FY2024.\n\n"), 0)
    blocks.hear(OTHER, 0)
    assert blocks.wait_s(0.1) == pytest.approx(PATIENCE_S - 0.1)
    assert list(blocks.take(PATIENCE_S - 0.01)) == []
    assert len(list(blocks.take(PATIENCE_S))) == 1


def test_a_paragraph_without_figures_is_printed_though_nothing_follows() -> None:
    blocks = started()
    blocks.hear(delta("In FY2024 nothing happened.\n\n"), 0)
    assert blocks.wait_s(0) == pytest.approx(SETTLE_S)
    assert len(list(blocks.take(SETTLE_S))) == 1


def test_a_late_tick_finds_its_paragraph_while_it_waits() -> None:
    blocks = started()
    blocks.hear(delta("Up 12.5%.\n\nAnd then "), 0)
    blocks.hear(tick(3, 8, "open"), 0.2)
    blocks.hear(OTHER, 0.2)
    [block] = blocks.take(0.2)
    assert isinstance(block, Prose)
    assert block.ticks[0].state == "open"


def test_what_is_shown_stands_between_the_text_before_and_after_its_place() -> None:
    blocks = started()
    blocks.hear(delta("Before."), 0)
    blocks.hear(table(7), 0)
    blocks.hear(delta("\n\nAfter."), 0)
    blocks.hear(END, 0)
    kinds = [item.kind if isinstance(item, Shown) else item.text for item in blocks.take(0)]
    assert kinds == ["Before.", "table", "After."]


def test_what_comes_late_does_not_cut_the_paragraph_that_is_being_written() -> None:
    blocks = started()
    blocks.hear(delta("Before.\n\nAfter it was "), 0)
    blocks.hear(table(7), 0)
    blocks.hear(delta("called."), 0)
    blocks.hear(END, 0)
    kinds = [item.kind if isinstance(item, Shown) else item.text for item in blocks.take(0)]
    assert kinds == ["Before.", "table", "After it was called."]


def test_the_end_releases_everything_at_once() -> None:
    blocks = started()
    blocks.hear(delta("Up 12.5%.\n\nUp 13.5%"), 0)
    blocks.hear(END, 0)
    assert len(list(blocks.take(0))) == 2
    assert blocks.wait_s(0) is None


def test_a_second_message_begins_to_count_anew() -> None:
    blocks = started()
    blocks.hear(delta("A long first message.\n\n"), 0)
    blocks.hear(END, 0)
    list(blocks.take(0))
    blocks.hear({"type": "message_start", "message_id": "msg_2"}, 0)
    blocks.hear({**delta("Up £5m."), "message_id": "msg_2"}, 0)
    blocks.hear({**tick(3, 6), "message_id": "msg_2"}, 0)
    blocks.hear({**END, "message_id": "msg_2"}, 0)
    [block] = blocks.take(0)
    assert isinstance(block, Prose)
    assert len(block.ticks) == 1
