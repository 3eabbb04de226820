from __future__ import annotations

import orjson
import pytest

from analysis.errors import StoreError
from analysis.events import Draft, MessageStart, Notice, TextDelta
from analysis.journals.rows import pack, to_json, unpack

AT = "2026-11-21T08:00:00.000Z"


def text(words: str, offset: int, message_id: str = "m1", private: dict[str, object] | None = None) -> Draft:
    return Draft(TextDelta(message_id, words, offset), private)


def test_the_consecutive_pieces_of_one_message_are_one_row() -> None:
    [row] = pack([text("Revenue ", 0), text("rose 📈", 8), text("", 14), text(".", 14)], 5, AT, 3)
    assert row[:5] == (3, 5, 4, AT, "text_deltas")
    assert orjson.loads(row[5]) == {"message_id": "m1", "offset": 0, "texts": ["Revenue ", "rose 📈", "", "."]}
    assert [(entry.seq, entry.at, entry.event) for entry in unpack("c1", row)] == [
        (5, AT, TextDelta("m1", "Revenue ", 0)),
        (6, AT, TextDelta("m1", "rose 📈", 8)),
        (7, AT, TextDelta("m1", "", 14)),
        (8, AT, TextDelta("m1", ".", 14)),
    ]


@pytest.mark.parametrize(
    "second",
    [text("b", 2), text("b", 1, message_id="m2"), text("b", 1, private={}), Draft(Notice("m1", "offline", "b"))],
    ids=["elsewhere", "another message", "private", "another event"],
)
def test_a_piece_that_does_not_follow_has_a_row_of_its_own(second: Draft) -> None:
    drafts = [text("a", 0), second, text("c", 9)]
    rows = pack(drafts, 1, AT)
    assert [(row[1], row[2]) for row in rows] == [(1, 1), (2, 1), (3, 1)]
    entries = [entry for row in rows for entry in unpack("c1", row)]
    assert [Draft(entry.event, entry.private) for entry in entries] == drafts


def test_a_single_draft_is_packed_like_one_of_many() -> None:
    for draft in (text("a", 0), text("a", 0, private={"x": 1}), Draft(MessageStart("m1", "u1", "p", "m"))):
        assert pack([draft], 4, AT, 2)[0][2:] == pack([draft, text("z", 99, "m9")], 4, AT, 2)[0][2:]


@pytest.mark.parametrize("bad", ["\ud83d", object(), 2**70], ids=["half a character", "an object", "too large"])
def test_what_json_cannot_carry_is_refused_as_a_store_error(bad: object) -> None:
    flawed = Draft(Notice("m1", "offline", "x"), {"raw": bad})
    for drafts in ([flawed], [text("a", 0), flawed]):
        with pytest.raises(StoreError) as refusal:
            pack(drafts, 1, AT)
        assert refusal.value.code == "unwritable"
    with pytest.raises(StoreError):
        to_json({"raw": bad})
