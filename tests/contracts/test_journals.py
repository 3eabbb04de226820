"""What every journal of JOURNALS promises. A new journal gets one line in `MAKERS` and is judged by all of this."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import random
import types
import typing
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.clock import Clock, FixedClock
from analysis.errors import CallerError, StoreError
from analysis.events import (
    EVENTS,
    ConversationCreated,
    ConversationRenamed,
    Draft,
    Entry,
    Event,
    MessageComplete,
    MessageStart,
    Notice,
    TextDelta,
    encode,
)
from analysis.journals import JOURNALS
from analysis.journals.journal import Conversation, Journal, StoredDocument

# How each journal is made, and whether it lasts (a second object at the same place finds what the first has written).
MAKERS: dict[str, tuple[Callable[[Any, Path, Clock], Journal], bool]] = {
    "memory": (lambda kind, _folder, clock: kind(clock), False),
    "sqlite": (lambda kind, folder, clock: kind(folder, clock), True),
}
CREATED = Draft(ConversationCreated("Margins", {"provider": "offline"}))
HALF_A_CHARACTER = Draft(TextDelta("m1", "\ud83d", 0))


def make(name: str, folder: Path) -> Journal:
    module, _, kind = JOURNALS[name].partition(":")
    return MAKERS[name][0](getattr(importlib.import_module(module), kind), folder, FixedClock())


async def reopen(name: str, journal: Journal, folder: Path) -> Journal:
    await journal.close()
    again = make(name, folder) if MAKERS[name][1] else journal
    await again.open()
    return again


@pytest.fixture(params=sorted(JOURNALS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def journal(name: str, tmp_path: Path) -> AsyncIterator[Journal]:
    made = make(name, tmp_path)
    await made.open()
    yield made
    await made.close()


def conversation(conversation_id: str, owner: str = "local", title: str = "Margins") -> Conversation:
    return Conversation(conversation_id, owner, title, "2026-11-21T08:00:00.000Z", settings={"model": "m"})


def document(document_id: str, owner: str = "local", name: str = "northwind.csv") -> StoredDocument:
    return StoredDocument(
        document_id, owner, name, "text/csv", "ab" * 32, 18, "2026-11-21T08:00:00.000Z", {"tables": 1}
    )


def prose(*texts: str, message_id: str = "m1") -> list[Draft]:
    offsets = [sum(map(len, texts[:place])) for place in range(len(texts))]
    return [Draft(TextDelta(message_id, text, offset)) for text, offset in zip(texts, offsets, strict=True)]


def start(message_id: str) -> Draft:
    return Draft(MessageStart(message_id, "u1", "offline", "rules"))


def complete(message_id: str) -> Draft:
    return Draft(MessageComplete(message_id, True, "end_turn", "", {}))


def plain(entries: Sequence[Entry] | None) -> list[tuple[int, Event, Any]]:
    return [(entry.seq, entry.event, entry.private) for entry in entries or ()]


def numbered(drafts: Sequence[Draft]) -> list[tuple[int, Event, Any]]:
    return [(seq, draft.event, draft.private) for seq, draft in enumerate(drafts, 1)]


async def everything(journal: Journal, conversation_id: str, limit: int = 1000) -> list[Entry]:
    entries: list[Entry] = []
    while page := await journal.read(conversation_id, len(entries), limit):
        entries += page
    return entries


async def follow(journal: Journal, conversation_id: str, until: int) -> list[Entry]:
    """A live reader, as the doors write it."""
    entries: list[Entry] = []
    while len(entries) < until:
        more = journal.tail(conversation_id, len(entries))
        if more is None:
            more = await journal.read(conversation_id, len(entries), 7)
        entries += more
        if not more:
            await journal.wait(conversation_id, len(entries))
    return entries


# Any event with any content, made from the fields' own types.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 2**53),
    bool: st.booleans(),
    list[str]: st.lists(TEXT, max_size=3),
    dict[str, Any]: st.dictionaries(TEXT, PLAIN, max_size=4),
    types.NoneType: st.none(),
}


def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    if isinstance(annotation, types.UnionType):
        return st.one_of([of_type(part) for part in typing.get_args(annotation)])
    return BY_TYPE[annotation]


def of_kind(kind: type[Event]) -> st.SearchStrategy[Draft]:
    hints = typing.get_type_hints(kind)
    event = st.builds(kind, **{field.name: of_type(hints[field.name]) for field in fields(kind)})
    return st.builds(Draft, event, st.none() | BY_TYPE[dict[str, Any]])


@st.composite
def texts(draw: st.DrawFn) -> list[Draft]:
    """Prose as it comes: pieces that follow each other, sometimes of another message, elsewhere, or with more to them."""
    drafts, offset = [], 0
    for text in draw(st.lists(TEXT, max_size=12)):
        offset += draw(st.sampled_from([0, 0, 0, 0, 7]))
        private = draw(st.sampled_from([None, None, None, {}, {"model": "wrote"}]))
        drafts.append(Draft(TextDelta(draw(st.sampled_from(["m1", "m1", "m1", "m2"])), text, offset), private))
        offset += len(text)
    return drafts


def test_every_journal_of_the_table_is_judged_here() -> None:
    assert MAKERS.keys() == JOURNALS.keys()


def test_what_is_read_is_what_was_appended(name: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        journal = make(name, tmp_path)
        runner.run(journal.open())
        ids = (f"c{number}" for number in range(10_000))

        async def round_trip(calls: list[list[Draft]]) -> None:
            conversation_id = next(ids)
            await journal.create(conversation(conversation_id), [CREATED])
            for drafts in calls:
                journal.post(conversation_id, drafts)
            wanted = numbered([CREATED, *[draft for drafts in calls for draft in drafts]])
            assert await journal.settle(conversation_id) == len(wanted)
            stored, remembered = await everything(journal, conversation_id), journal.tail(conversation_id, 0)
            assert plain(stored) == plain(remembered) == wanted
            assert stored == remembered

        def check(calls: st.SearchStrategy[list[list[Draft]]], examples: int) -> None:
            told = settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
            told(given(calls)(lambda calls: runner.run(round_trip(calls))))()

        for kind in EVENTS.values():
            check(of_kind(kind).map(lambda draft: [[draft]]), examples=6)
        check(st.lists(texts(), max_size=5), examples=40)
        check(
            st.lists(st.lists(st.one_of([of_kind(kind) for kind in EVENTS.values()]), max_size=3), max_size=3),
            examples=20,
        )
        runner.run(journal.close())


async def test_numbers_are_dense_and_a_call_stays_together_when_many_tasks_write(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    chance = random.Random(7)

    async def write(task: int) -> None:
        for call in range(20):
            drafts = prose(*[f"{task}.{call}.{part}" for part in range(chance.randint(1, 4))], message_id=f"m{task}")
            if chance.random() < 0.5:
                journal.post("c1", drafts)
            else:
                last = await journal.append("c1", drafts)
                assert (await journal.read("c1", last - 1, 1))[0].event == drafts[-1].event
            if chance.random() < 0.3:
                await asyncio.sleep(0)

    await asyncio.gather(*[write(task) for task in range(12)])
    last = await journal.settle("c1")
    entries = await everything(journal, "c1")
    assert [entry.seq for entry in entries] == list(range(1, last + 1))
    marks = [tuple(map(int, entry.event.text.split("."))) for entry in entries if isinstance(entry.event, TextDelta)]
    for task in range(12):
        mine = [mark for mark in marks if mark[0] == task]
        assert mine == sorted(mine)
    for before, after in itertools.pairwise(marks):
        assert after[2] == 0 or before == (*after[:2], after[2] - 1)


async def test_reading_resumes_after_every_number_with_every_page_size(journal: Journal) -> None:
    drafts = [
        CREATED,
        start("m1"),
        *prose(*"numbers tell a story"),
        Draft(Notice("m1", "offline", "rules")),
        complete("m1"),
    ]
    await journal.create(conversation("c1"), drafts[:1])
    await journal.append("c1", drafts[1:9])
    await journal.append("c1", drafts[9:])
    whole = await everything(journal, "c1")
    assert plain(whole) == numbered(drafts)
    for after in range(len(drafts) + 3):
        for limit in (1, 2, 5, 1000):
            assert await journal.read("c1", after, limit) == whole[after : after + limit]
        assert journal.tail("c1", after) == whole[after:]
    assert await everything(journal, "c1", limit=3) == whole
    assert await journal.read("c1", 0, 0) == []
    assert await journal.read("c1", -5) == whole
    assert await journal.read("c1", 2**70) == []


async def test_a_reopened_journal_reads_the_same_bytes_and_goes_on_counting(
    name: str, journal: Journal, tmp_path: Path
) -> None:
    await journal.create(conversation("c1"), [CREATED, start("m1")])
    journal.post("c1", prose("Revenue ", "rose ", "by 12.3%"))
    await journal.settle("c1")
    journal.post("c1", [complete("m1")])  # not waited for: close commits it
    before = [*await everything(journal, "c1")]
    again = await reopen(name, journal, tmp_path)
    after = await everything(again, "c1")
    assert [encode(entry) for entry in after[: len(before)]] == [encode(entry) for entry in before]
    assert [entry.event.TYPE for entry in after][-2:] == ["text_delta", "message_complete"]
    assert await again.append("c1", prose("more")) == 7
    assert await again.conversation("c1", "local") == replace(conversation("c1"), last_seq=7)
    await again.close()


async def test_a_reader_never_sleeps_through_an_append(journal: Journal) -> None:
    total, chance = 400, random.Random(3)
    await journal.create(conversation("c1"), [CREATED])

    async def write() -> None:
        for number in range(total - 1):
            journal.post("c1", prose(str(number)))
            if chance.random() < 0.2:
                await journal.settle("c1")
            elif chance.random() < 0.4:
                await asyncio.sleep(0)

    async def restless() -> None:
        """A reader who gives up waiting again and again."""
        while True:
            waiting = asyncio.create_task(journal.wait("c1", total))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.sleep(0)

    async with asyncio.timeout(20):
        bystander = asyncio.create_task(restless())
        *read, _ = await asyncio.gather(*[follow(journal, "c1", total) for _ in range(5)], write())
        bystander.cancel()
    for entries in read:
        assert [entry.seq for entry in entries] == list(range(1, total + 1))


async def test_waiting_returns_at_once_when_there_is_more_or_nothing_to_wait_for(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    async with asyncio.timeout(5):
        await journal.wait("c1", 0)
        await journal.wait("nobody", 0)
    waiting = asyncio.create_task(journal.wait("c1", 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    await journal.append("c1", prose("more"))
    async with asyncio.timeout(5):
        await waiting


async def test_bytes_are_counted_over_all_owners(journal: Journal) -> None:
    await journal.put_document(document("d1", owner="ann"))
    await journal.put_document(document("d1", owner="bob"))
    assert await journal.documents_with("ab" * 32) == 2
    await journal.delete_document("d1", "ann")
    assert await journal.documents_with("ab" * 32) == 1
    assert await journal.documents_with("cd" * 32) == 0


async def test_what_belongs_to_somebody_else_does_not_exist(journal: Journal) -> None:
    await journal.create(conversation("c1", owner="ann"), [CREATED])
    await journal.put_document(document("d1", owner="ann"))
    assert await journal.conversation("c1", "bob") is await journal.conversation("c2", "bob") is None
    assert await journal.conversations("bob", 10) == await journal.documents("bob", 10) == []
    assert await journal.document("d1", "bob") is None
    assert not await journal.delete("c1", "bob")
    assert not await journal.delete_document("d1", "bob")
    with pytest.raises(CallerError) as refusal:
        await journal.create(conversation("c1", owner="bob"), [CREATED])
    assert refusal.value.code == "conversation_exists"
    assert len(await everything(journal, "c1")) == 1
    assert await journal.conversation("c1", "ann") == replace(conversation("c1", owner="ann"), last_seq=1)


async def test_a_deleted_conversation_is_gone_and_wakes_its_readers(
    name: str, journal: Journal, tmp_path: Path
) -> None:
    await journal.create(conversation("c1"), [CREATED, start("m1")])
    await journal.create(conversation("c2"), [CREATED, start("m1")])
    waiting = [asyncio.create_task(journal.wait("c1", after)) for after in (2, 2, 99)]
    await asyncio.sleep(0)
    journal.post("c1", prose("last words"))
    assert await journal.delete("c1", "local")
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert not await journal.delete("c1", "local")
    assert await journal.read("c1", 0) == []
    assert journal.tail("c1", 0) is None
    assert await journal.conversation("c1", "local") is None
    assert [found.conversation_id for found in await journal.conversations("local", 10)] == ["c2"]
    assert await journal.running() == ["c2"]
    journal.post("c1", prose("from a turn that was not stopped in time"))
    for call in (journal.settle("c1"), journal.append("c1", prose("x"))):
        with pytest.raises(StoreError) as refusal:
            await call
        assert refusal.value.code == "deleted"
    again = await reopen(name, journal, tmp_path)
    assert await again.read("c1", 0) == []
    assert len(await everything(again, "c2")) == 2
    await again.close()


async def test_a_new_conversation_under_a_deleted_id_starts_from_nothing(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED, start("m1"), *prose("old")])
    assert await journal.delete("c1", "local")
    journal.post("c1", prose("late"))
    assert await journal.create(conversation("c1", title="Again"), [CREATED]) == 1
    assert await journal.append("c1", prose("new")) == 2
    assert plain(await everything(journal, "c1")) == numbered([CREATED, *prose("new")])
    assert plain(journal.tail("c1", 0)) == numbered([CREATED, *prose("new")])
    assert await journal.running() == []


async def test_running_names_the_conversations_with_an_open_message(
    name: str, journal: Journal, tmp_path: Path
) -> None:
    for conversation_id in ("c1", "c2", "c3"):
        await journal.create(conversation(conversation_id), [CREATED, start("m1")])
    await journal.append("c1", [complete("m1"), start("m2")])
    await journal.append("c2", [*prose("done"), complete("m1")])
    assert await journal.running() == ["c1", "c3"]
    again = await reopen(name, journal, tmp_path)
    assert await again.running() == ["c1", "c3"]
    await again.append("c1", [complete("m2")])
    assert await again.running() == ["c3"]
    await again.close()


async def test_what_cannot_be_written_fails_its_own_conversation_once_and_nothing_after_it_is_written(
    journal: Journal,
) -> None:
    for conversation_id in ("c1", "c2"):
        await journal.create(conversation(conversation_id), [CREATED])
    journal.post("c1", prose("before"))
    journal.post("c1", [*prose("with it"), HALF_A_CHARACTER])
    journal.post("c2", prose("neighbour"))
    journal.post("c1", prose("after"))
    assert await journal.append("c1", prose("somebody else")) == 3  # who did not post is not told, and not in the way
    journal.post("c1", prose("still after"))
    with pytest.raises(StoreError) as refusal:
        await journal.settle("c1")
    assert refusal.value.code == "unwritable"
    kept = numbered([CREATED, *prose("before"), *prose("somebody else")])
    assert plain(await everything(journal, "c1")) == kept
    assert plain(journal.tail("c1", 0)) == kept
    assert await journal.settle("c2") == 2
    journal.post("c1", prose("told once"))
    assert await journal.settle("c1") == 4


async def test_an_append_is_written_whole_or_not_at_all(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    for broken in (
        HALF_A_CHARACTER,
        Draft(Notice("m1", "c", "t"), {"raw": 2**70}),
        Draft(Notice("m1", "c", "t"), {"raw": {1}}),
    ):
        with pytest.raises(StoreError):
            await journal.append("c1", [*prose("one", "two"), broken])
        with pytest.raises(StoreError):
            await journal.create(conversation("c2"), [CREATED, broken])
    assert await journal.settle("c1") == 1
    assert await journal.conversation("c2", "local") is None
    assert await journal.append("c1", []) == 1


async def test_an_append_that_fails_takes_no_other_call_with_it(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    journal.post("c1", prose("posted"))
    calls = [prose("one"), [HALF_A_CHARACTER], prose("two"), [*prose("with it"), HALF_A_CHARACTER]]
    outcomes = await asyncio.gather(*[journal.append("c1", drafts) for drafts in calls], return_exceptions=True)
    journal.post("c1", prose("posted again"))
    assert [type(outcome) for outcome in outcomes] == [int, StoreError, int, StoreError]
    assert await journal.settle("c1") == 5
    wanted = [CREATED, *prose("posted"), *prose("one"), *prose("two"), *prose("posted again")]
    assert plain(await everything(journal, "c1")) == numbered(wanted)


async def test_a_payload_can_be_reused_by_its_maker_once_it_is_settled(journal: Journal) -> None:
    payload = {"raw": 1}
    drafts = [CREATED, Draft(Notice("m1", "c", "t"), payload)]
    await journal.create(conversation("c1"), drafts)
    drafts.clear()
    assert [entry.private for entry in await everything(journal, "c1")] == [None, {"raw": 1}]


async def test_a_renamed_conversation_shows_its_new_title(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    await journal.append("c1", [Draft(ConversationRenamed("Cash"))])
    found = await journal.conversation("c1", "local")
    assert found is not None
    assert (found.title, found.last_seq) == ("Cash", 2)


async def test_lists_are_newest_first_and_go_on_after_any_item(journal: Journal) -> None:
    ids = [f"c{number}" for number in (3, 1, 4, 15, 9, 2, 6)]
    for item in ids:
        await journal.create(conversation(item), [CREATED])
        await journal.put_document(document(item))
    ids.reverse()
    for place in range(len(ids)):
        page = await journal.conversations("local", 3, before=ids[place])
        assert [found.conversation_id for found in page] == ids[place + 1 : place + 4]
        assert [found.document_id for found in await journal.documents("local", 3, before=ids[place])] == ids[
            place + 1 : place + 4
        ]
    assert [found.conversation_id for found in await journal.conversations("local", 100)] == ids
    assert [found.last_seq for found in await journal.conversations("local", 2)] == [1, 1]
    assert await journal.conversations("local", 0) == []
    for listing in (journal.conversations, journal.documents):
        with pytest.raises(CallerError) as refusal:
            await listing("local", 3, before="gone")
        assert refusal.value.code == "unknown_cursor"


async def test_documents_are_kept_replaced_and_forgotten(name: str, journal: Journal, tmp_path: Path) -> None:
    await journal.put_document(document("d1"))
    await journal.put_document(document("d2"))
    await journal.put_document(document("d1", name="renamed.csv"))
    await journal.put_document(document("d1", owner="ann"))
    assert await journal.document("d1", "local") == document("d1", name="renamed.csv")
    again = await reopen(name, journal, tmp_path)
    assert await again.documents("local", 10) == [document("d2"), document("d1", name="renamed.csv")]
    assert await again.delete_document("d1", "local")
    assert not await again.delete_document("d1", "local")
    assert await again.documents("local", 10) == [document("d2")]
    assert await again.document("d1", "ann") == document("d1", owner="ann")
    await again.close()


async def test_names_that_nothing_can_have_are_unknown(journal: Journal) -> None:
    odd = "\ud800"
    await journal.create(conversation("c1"), [CREATED])
    assert await journal.read(odd, 0) == []
    assert journal.tail(odd, 0) is None
    assert await journal.conversation(odd, "local") is await journal.document(odd, odd) is None
    assert await journal.conversations(odd, 10) == []
    async with asyncio.timeout(5):
        await journal.wait(odd, 0)
    journal.post(odd, prose("x"))
    with pytest.raises(StoreError):
        await journal.settle(odd)
    with pytest.raises(StoreError):
        await journal.create(conversation("c2", title=odd), [CREATED])
    assert await journal.conversation("c2", "local") is None
    assert await journal.append("c1", prose("goes on")) == 2


async def test_a_closed_journal_refuses_and_lets_its_readers_go(journal: Journal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    waiting = asyncio.create_task(journal.wait("c1", 1))
    await asyncio.sleep(0)
    await journal.close()
    await journal.close()
    async with asyncio.timeout(5):
        with pytest.raises(StoreError):
            await waiting
    for call in (journal.read("c1", 0), journal.append("c1", []), journal.wait("c1", 1), journal.running()):
        with pytest.raises(StoreError) as refusal:
            await call
        assert refusal.value.code == "closed"
    with pytest.raises(StoreError):
        journal.post("c1", prose("x"))
