"""A reader's place: what comes next, and what a dialect that remembers must hear first."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from analysis import events
from analysis.clock import FixedClock
from analysis.events import Draft, Entry
from analysis.journals.journal import Conversation
from analysis.journals.memory import MemoryJournal
from api.reading import BATCH, Reader

ANSWER_AT = 3  # the number of its message_start


@dataclass
class Ear:
    """A dialect that only listens."""

    remembers: bool = True
    heard: list[int] = field(default_factory=list)

    def encode(self, entry: Entry) -> bytes:
        raise AssertionError("nothing is sent while retracing")

    def skip(self, entry: Entry) -> None:
        self.heard.append(entry.seq)


async def journal_with(deltas: int) -> MemoryJournal:
    """Conversation `c`: its creation, a question, an answer of that many deltas, its end, and a new title."""
    journal = MemoryJournal(FixedClock())
    await journal.open()
    told = [
        events.ConversationCreated("t", {}),
        events.UserMessage("q", "?", []),
        events.MessageStart("m", "q", "p", "m"),
        *(events.TextDelta("m", "x", offset) for offset in range(deltas)),
        events.MessageComplete("m", True, "end_turn", "x" * deltas, {}),
        events.ConversationRenamed("u"),
    ]
    await journal.create(Conversation("c", "local", "t", "now"), [Draft(event) for event in told])
    return journal


@pytest.mark.parametrize("deltas", [3, 3 * BATCH])
async def test_what_must_be_heard_first_is_the_open_message_up_to_the_cursor(deltas: int) -> None:
    journal = await journal_with(deltas)
    end_at = ANSWER_AT + deltas + 1
    for cursor in {0, 1, 2, 3, 4, 6, end_at - 1, end_at, end_at + 1}:
        ear = Ear()
        await Reader(journal, "c", "local", cursor).retrace(ear)
        is_inside = ANSWER_AT <= cursor < end_at
        assert ear.heard == (list(range(ANSWER_AT, cursor + 1)) if is_inside else [])


async def test_a_dialect_that_remembers_nothing_hears_nothing() -> None:
    ear = Ear(remembers=False)
    await Reader(await journal_with(3), "c", "local", 5).retrace(ear)
    assert ear.heard == []


async def test_batches_follow_each_other_without_gap_and_end_with_the_conversation() -> None:
    journal = await journal_with(2 * BATCH)
    reader, seen = Reader(journal, "c", "local", 0), list[int]()
    while len(seen) < 2 * BATCH + 5:
        entries = await reader.next()
        assert len(entries) <= BATCH
        seen += [entry.seq for entry in entries]
    assert seen == list(range(1, 2 * BATCH + 6))
    await journal.delete("c", "local")
    assert await reader.next() == ()
