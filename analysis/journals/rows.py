"""Drafts to rows and back: how events lie in a store.

A row is one event as JSON, with one exception. Nine in ten events are pieces of prose, and a store that gave each of
them a row of its own would spend most of its bytes on envelopes: so the consecutive pieces of one message within one
group lie in one row, `text_deltas`, which holds the texts and where the first of them starts. Read back they are single
entries again, equal to what was appended. A piece that carries something private, or does not start where the one
before it ended, gets a row of its own.

What JSON cannot hold is refused here, for every journal alike: lone surrogates, integers beyond 64 bits, objects of
no JSON kind. The drafts of one call are written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from analysis.errors import StoreError
from analysis.events import Draft, Entry, TextDelta, from_data, to_data

TEXTS = "text_deltas"


Row = tuple[int, int, int, str, str, bytes, bytes | None]
"""(conversation, first_seq, count, at, type, data, private): `count` events from `first_seq` on, committed at the same
moment. `conversation` is whatever number the store has for it; `type` is an event's, or `text_deltas`. A plain tuple,
because thousands a second are made only to be bound to a statement."""


def pack(drafts: Sequence[Draft], first_seq: int, at: str, conversation: int = 0) -> list[Row]:
    """The rows of drafts that get the numbers from `first_seq` on. StoreError `unwritable` when JSON cannot hold one."""
    try:
        if len(drafts) == 1:
            return [_row(drafts[0], first_seq, at, conversation)]
        return list(_rows(drafts, first_seq, at, conversation))
    except Exception as error:  # whatever a payload does to the encoder, it is this conversation's fault alone
        text = (
            "An event holds something that JSON cannot carry (half a character, or no plain data); it was not written."
        )
        raise StoreError("unwritable", text) from error


def unpack(conversation_id: str, row: Row) -> list[Entry]:
    """The entries of a row, as they were appended."""
    _, seq, _, at, kind, data, private = row
    plain = orjson.loads(data)
    if kind != TEXTS:
        extra = None if private is None else orjson.loads(private)
        return [Entry(conversation_id, seq, at, from_data(kind, plain), extra)]
    entries, message_id, offset = [], plain["message_id"], plain["offset"]
    for text in plain["texts"]:
        entries.append(Entry(conversation_id, seq, at, TextDelta(message_id, text, offset)))
        seq += 1
        offset += len(text)
    return entries


def size(row: Row) -> int:
    """Bytes of what a row holds."""
    return len(row[5]) + (len(row[6]) if row[6] else 0)


def to_json(plain: Mapping[str, Any]) -> bytes:
    """A row's JSON column (settings, a document's card). StoreError `unwritable` like `pack`."""
    try:
        return orjson.dumps(dict(plain))
    except TypeError as error:
        raise StoreError("unwritable", "This holds something that JSON cannot carry; it was not written.") from error


def _rows(drafts: Sequence[Draft], seq: int, at: str, conversation: int) -> Iterator[Row]:
    texts: list[str] = []
    message_id, offset, end = "", 0, 0
    for draft in drafts:
        event = draft.event
        if type(event) is TextDelta and draft.private is None:
            if texts and (event.offset != end or event.message_id != message_id):
                yield _texts(message_id, offset, texts, seq, at, conversation)
                seq, texts = seq + len(texts), []
            if not texts:
                message_id, offset = event.message_id, event.offset
            texts.append(event.text)
            end = event.offset + len(event.text)
            continue
        if texts:
            yield _texts(message_id, offset, texts, seq, at, conversation)
            seq, texts = seq + len(texts), []
        yield _row(draft, seq, at, conversation)
        seq += 1
    if texts:
        yield _texts(message_id, offset, texts, seq, at, conversation)


def _texts(message_id: str, offset: int, texts: list[str], seq: int, at: str, conversation: int) -> Row:
    data = orjson.dumps({"message_id": message_id, "offset": offset, "texts": texts})
    return conversation, seq, len(texts), at, TEXTS, data, None


def _row(draft: Draft, seq: int, at: str, conversation: int) -> Row:
    event, private = draft.event, draft.private
    if type(event) is TextDelta and private is None:
        return _texts(event.message_id, event.offset, [event.text], seq, at, conversation)
    extra = None if private is None else orjson.dumps(private)
    return conversation, seq, 1, at, event.TYPE, orjson.dumps(to_data(event)), extra
