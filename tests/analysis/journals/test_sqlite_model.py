"""The journal beside the simplest thing that could be right: a list per conversation. Crashes are copies of the files,
taken at a moment nobody chose, while the journal goes on writing."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from analysis.clock import FixedClock
from analysis.errors import StoreError
from analysis.events import ConversationCreated, Draft, Entry, MessageComplete, MessageStart, Notice, TextDelta
from analysis.journals import sqlite_tables, sqlite_writer
from analysis.journals.journal import Conversation
from analysis.journals.sqlite import SqliteJournal
from analysis.journals.tails import Tails

CREATED = Draft(ConversationCreated("Margins", {}))
IDS = st.sampled_from(["c1", "c2", "c3"])
DRAFT = st.one_of(
    st.builds(TextDelta, st.sampled_from(["m1", "m2"]), st.text(max_size=5), st.integers(0, 20)),
    st.builds(lambda size: Notice("m1", "offline", "w" * size), st.sampled_from([0, 50, 400])),
    st.builds(MessageStart, st.sampled_from(["m1", "m2"]), st.just("u1"), st.just("offline"), st.just("rules")),
    st.builds(lambda name: MessageComplete(name, True, "end_turn", "", {}), st.sampled_from(["m1", "m2"])),
).map(Draft)
PROSE = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), min_size=1, max_size=8).map(
    lambda texts: [Draft(TextDelta("m1", text, len("".join(texts[:n])))) for n, text in enumerate(texts)]
)
DRAFTS = PROSE | st.lists(DRAFT, max_size=4)


@dataclass
class Expected:
    """What was handed over, and how much of it has been acknowledged."""

    drafts: list[Draft] = field(default_factory=list)
    settled: int = 0
    seen: list[Entry] = field(default_factory=list)

    def running(self) -> bool:
        going: set[str] = set()
        for draft in self.drafts:
            if isinstance(draft.event, MessageStart):
                going.add(draft.event.message_id)
            elif isinstance(draft.event, MessageComplete):
                going.discard(draft.event.message_id)
        return bool(going)


def bare(entries: list[Entry]) -> list[Any]:
    return [entry.event for entry in entries]


class JournalBesideLists(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folders = [Path(tempfile.mkdtemp())]
        self.clock = FixedClock()
        self.expected: dict[str, Expected] = {}
        self.start()

    def start(self) -> None:
        self.journal = SqliteJournal(self.folders[-1], self.clock, "normal")
        self.journal._tails = Tails(entries_each=6, conversations=2)
        self.runner.run(self.journal.open())

    def teardown(self) -> None:
        self.runner.run(self.journal.close())
        self.runner.close()
        for folder in self.folders:
            shutil.rmtree(folder)

    def everything(self, conversation_id: str, limit: int = 1000) -> list[Entry]:
        async def read() -> list[Entry]:
            entries: list[Entry] = []
            while page := await self.journal.read(conversation_id, len(entries), limit):
                entries += page
            return entries

        return self.runner.run(read())

    @rule(conversation_id=IDS, drafts=DRAFTS)
    def create(self, conversation_id: str, drafts: list[Draft]) -> None:
        if conversation_id in self.expected:
            return
        row = Conversation(conversation_id, "local", "T", "")
        last = self.runner.run(self.journal.create(row, [CREATED, *drafts]))
        self.expected[conversation_id] = Expected([CREATED, *drafts], last)
        assert last == len(drafts) + 1

    @precondition(lambda self: self.expected)
    @rule(conversation_id=IDS, drafts=DRAFTS)
    def append(self, conversation_id: str, drafts: list[Draft]) -> None:
        self.clock.advance(1)
        if conversation_id not in self.expected:
            with pytest.raises(StoreError):
                self.runner.run(self.journal.append(conversation_id, drafts))
            return
        expected = self.expected[conversation_id]
        expected.drafts += drafts
        assert self.runner.run(self.journal.append(conversation_id, drafts)) == len(expected.drafts)
        expected.settled = len(expected.drafts)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), calls=st.lists(DRAFTS, min_size=1, max_size=6))
    def post(self, data: st.DataObject, calls: list[list[Draft]]) -> None:
        for drafts in calls:
            conversation_id = data.draw(st.sampled_from(sorted(self.expected)))
            self.expected[conversation_id].drafts += drafts
            self.journal.post(conversation_id, drafts)

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        conversation_id = data.draw(st.sampled_from(sorted(self.expected)))
        expected = self.expected[conversation_id]
        assert self.runner.run(self.journal.settle(conversation_id)) == len(expected.drafts)
        expected.settled = len(expected.drafts)
        assert bare(self.everything(conversation_id)) == [draft.event for draft in expected.drafts]

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), after=st.integers(0, 40), limit=st.integers(1, 9))
    def read_from_anywhere(self, data: st.DataObject, after: int, limit: int) -> None:
        conversation_id = data.draw(st.sampled_from(sorted(self.expected)))
        expected = self.expected[conversation_id]
        events = [draft.event for draft in expected.drafts]
        page = list(self.runner.run(self.journal.read(conversation_id, after, limit)))
        assert bare(page) == events[after : after + len(page)]
        assert len(page) >= min(limit, expected.settled - after)
        tail = self.journal.tail(conversation_id, after)
        assert tail is None or bare(list(tail)) == events[after : after + len(tail)]
        whole = self.everything(conversation_id, limit)
        assert [entry.seq for entry in whole] == list(range(1, len(whole) + 1))
        assert whole[: len(expected.seen)] == expected.seen, "the same number is the same entry for ever"
        expected.seen = whole

    @rule(conversation_id=IDS)
    def delete(self, conversation_id: str) -> None:
        found = self.runner.run(self.journal.delete(conversation_id, "local"))
        assert found == (self.expected.pop(conversation_id, None) is not None)

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.journal.close())
        self.start()
        for expected in self.expected.values():
            expected.settled = len(expected.drafts)

    @rule()
    def crash(self) -> None:
        """What a killed process leaves behind: the file, and as much of the log as it had written."""
        old, new = self.folders[-1], Path(tempfile.mkdtemp())
        for name in ("journal.db", "journal.db-wal"):
            shutil.copy(old / name, new / name)
        self.runner.run(self.journal.close())
        self.folders.append(new)
        self.start()
        for conversation_id, expected in self.expected.items():
            survived = self.everything(conversation_id)
            assert bare(survived) == [draft.event for draft in expected.drafts[: len(survived)]]
            assert len(survived) >= max(expected.settled, len(expected.seen))
            assert survived[: len(expected.seen)] == expected.seen
            expected.drafts = expected.drafts[: len(survived)]
            expected.settled = len(survived)
        connection = apsw.Connection(str(new / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
        assert connection.pragma("integrity_check") == "ok"
        connection.close()

    @invariant()
    def lists_tell_what_is_there(self) -> None:
        found = self.runner.run(self.journal.conversations("local", 10))
        assert {row.conversation_id for row in found} == self.expected.keys()
        for row in found:
            expected = self.expected[row.conversation_id]
            assert expected.settled <= row.last_seq <= len(expected.drafts)

    @invariant()
    def running_is_known_when_all_is_settled(self) -> None:
        if all(expected.settled == len(expected.drafts) for expected in self.expected.values()):
            wanted = {conversation_id for conversation_id, expected in self.expected.items() if expected.running()}
            assert set(self.runner.run(self.journal.running())) == wanted


def test_the_journal_does_what_lists_do_and_a_crash_takes_at_most_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "DAYBOOK_ROWS", 7)
    monkeypatch.setattr(sqlite_tables, "LARGE", 200)
    monkeypatch.setattr(sqlite_writer, "HEADS", 1)
    told = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(JournalBesideLists, settings=told)
