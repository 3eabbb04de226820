"""The front door over a memory journal, a scripted provider and tools that do what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from analysis import events, signals
from analysis.clock import FixedClock
from analysis.conversations import Conversations, Limits
from analysis.errors import CallerError, StoreError
from analysis.events import Entry
from analysis.ids import counting_ids
from analysis.journals.journal import StoredDocument
from analysis.journals.memory import MemoryJournal
from analysis.messages import ToolSpec
from analysis.providers.scripted import Hold, ScriptedProvider, say
from analysis.workbench import ToolCall

CARD = {
    "document_id": "doc_1",
    "name": "a.csv",
    "media_type": "text/csv",
    "sha256": "s",
    "bytes": 1,
    "tables": 1,
    "periods": [],
}
SPECS = [ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]})]
OWNER = "local"


class Shelf:
    """A library with one document, which may have to be read again, or be gone."""

    def __init__(self) -> None:
        self.removed: tuple[str, ...] = ()
        self.progress: list[tuple[str, int, int]] = []
        self.reading: asyncio.Event | None = None

    async def get(self, owner: str, document_id: str) -> StoredDocument:
        if document_id != "doc_1" or owner != OWNER:
            raise CallerError("unknown_document", f"There is no document {document_id!r}.")
        return StoredDocument("doc_1", OWNER, "a.csv", "text/csv", "s", 1, "2026-11-21T08:00:00.000Z", CARD)

    async def ready(self, owner: str, document_ids: Iterable[str], tell: Any = None) -> list[str]:
        """It always is, unless it was removed."""
        for stage, done, total in self.progress:
            for document_id in document_ids:
                tell(document_id, stage, done, total)
        if self.reading:
            await self.reading.wait()
        return [document_id for document_id in document_ids if document_id in self.removed]


class Tools:
    """Answers every call at once, or when `gate` is opened; remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self.called = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self.cancelled = 0

    async def run_tool(self, call: ToolCall, on_progress: Any = None) -> signals.ToolReturned | signals.ToolRaised:
        self.calls.append(call)
        self.called.set()
        try:
            if self.gate:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return signals.ToolReturned(call.tool_id, "Looked.", "nothing there")


class House:
    """A front door and what stands behind it."""

    def __init__(self, *rounds: Any, limits: Limits | None = None, journal: Any = None) -> None:
        self.clock = FixedClock()
        self.provider = ScriptedProvider(*rounds)
        self.tools = Tools()
        self.shelf = Shelf()
        self.door = Conversations(
            journal=journal or MemoryJournal(self.clock),
            library=self.shelf,
            tools=self.tools,
            specs=SPECS,
            providers={"scripted": lambda: self.provider},
            default_provider="scripted",
            new_id=counting_ids(),
            clock=self.clock,
            limits=limits,
        )

    async def told(self, conversation_id: str = "c") -> list[Entry]:
        return list(await self.door.journal.read(conversation_id, 0))


@asynccontextmanager
async def opened(*rounds: Any, **parts: Any) -> AsyncIterator[House]:
    house = House(*rounds, **parts)
    await house.door.open()
    await house.door.create(OWNER, conversation_id="c")
    try:
        yield house
    finally:
        await house.door.close()


def call(tool_id: str, text: str, name: str = "look") -> list[signals.Signal]:
    return [signals.ToolOpened(0, tool_id, name), signals.ToolChunk(0, text), signals.BlockClosed(0)]


async def test_a_question_is_answered_and_the_whole_reply_can_be_read() -> None:
    async with opened(say("Revenue rose.")) as house:
        said = await house.door.say(OWNER, "c", "How is revenue?", document_ids=["doc_1"])
        reply = await house.door.reply(OWNER, "c", said.reply_id)
        assert (reply["success"], reply["text"], reply["usage"]["input_tokens"]) == (True, "Revenue rose.", 10)
        kinds = [entry.event.TYPE for entry in await house.told()]
        assert kinds == [
            "conversation_created",
            "document_added",
            "conversation_renamed",
            "user_message",
            "message_start",
            "text_delta",
            "message_complete",
        ]
        assert (await house.told())[said.seq - 1].event.TYPE == "user_message"
        view = await house.door.view(OWNER, "c")
        assert [message["text"] for message in view["messages"]] == ["How is revenue?", "Revenue rose."]
        assert "running_message_id" not in view
        assert view["last_seq"] == 7


async def test_a_tool_is_run_and_the_model_asked_again_with_its_answer() -> None:
    first = [*call("t1", '{"at": "v3 and r2"}'), signals.ModelStopped("tool_use")]
    async with opened(first, say("Nothing there.")) as house:
        said = await house.door.say(OWNER, "c", "Look.", document_ids=["doc_1"])
        reply = await house.door.reply(OWNER, "c", said.reply_id)
        assert reply["text"] == "Nothing there."
        assert house.tools.calls[0].documents == [("d1", "doc_1", "a.csv", "s")]
        roles = [message.role for message in house.provider.prompts[1].messages]
        assert roles == ["user", "assistant", "user"]


async def test_two_messages_at_once_give_one_answer_and_one_busy() -> None:
    hold = Hold()
    async with opened([hold, *say("One.")]) as house:
        both = await asyncio.gather(
            house.door.say(OWNER, "c", "One?"), house.door.say(OWNER, "c", "Two?"), return_exceptions=True
        )
        refused = [one for one in both if isinstance(one, CallerError)]
        accepted = [one for one in both if not isinstance(one, BaseException)]
        assert [error.code for error in refused] == ["busy"]
        with pytest.raises(CallerError) as busy:
            await house.door.say(OWNER, "c", "Three?")
        assert busy.value.extra == {"running_message_id": accepted[0].reply_id}
        hold.release.set()
        await house.door.reply(OWNER, "c", accepted[0].reply_id)
        await house.door.say(OWNER, "c", "Three?")


async def test_the_next_question_is_taken_as_soon_as_the_end_is_seen() -> None:
    async with opened() as house:
        for number in range(20):
            said = await house.door.say(OWNER, "c", f"Question {number}?")
            await house.door.reply(OWNER, "c", said.reply_id)


async def test_an_interrupt_keeps_the_partial_closes_the_provider_and_is_safe_to_repeat() -> None:
    hold = Hold()
    async with opened([signals.TextArrived("Revenue "), hold]) as house:
        assert await house.door.interrupt(OWNER, "c") == {"state": "idle"}
        said = await house.door.say(OWNER, "c", "Why?")
        await hold.reached.wait()
        stopped = await house.door.interrupt(OWNER, "c")
        assert stopped == {"state": "stopped", "message_id": said.reply_id}
        assert await house.door.interrupt(OWNER, "c") == {"state": "idle"}
        end = (await house.told())[-1].event
        assert isinstance(end, events.MessageComplete)
        assert (end.stop_reason, end.text) == ("interrupted", "Revenue ")
        await house.door.say(OWNER, "c", "Go on.")
        assert house.provider.closed_early == 1


async def test_an_interrupt_that_comes_while_the_turn_starts_ends_it_once() -> None:
    for turns in range(12):  # so many steps of the loop after the question was sent
        async with opened(say("Whole."), say("Again.")) as house:
            asking = asyncio.create_task(house.door.say(OWNER, "c", "Why?"))
            for _ in range(turns):
                await asyncio.sleep(0)
            await house.door.interrupt(OWNER, "c")
            said = await asking
            await house.door.reply(OWNER, "c", said.reply_id)
            kinds = [entry.event.TYPE for entry in await house.told()]
            assert (kinds.count("message_start"), kinds.count("message_complete")) == (1, 1)
            assert kinds[-1] == "message_complete"
            assert house.door.running_message_id("c") is None


async def test_a_caller_who_leaves_while_the_turn_starts_takes_nothing_with_him() -> None:
    for turns in range(12):
        async with opened(say("Whole."), say("Again.")) as house:
            asking = asyncio.create_task(house.door.say(OWNER, "c", "Why?"))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            while house.door.running_message_id("c"):
                await house.door.journal.wait("c", await house.door.last_seq(OWNER, "c"))
            said = await house.door.say(OWNER, "c", "And now?")
            assert (await house.door.reply(OWNER, "c", said.reply_id))["success"]
            kinds = [entry.event.TYPE for entry in await house.told()]
            assert kinds.count("message_start") == kinds.count("message_complete") == kinds.count("user_message")


async def test_the_same_document_attached_twice_at_once_is_added_once() -> None:
    async with opened() as house:
        await asyncio.gather(*(house.door.attach(OWNER, "c", ["doc_1"]) for _ in range(3)))
        assert [entry.event.TYPE for entry in await house.told()].count("document_added") == 1


async def test_a_question_tells_how_far_its_documents_are_read_and_then_comes_itself() -> None:
    async with opened(say("Done.")) as house:
        house.shelf.progress = [("reading", done, 400) for done in range(401)] + [("tables", 1, 1)]
        house.shelf.reading = asyncio.Event()
        asking = asyncio.create_task(house.door.say(OWNER, "c", "How is revenue?", document_ids=["doc_1"]))
        await house.door.journal.wait("c", 20)
        early = [entry.event for entry in await house.told()]
        assert isinstance(early[1], events.DocumentAdded)
        assert not any(isinstance(event, events.UserMessage) for event in early)
        house.shelf.reading.set()
        said = await asking
        await house.door.reply(OWNER, "c", said.reply_id)
        told = [entry.event for entry in await house.told()]
        progress = [event for event in told if isinstance(event, events.DocumentProgress)]
        assert [event.TYPE for event in told].count("document_added") == 1
        assert len(progress) == 22
        assert (progress[0].done, progress[-2].done, progress[-1].stage) == (0, 400, "tables")
        assert isinstance(told[said.seq - 1], events.UserMessage)
        assert [card["document_id"] for card in (await house.door.view(OWNER, "c"))["documents"]] == ["doc_1"]


async def test_attaching_tells_how_far_the_documents_are_read() -> None:
    async with opened() as house:
        house.shelf.progress = [("reading", 1, 2), ("reading", 2, 2)]
        await house.door.attach(OWNER, "c", ["doc_1"])
        assert [entry.event for entry in await house.told()][2:] == [
            events.DocumentProgress("doc_1", "reading", 1, 2),
            events.DocumentProgress("doc_1", "reading", 2, 2),
        ]


async def test_a_document_leaves_the_data_room_and_may_come_back() -> None:
    async with opened(say("Done.")) as house:
        await house.door.attach(OWNER, "c", ["doc_1"])
        await house.door.detach(OWNER, "c", "doc_1")
        assert (await house.door.view(OWNER, "c"))["documents"] == []
        for document_id in ("doc_1", "doc_2"):
            with pytest.raises(CallerError) as refused:
                await house.door.detach(OWNER, "c", document_id)
            assert refused.value.code == "unknown_document"
        await house.door.attach(OWNER, "c", ["doc_1"])
        kinds = [entry.event.TYPE for entry in await house.told()]
        assert kinds == ["conversation_created", "document_added", "document_removed", "document_added"]


async def test_a_document_that_left_the_library_leaves_the_conversation_with_the_next_question() -> None:
    async with opened(say("Done.")) as house:
        await house.door.attach(OWNER, "c", ["doc_1"])
        house.shelf.removed = ("doc_1",)
        said = await house.door.say(OWNER, "c", "How is revenue?")
        await house.door.reply(OWNER, "c", said.reply_id)
        kinds = [entry.event.TYPE for entry in await house.told()]
        assert kinds[2:5] == ["document_removed", "conversation_renamed", "user_message"]
        assert (await house.door.view(OWNER, "c"))["documents"] == []


async def test_a_model_is_asked_only_of_the_provider_it_was_chosen_with() -> None:
    async with opened() as house:
        await house.door.create(OWNER, conversation_id="m", provider="auto", model="claude-x")
        said = await house.door.say(OWNER, "m", "Why?", provider="scripted")
        await house.door.reply(OWNER, "m", said.reply_id)
        start = next(e.event for e in await house.told("m") if isinstance(e.event, events.MessageStart))
        assert (start.provider, start.model) == ("scripted", "scripted-1")


async def test_an_interrupt_while_a_tool_runs_stops_the_tool_and_answers_its_call() -> None:
    async with opened([*call("t1", '{"at": "x"}'), signals.ModelStopped("tool_use")]) as house:
        house.tools.gate = asyncio.Event()
        await house.door.say(OWNER, "c", "Look.")
        await house.tools.called.wait()
        await house.door.interrupt(OWNER, "c")
        kinds = [entry.event.TYPE for entry in await house.told()]
        assert kinds[-3:] == ["tool_validated", "tool_complete", "message_complete"]
        house.tools.gate = None
        said = await house.door.say(OWNER, "c", "Again.")
        await house.door.reply(OWNER, "c", said.reply_id)
        assert house.tools.cancelled == 1


async def test_a_provider_that_breaks_gives_an_error_and_the_conversation_stays_usable() -> None:
    broken = [signals.TextArrived("Rev"), signals.ModelBroke("provider_cut", "The stream was cut.")]
    async with opened(broken, say("Whole.")) as house:
        said = await house.door.say(OWNER, "c", "Why?")
        reply = await house.door.reply(OWNER, "c", said.reply_id)
        assert (reply["stop_reason"], reply["text"], reply["error"]["code"]) == ("failed", "Rev", "provider_cut")
        said = await house.door.say(OWNER, "c", "Again.")
        assert (await house.door.reply(OWNER, "c", said.reply_id))["text"] == "Whole."


async def test_a_provider_that_raises_is_our_fault_and_still_an_end() -> None:
    async with opened([None]) as house:  # no signal at all
        house.provider.rounds = [["not a signal", *say("")]]  # type: ignore[list-item]
        house.provider.stream = lambda prompt: 1 / 0  # type: ignore[method-assign, assignment, return-value]
        said = await house.door.say(OWNER, "c", "Why?")
        reply = await house.door.reply(OWNER, "c", said.reply_id)
        assert (reply["stop_reason"], reply["error"]["code"], reply["error"]["fault"]) == ("failed", "internal", "ours")


async def test_a_turn_that_takes_too_long_is_ended() -> None:
    async with opened([signals.TextArrived("Rev"), Hold()], limits=Limits(turn_timeout_s=0.01)) as house:
        said = await house.door.say(OWNER, "c", "Why?")
        reply = await house.door.reply(OWNER, "c", said.reply_id)
        assert (reply["stop_reason"], reply["text"], reply["error"]["code"]) == ("failed", "Rev", "turn_timeout")


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_message"), (" \n\t", "empty_message"), ("x" * 80_001, "message_too_long")]
)
async def test_a_message_nobody_can_answer_is_refused_before_anything_is_written(text: str, code: str) -> None:
    async with opened() as house:
        with pytest.raises(CallerError) as refused:
            await house.door.say(OWNER, "c", text)
        assert refused.value.code == code
        assert len(await house.told()) == 1


async def test_unknown_foreign_and_deleted_conversations_are_the_same_to_a_stranger() -> None:
    async with opened() as house:
        await house.door.create(OWNER, conversation_id="gone")
        await house.door.delete(OWNER, "gone")
        for owner, conversation_id in ((OWNER, "never"), ("stranger", "c"), (OWNER, "gone")):
            with pytest.raises(CallerError) as refused:
                await house.door.say(owner, conversation_id, "Hello?")
            assert (refused.value.code, refused.value.text) == (
                "unknown_conversation",
                f"There is no conversation {conversation_id!r}.",
            )


async def test_unknown_documents_and_providers_are_refused_and_the_conversation_is_free_again() -> None:
    async with opened() as house:
        with pytest.raises(CallerError, match="doc_9"):
            await house.door.say(OWNER, "c", "Why?", document_ids=["doc_9"])
        with pytest.raises(CallerError, match="there are auto, scripted"):
            await house.door.say(OWNER, "c", "Why?", provider="oracle")
        await house.door.say(OWNER, "c", "Why?")


async def test_text_that_cannot_be_stored_everywhere_is_mended_once_at_the_door() -> None:
    async with opened() as house:
        await house.door.say(OWNER, "c", "Why\x00 \ud83d?")
        question = next(entry.event for entry in await house.told() if isinstance(entry.event, events.UserMessage))
        assert question.text == "Why� �?"


async def test_a_message_that_a_crash_cut_is_ended_at_the_next_start() -> None:
    journal = MemoryJournal(FixedClock())
    async with opened([signals.TextArrived("Revenue "), Hold()], journal=journal) as house:
        said = await house.door.say(OWNER, "c", "Why?")
        await journal.wait("c", said.seq + 1)
        again = House(say("Whole."), journal=journal)
        await again.door.open()
        reply = await again.door.reply(OWNER, "c", said.reply_id)
        assert (reply["text"], reply["error"]["code"]) == ("Revenue ", "server_restarted")
        next_said = await again.door.say(OWNER, "c", "Again?")
        assert (await again.door.reply(OWNER, "c", next_said.reply_id))["text"] == "Whole."


class FailingJournal(MemoryJournal):
    """A disk that fills up: once `full`, nothing is written until it is emptied."""

    full = False

    def _entries(self, conversation_id: str, drafts: Any, first: int) -> list[Entry]:
        if self.full and drafts:
            raise StoreError("store_full", "The disk is full.", retryable=True)
        return super()._entries(conversation_id, drafts, first)


async def test_an_answer_that_the_store_would_not_take_is_ended_when_the_store_is_back() -> None:
    journal, hold = FailingJournal(FixedClock()), Hold()
    async with opened([signals.TextArrived("Rev"), hold, *say("enue rose.")], say("Whole."), journal=journal) as house:
        said = await house.door.say(OWNER, "c", "Why?")
        await journal.wait("c", said.seq + 1)
        journal.full = True
        hold.release.set()
        with pytest.raises(StoreError, match="could not be stored"):
            await house.door.reply(OWNER, "c", said.reply_id)
        with pytest.raises(StoreError, match="full"):
            await house.door.say(OWNER, "c", "Again?")
        journal.full = False
        async with asyncio.timeout(5):
            await journal.wait("c", said.seq + 2)
        end = (await house.told())[-1].event
        assert isinstance(end, events.MessageComplete)
        assert (end.stop_reason, end.text) == ("failed", "Rev")
        again = await house.door.say(OWNER, "c", "Again?")
        assert (await house.door.reply(OWNER, "c", again.reply_id))["text"] == "Whole."


async def test_closing_ends_running_answers_and_takes_no_more() -> None:
    house = House([signals.TextArrived("Rev"), Hold()])
    await house.door.open()
    await house.door.create(OWNER, conversation_id="c")
    said = await house.door.say(OWNER, "c", "Why?")
    await house.door.journal.wait("c", said.seq + 1)
    await house.door.close()
    await house.door.journal.open()
    assert (await house.told())[-1].event.TYPE == "message_complete"
    with pytest.raises(StoreError, match="shutting down"):
        await house.door.say(OWNER, "c", "More?")


async def test_pages_of_conversations_are_newest_first_and_complete() -> None:
    async with opened() as house:
        for number in range(5):
            house.clock.advance(1)
            await house.door.create(OWNER, conversation_id=f"c{number}", title=f"Title {number}")
        seen, cursor = [], None
        while True:
            page = await house.door.page(OWNER, 2, cursor)
            seen += [item["conversation_id"] for item in page["items"]]
            cursor = page.get("next")
            if cursor is None:
                break
        assert seen == ["c4", "c3", "c2", "c1", "c0", "c"]
        assert (await house.door.page("stranger", 2))["items"] == []
