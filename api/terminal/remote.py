"""The service behind an address: a running Tickmark, over HTTP.

The line may break at any moment. What was heard last is a number, so an answer is followed on from there; whether a
question had arrived when the line broke is asked by the name that we gave it. Only a server that stays away for
`GIVE_UP_S` ends it, and then the answer is still written there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from secrets import token_hex
from urllib.parse import quote, urlsplit

import httpx
import orjson

from analysis.errors import CallerError, StoreError, TickmarkError, UpstreamError
from api.addresses import is_loopback
from api.terminal.service import Chain, Heard, Json, Progress, Question, Source

GIVE_UP_S = 30.0
SILENCE_S = 45.0  # the server says something every 15 s
CONNECT_S = 10.0
_PAUSES_S = (0.1, 0.3, 1.0, 2.0)
_FAULTS: dict[str, type[TickmarkError]] = {"caller": CallerError, "upstream": UpstreamError, "store": StoreError}
_AWAY = frozenset({"unreachable", "shutting_down", "not_ready"})  # what passes, when an answer is being followed
_TELL_AT_TRY = 2
_EVENT_STREAM = {"Accept": "text/event-stream"}


class RemoteService:
    """A conversation on a server. `told` hears when the line is broken."""

    def __init__(self, client: httpx.AsyncClient, told: Callable[[str], None], give_up_s: float = GIVE_UP_S) -> None:
        self._client = client
        self._told = told
        self._give_up_s = give_up_s
        self._conversation_id = ""
        self._cursor = 0

    async def bring(self, source: Source, told: Progress) -> Json:
        """As the contract says."""
        told("uploading", 0, 1)
        with source.path.open("rb") as file:
            upload = {"file": (source.name, file, "application/octet-stream")}
            async with (
                self._reaching(),
                self._client.stream("POST", "/api/documents", files=upload, headers=_EVENT_STREAM) as reply,
            ):
                await _checked(reply)
                async for _, data in _frames(reply):
                    frame = orjson.loads(data)
                    if frame["type"] == "document_progress":
                        told(frame["stage"], frame["done"], frame["total"])
                    elif frame["type"] == "rejected":
                        raise CallerError(frame["code"], frame["text"])
                    elif frame["type"] == "document_ready":
                        return dict(frame["document"])
        raise UpstreamError("cut", f"The server ended the upload of {source.name} without a word. Try again.")

    async def open(self, conversation_id: str | None = None) -> Json:
        """As the contract says."""
        if conversation_id:
            view = await self._call("GET", f"/api/conversation/{quote(conversation_id, safe='')}")
        else:
            view = await self._call("POST", "/api/conversations", {})
        self._conversation_id = view["conversation_id"]
        self._cursor = view["last_seq"] if conversation_id else 0
        return view

    async def ask(self, question: Question) -> AsyncGenerator[Heard]:
        """As the contract says."""
        body: Json = {"message": question.text, "client_id": f"cli_{token_hex(8)}"}
        body |= {"document_ids": list(question.document_ids)} if question.document_ids else {}
        body |= {key: value for key, value in (("provider", question.provider), ("model", question.model)) if value}
        chain = Chain()
        async with aclosing(self._asked(body, chain)) as events:
            async for heard in events:
                yield heard
                if chain.ends_with(heard.event):
                    return

    async def interrupt(self) -> None:
        """As the contract says."""
        await self._call("POST", self._path("/interrupt"))

    async def value(self, value_id: str) -> Json:
        """As the contract says."""
        return await self._call("GET", self._path(f"/values/{quote(value_id, safe='')}"))

    async def _asked(self, body: Json, chain: Chain) -> AsyncGenerator[Heard]:
        """Every event after the cursor, over as many connections as it takes."""
        patience = _Patience(self._give_up_s)
        while True:
            gap = False
            try:
                arrived = chain.question_id or await self._has_arrived(body, chain, patience)
                async with aclosing(self._stream(None if arrived else body)) as stream:
                    async for heard in stream:
                        event = heard.event
                        if event["type"] == "user_message" and event.get("client_id") == body["client_id"]:
                            chain.question_id = event["message_id"]
                        gap = event["seq"] > self._cursor + 1
                        if gap:
                            break  # something came before it: follow from the cursor
                        if event["seq"] == self._cursor + 1:
                            self._cursor += 1
                            patience.renew()
                            yield heard
            except httpx.TransportError as error:
                if isinstance(error, httpx.ConnectError) and not patience.tries:
                    raise self._unreachable(error) from error
            except TickmarkError as error:
                if error.code not in _AWAY or not chain.question_id:
                    raise
            if gap:
                continue
            if not await patience.wait():
                raise UpstreamError("cut", f"The line to the server broke and did not come back. {self._goes_on()}")
            if patience.tries == _TELL_AT_TRY:
                self._told("The line to the server is broken; trying again.")

    async def _has_arrived(self, body: Json, chain: Chain, patience: _Patience) -> bool:
        """Whether a question that was sent before had arrived when the line broke."""
        if not patience.tries:
            return False
        view = await self._call("GET", self._path(""))
        for message in view["messages"]:
            if message.get("client_id") == body["client_id"]:
                chain.question_id = message["message_id"]
        return bool(chain.question_id)

    async def _stream(self, body: Json | None) -> AsyncGenerator[Heard]:
        """One connection: one that asks, or one that follows from the cursor."""
        method = "POST" if body else "GET"
        headers = _EVENT_STREAM | ({} if body else {"Last-Event-ID": str(self._cursor)})
        path, parameters = self._path("/message/stream"), {"accumulated_text": "false"}
        async with self._client.stream(method, path, params=parameters, json=body, headers=headers) as reply:
            await _checked(reply)
            async for number, data in _frames(reply):
                if number is not None:
                    yield Heard.of(data)
                    continue
                frame = orjson.loads(data)
                if frame.get("type") == "rejected":
                    raise UpstreamError(str(frame.get("code")), str(frame.get("text")))

    async def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        async with self._reaching():
            reply = await self._client.request(method, path, json=body)
            await _checked(reply)
            found: Json = orjson.loads(reply.content)
            return found

    def _path(self, rest: str) -> str:
        return f"/api/conversation/{quote(self._conversation_id, safe='')}{rest}"

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.TransportError) -> UpstreamError:
        why = "does not answer" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        return UpstreamError("unreachable", f"The server at {self._client.base_url} {why}. Is it running?")

    def _goes_on(self) -> str:
        return f"The answer goes on there, in conversation {self._conversation_id}."


class _Patience:
    """How long to try again without hearing anything new."""

    def __init__(self, give_up_s: float) -> None:
        self.tries = 0
        self._give_up_s = give_up_s
        self._since_s = asyncio.get_running_loop().time()

    def renew(self) -> None:
        """Something came."""
        self.tries = 0
        self._since_s = asyncio.get_running_loop().time()

    async def wait(self) -> bool:
        """Pause before the next try; False when it has been enough."""
        if asyncio.get_running_loop().time() - self._since_s > self._give_up_s:
            return False
        await asyncio.sleep(_PAUSES_S[min(self.tries, len(_PAUSES_S) - 1)])
        self.tries += 1
        return True


@asynccontextmanager
async def opened(address: str, told: Callable[[str], None]) -> AsyncIterator[RemoteService]:
    """The service at an address such as http://127.0.0.1:8000. CallerError `bad_address`."""
    base = address.strip().rstrip("/")
    base = base if "://" in base else f"http://{base}"
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CallerError(
            "bad_address", f"--server {address!r} is not understood: give an address such as http://127.0.0.1:8000."
        )
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    here = is_loopback(parts.hostname)  # a proxy of the environment does not lead to this computer
    async with httpx.AsyncClient(base_url=base, timeout=timeout, trust_env=not here) as client:
        yield RemoteService(client, told)


async def _checked(reply: httpx.Response) -> None:
    """TickmarkError in the server's own words, where it refused."""
    if reply.is_success:
        return
    try:
        body = orjson.loads(await reply.aread())["error"]
        words, code, fault = str(body["text"]), str(body["code"]), str(body["fault"])
    except (ValueError, KeyError, TypeError):
        text = (
            f"What answers at {reply.url.copy_with(path='/', query=None)} is no Tickmark (status {reply.status_code})."
        )
        raise UpstreamError("no_tickmark", text) from None
    raise _FAULTS.get(fault, TickmarkError)(code, words)


async def _frames(reply: httpx.Response) -> AsyncIterator[tuple[int | None, bytes]]:
    """(number, data) of each frame; comments and what is cut off at the end are passed over."""
    number: int | None = None
    held = bytearray()
    async for piece in reply.aiter_bytes():
        held += piece
        *lines, rest = bytes(held).split(b"\n")
        held = bytearray(rest)
        for line in lines:
            if line.startswith(b"id: "):
                number = int(line[4:])
            elif line.startswith(b"data: "):
                yield number, line[6:]
                number = None
