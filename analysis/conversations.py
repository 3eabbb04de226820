"""The front door: open a conversation, say something, interrupt, read.

At most one turn of a conversation runs at a time. It belongs to the conversation, not to whoever asked: nobody has to
be listening, and a reader who leaves stops nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from analysis import events, recovery
from analysis.clock import Clock, stamp
from analysis.conductor import Conductor, Stage, Tools
from analysis.errors import CallerError, StoreError, TickmarkError, UpstreamError
from analysis.events import Draft, Json
from analysis.frame import Frame, Phase
from analysis.gate import Gate
from analysis.history import History
from analysis.ids import NewId, is_chosen_id
from analysis.journals.journal import Conversation, Journal, StoredDocument
from analysis.library import Tell
from analysis.messages import ToolSpec
from analysis.numbering import Numbering
from analysis.prompt import build
from analysis.providers.provider import Provider
from analysis.questions import message_of, settings_of, title_of
from analysis.readings import Readings
from analysis.telling import Telling
from analysis.turn import Turn

MEND_AFTER_S = (0.2, 1.0, 5.0)  # how long to wait before each try to end what the store would not take
NEW_TITLE = "New conversation"
REMEMBERED_REPLIES = 1_000


class Shelf(Protocol):
    """Where documents come from (analysis/library.py)."""

    async def get(self, owner: str, document_id: str) -> StoredDocument:
        """The owner's document, or CallerError `unknown_document`."""

    async def ready(self, owner: str, document_ids: Iterable[str], tell: Tell | None = None) -> Sequence[str]:
        """Make sure that tools can open these documents; the ids of those that are there no more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may take."""

    turn_timeout_s: float = 600
    max_rounds: int = 12
    drain_s: float = 5


@dataclass(frozen=True, slots=True)
class Said:
    """An accepted message: the user's id, the answer's id, and the number of the `user_message` event."""

    conversation_id: str
    message_id: str
    reply_id: str
    seq: int


class Conversations(Readings):
    """All conversations of this server. `providers` makes one by name, on first use; `default_provider` serves `auto`."""

    def __init__(
        self,
        *,
        journal: Journal,
        library: Shelf,
        tools: Tools,
        specs: Sequence[ToolSpec],
        providers: Mapping[str, Callable[[], Provider]],
        default_provider: str,
        new_id: NewId,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(journal)
        self._library = library
        self._tools = tools
        self._specs = specs
        self._gate = Gate(specs)
        self._makers = providers
        self._made: dict[str, Provider] = {}
        self._default = default_provider
        self._new_id = new_id
        self._clock = clock
        self._limits = limits or Limits()
        self._starting: set[str] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._mending: dict[str, asyncio.Task[None]] = {}
        self._ending = asyncio.Lock()
        self._closing = False

    # -- the server's life -------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the journal and give every message that a crash cut its end."""
        await self.journal.open()
        for conversation_id in await self.journal.running():
            await self._close_message(conversation_id, recovery.RESTARTED)

    async def warm(self) -> None:
        """Make the default provider ready, so that the first question need not wait for its library."""
        with contextlib.suppress(TickmarkError):  # whoever asks it will be told
            await self._provider("auto").warm()

    async def drain(self) -> None:
        """Take no more turns and end the running ones as interrupted, within `drain_s`."""
        self._closing = True
        running = list(self._running.values())
        for conductor in running:
            conductor.interrupt("shutdown")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.drain_s):
                await asyncio.gather(*(conductor.done.wait() for conductor in running))

    async def close(self) -> None:
        """Drain, and let go of everything."""
        await self.drain()
        for mending in self._mending.values():
            mending.cancel()
        for provider in self._made.values():
            await provider.aclose()
        await self.journal.close()

    # -- conversations -----------------------------------------------------------------------------------------------

    async def create(
        self,
        owner: str,
        *,
        conversation_id: str | None = None,
        title: str | None = None,
        document_ids: Sequence[str] = (),
        system_prompt: str | None = None,
        provider: str | None = None,
        model: str | None = None,
    ) -> Json:
        """A new conversation, as `view` shows it. CallerError: bad_conversation_id, conversation_exists, unknown_document,
        unknown_provider."""
        if conversation_id is not None and not is_chosen_id(conversation_id):
            raise CallerError("bad_conversation_id", "A conversation id is 1 to 64 of the characters A-Z a-z 0-9 . _ -")
        self._check_provider(provider)
        settings = {"provider": provider or "auto"}
        settings |= {key: value for key, value in (("model", model), ("system_prompt", system_prompt)) if value}
        record = Conversation(
            conversation_id or self._new_id("conv"),
            owner,
            title_of(title) or NEW_TITLE,
            stamp(self._clock.now()),
            settings=settings,
        )
        shown = {key: value for key, value in settings.items() if key != "system_prompt"}
        drafts = [Draft(events.ConversationCreated(record.title, shown)), *await self._added(owner, document_ids)]
        await self.journal.create(record, drafts)
        return await self.view(owner, record.conversation_id)

    async def rename(self, owner: str, conversation_id: str, title: str) -> Json:
        """Give a new title. CallerError empty_title."""
        await self._record(owner, conversation_id)
        words = title_of(title)
        if not words:
            raise CallerError("empty_title", "A title needs at least one character.")
        await self.journal.append(conversation_id, [Draft(events.ConversationRenamed(words))])
        return await self.view(owner, conversation_id)

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Remove a conversation, stopping what runs in it."""
        await self._record(owner, conversation_id)
        conductor = self._running.get(conversation_id)
        if conductor:
            conductor.interrupt("deleted")
            await conductor.done.wait()
        await self.journal.delete(conversation_id, owner)

    async def attach(self, owner: str, conversation_id: str, document_ids: Sequence[str]) -> Json:
        """Put documents into the data room; those that are in it already are left as they are. What was read of them and
        has been lost is read again, and the conversation hears how far that is."""
        await self._record(owner, conversation_id)
        async with self._lock(conversation_id):
            drafts = await self._added(owner, document_ids, await self._history(conversation_id))
            if drafts:
                await self.journal.append(conversation_id, drafts)
        telling = Telling(self.journal, conversation_id)
        await self._library.ready(owner, dict.fromkeys(document_ids), telling)
        await telling.settle()
        return await self.view(owner, conversation_id)

    async def detach(self, owner: str, conversation_id: str, document_id: str) -> None:
        """Take a document out of the data room; it stays in the library, and what was said about it stays too. CallerError
        unknown_document. An answer that is being written goes on with what it had."""
        await self._record(owner, conversation_id)
        async with self._lock(conversation_id):
            history = await self._history(conversation_id)
            if all(card["document_id"] != document_id for card in history.documents.values()):
                raise CallerError("unknown_document", f"There is no document {document_id!r} in this conversation.")
            await self.journal.append(conversation_id, [Draft(events.DocumentRemoved(document_id))])

    # -- turns -------------------------------------------------------------------------------------------------------

    async def say(
        self,
        owner: str,
        conversation_id: str,
        text: str,
        *,
        document_ids: Sequence[str] = (),
        client_id: str | None = None,
        provider: str | None = None,
        model: str | None = None,
        if_busy: str = "reject",
    ) -> Said:
        """Accept a message and start its answer. CallerError: empty_message, message_too_long, busy, unknown_..."""
        words = message_of(text)
        record = await self._record(owner, conversation_id)
        await self._last_words(conversation_id)
        if if_busy != "reject":
            raise CallerError(
                "unsupported_if_busy", "if_busy can only be 'reject' so far; stop the running answer first."
            )
        self._reserve(conversation_id)
        try:
            settings = settings_of(record.settings, provider, model)
            chosen = self._provider(settings["provider"])
            question = events.UserMessage(self._new_id("msg"), words, list(document_ids), client_id)
            async with self._lock(conversation_id):
                history = await self._history(conversation_id)
                drafts = await self._prepared(owner, conversation_id, document_ids, history)
                if record.title == NEW_TITLE:
                    drafts.append(Draft(events.ConversationRenamed(title_of(words))))
                conductor = self._conductor(conversation_id, question, chosen, settings, history)
                return await self._start(conductor, question, [*drafts, Draft(question)])
        finally:
            self._starting.discard(conversation_id)

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        """Held while something is read of a conversation and then written because of it."""
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    def _reserve(self, conversation_id: str) -> None:
        """One turn at a time: checked and taken in one step, before anything is awaited."""
        if self._closing:
            raise StoreError("shutting_down", "The server is shutting down. Ask again in a moment.", retryable=True)
        if conversation_id in self._running or conversation_id in self._starting:
            running = self.running_message_id(conversation_id)
            extra = {"running_message_id": running} if running else {}
            raise CallerError(
                "busy", "An answer is still being written here. Wait for it, or stop it.", retryable=True, **extra
            )
        self._starting.add(conversation_id)

    def _conductor(
        self,
        conversation_id: str,
        question: events.UserMessage,
        provider: Provider,
        settings: Mapping[str, Any],
        history: History,
    ) -> Conductor:
        model = settings.get("model") or provider.default_model()
        frame = Frame(question.message_id, provider.name, model, self._limits.max_rounds)
        numbering = Numbering(conversation_id, history.last_value(), history.last_result())
        turn = Turn(frame, self._gate, self._new_id, history.values, numbering)
        return Conductor(
            turn,
            Stage(
                conversation_id,
                self.journal,
                self._tools,
                provider,
                history,
                lambda: build(history, self._specs, model, settings),
                self._limits.turn_timeout_s,
            ),
            lambda: self._over(conversation_id),
        )

    async def _start(self, conductor: Conductor, question: events.UserMessage, drafts: Sequence[Draft]) -> Said:
        """The question and the start of its answer become one commit; the answer's start is the last of them."""
        conversation_id = conductor.conversation_id
        before = await self.journal.settle(conversation_id)
        self._started_at[conversation_id] = before + len(drafts)
        self._running[conversation_id] = conductor
        last = await conductor.start(drafts)
        self._asked[conductor.turn.message_id] = last - 2
        while len(self._asked) > REMEMBERED_REPLIES:
            self._asked.popitem(last=False)
        return Said(conversation_id, question.message_id, conductor.turn.message_id, last - 1)

    def _over(self, conversation_id: str) -> None:
        conductor = self._running.pop(conversation_id, None)
        self._started_at.pop(conversation_id, None)
        if conductor and conductor.failure:
            self._mending[conversation_id] = asyncio.get_running_loop().create_task(self._mend(conversation_id))

    async def _mend(self, conversation_id: str) -> None:
        """The store failed in mid-answer, so the answer has no end and its readers wait: write the end when the store is back."""
        for pause_s in itertools.chain(MEND_AFTER_S, itertools.repeat(MEND_AFTER_S[-1])):
            await asyncio.sleep(pause_s)
            with contextlib.suppress(StoreError):
                await self._mended(conversation_id)
                return

    async def _mended(self, conversation_id: str) -> None:
        """Write the end that is missing, once, whoever comes first: the mender or the next question."""
        async with self._ending:
            if conversation_id in self._mending:
                await self._close_message(conversation_id, recovery.NOT_STORED)
                del self._mending[conversation_id]

    async def _close_message(self, conversation_id: str, cause: recovery.Cause) -> None:
        drafts = recovery.closing([entry async for entry in self._entries(conversation_id)], cause)
        if drafts:
            await self.journal.append(conversation_id, drafts)

    async def _last_words(self, conversation_id: str) -> None:
        """An answer whose end is being committed is over for its readers already; the next question must not find it busy."""
        conductor = self._running.get(conversation_id)
        if conductor and conductor.turn.phase is Phase.ENDED:
            await conductor.done.wait()
        await self._mended(conversation_id)

    async def interrupt(self, owner: str, conversation_id: str) -> Json:
        """Stop the running answer, if there is one. Safe to repeat."""
        await self._record(owner, conversation_id)
        conductor = self._running.get(conversation_id)
        if conductor is None:
            return {"state": "idle"}
        conductor.interrupt()
        await conductor.done.wait()
        return {"state": "stopped", "message_id": conductor.turn.message_id}

    # -- what the above stands on ------------------------------------------------------------------------------------

    async def _added(self, owner: str, document_ids: Sequence[str], history: History | None = None) -> list[Draft]:
        there = {card["document_id"] for card in history.documents.values()} if history else set()
        wanted = [document_id for document_id in dict.fromkeys(document_ids) if document_id not in there]
        return [
            Draft(events.DocumentAdded(dict((await self._library.get(owner, wanted_id)).card))) for wanted_id in wanted
        ]

    async def _prepared(
        self, owner: str, conversation_id: str, document_ids: Sequence[str], history: History
    ) -> list[Draft]:
        """Have all documents of the data room at hand, and those that come with a question: what is to be written first.
        Documents that are in the library no more leave the data room."""
        added = await self._added(owner, document_ids, history)
        attached = [card["document_id"] for card in history.documents.values()]
        telling = Telling(self.journal, conversation_id, added)
        gone = await self._library.ready(owner, dict.fromkeys([*attached, *document_ids]), telling)
        left = await telling.settle()
        history.extend(added)  # hears again of what it knows, and does not mind
        return [*left, *(Draft(events.DocumentRemoved(document_id)) for document_id in gone if document_id in attached)]

    def _check_provider(self, name: str | None) -> None:
        if name and name != "auto" and name not in self._makers:
            known = ", ".join(["auto", *self._makers])
            raise CallerError("unknown_provider", f"There is no provider {name[:60]!r}; there are {known}.")

    def _provider(self, name: str) -> Provider:
        self._check_provider(name)
        name = self._default if name == "auto" else name
        if name not in self._made:
            try:
                self._made[name] = self._makers[name]()
            except UpstreamError:
                raise
            except ImportError as error:
                words = f"The provider {name} needs a package that is not installed: {error.name}."
                raise UpstreamError("provider_missing", words) from error
        return self._made[name]
