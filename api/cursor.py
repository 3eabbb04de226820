"""Cursors: where a reader stands in a conversation's numbered events.

`after=N` means everything with seq > N, then what comes. A cursor arrives in the `Last-Event-ID` header, in the `after`
query or in a socket's `resume` frame; the header wins, because a browser that reconnects sends it by itself while its
URL still carries the `after` of the first connection. Nothing is guessed: what is malformed or ahead of the journal is
refused, since a wrong guess would lose events without a word.
"""

from __future__ import annotations

from typing import Any

from analysis.errors import CallerError

MAX_DIGITS = 15  # well inside what a JavaScript number holds exactly


def parse(text: str) -> int:
    """A cursor from its decimal digits. CallerError `bad_cursor` for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise _malformed(text)
    return int(text)


def requested(last_event_id: str | None, after: str | None) -> int | None:
    """The cursor of a request, or None where the client names none. An empty header means none, as browsers mean it."""
    if last_event_id:
        return parse(last_event_id)
    return None if after is None else parse(after)


def from_frame(after: Any) -> int | None:
    """The cursor of a `resume` frame: a whole number (or its digits); None where the frame names none."""
    if after is None:
        return None
    if isinstance(after, int) and not isinstance(after, bool):
        return parse(str(after))
    if isinstance(after, str):
        return parse(after)
    raise _malformed(after)


def checked(cursor: int, last_seq: int) -> int:
    """The cursor, if the journal reaches that far. CallerError `cursor_ahead` otherwise."""
    if cursor > last_seq:
        raise CallerError(
            "cursor_ahead",
            f"The cursor is {cursor} but the conversation ends at {last_seq}; use a number from 0 to {last_seq}.",
            last_seq=last_seq,
        )
    return cursor


def _malformed(given: object) -> CallerError:
    shown = repr(given)[:40]
    return CallerError(
        "bad_cursor", f"The cursor {shown} is not a whole number from 0; use the seq of the last event seen."
    )
