"""The service in this process: a house of its own, opened over a folder that is kept or over one that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from analysis.errors import StoreError
from analysis.events import encode
from api.assembly import House, opened_house
from api.reading import Reader
from api.settings import Settings
from api.terminal.service import Chain, Heard, Json, Progress, Question, Source

OWNER = "local"
_PIECE_BYTES = 1 << 20


class LocalService:
    """A conversation in an open house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._conversation_id = ""
        self._cursor = 0

    async def bring(self, source: Source, told: Progress) -> Json:
        """As the contract says."""
        document = await self._house.library.add(OWNER, source.name, "", _pieces(source), told)
        return dict(document.card)

    async def open(self, conversation_id: str | None = None) -> Json:
        """As the contract says."""
        front = self._house.conversations
        view = await (front.view(OWNER, conversation_id) if conversation_id else front.create(OWNER))
        self._conversation_id = view["conversation_id"]
        self._cursor = view["last_seq"] if conversation_id else 0
        return view

    async def ask(self, question: Question) -> AsyncGenerator[Heard]:
        """As the contract says."""
        said = await self._house.conversations.say(
            OWNER,
            self._conversation_id,
            question.text,
            document_ids=question.document_ids,
            provider=question.provider,
            model=question.model,
        )
        chain = Chain()
        chain.question_id = said.message_id
        reader = Reader(self._house.conversations.journal, self._conversation_id, OWNER, self._cursor)
        while entries := await reader.next():
            for entry in entries:
                heard = Heard.of(encode(entry))
                self._cursor = entry.seq
                yield heard
                if chain.ends_with(heard.event):
                    return

    async def interrupt(self) -> None:
        """As the contract says."""
        await self._house.conversations.interrupt(OWNER, self._conversation_id)

    async def value(self, value_id: str) -> Json:
        """As the contract says."""
        return await self._house.conversations.value(OWNER, self._conversation_id, value_id)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[LocalService]:
    """The service over `settings.data`. StoreError `locked` says what to do instead where a server holds the folder."""
    try:
        async with opened_house(settings, warm=False) as house:  # one answer, which comes sooner this way
            yield LocalService(house)
    except StoreError as error:
        if error.code != "locked":
            raise
        words = (
            f"{settings.data} is in use, probably by a running Tickmark. "
            "Ask that one with --server URL (the address it printed), or choose another folder with --data."
        )
        raise StoreError("locked", words) from error


async def _pieces(source: Source) -> AsyncIterator[bytes]:
    with source.path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece
