"""WebSocket: the same events as SSE, one JSON text frame each, and the questions of the client on the same line.

`/ws/conversation/{id}` carries one conversation, `/ws` as many as its frames name. Each conversation has a follower:
one task that reads, encodes and sends, exactly the loop of SSE. What a client asks that cannot be done is answered by a
`rejected` frame and the socket stays open; it closes only where there is nothing left to talk about (4404), or where
going on would silently lose events (4400, 4409).
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket, WebSocketState

from analysis.errors import CallerError, TickmarkError, unknown_conversation
from api import cursor, intake
from api.access import Doors, Owner, TheDoors, refuse
from api.dialects import native
from api.problems import answer_to, rejected, unexpected
from api.reading import Reader

MAX_CONVERSATIONS = 100

router = APIRouter()


@router.websocket("/ws/conversation/{conversation_id}")
async def one_conversation(
    socket: WebSocket,
    doors: TheDoors,
    owner: Owner,
    conversation_id: str,
    after: str | None = None,
    accumulated_text: Annotated[str, Query()] = "true",
) -> None:
    """One conversation, followed from the start."""
    session = Session(socket, doors, owner, accumulated_text != "false", only=conversation_id)
    await session.run(socket.headers.get("last-event-id"), after)


@router.websocket("/ws")
async def many_conversations(
    socket: WebSocket, doors: TheDoors, owner: Owner, accumulated_text: Annotated[str, Query()] = "false"
) -> None:
    """Several conversations; each is followed from the first frame that names it."""
    await Session(socket, doors, owner, accumulated_text == "true").run()


@router.websocket("/{path:path}")
async def nothing_here(socket: WebSocket, path: str) -> None:
    """Any other address."""
    error = CallerError("not_found", f"There is no socket at {socket.url.path}.")
    await refuse(error, socket.scope, socket.receive, socket._send)


class Session:
    """One open socket. `only` names the conversation of a socket that carries just one."""

    def __init__(
        self, socket: WebSocket, doors: Doors, owner: str, accumulated_text: bool, only: str | None = None
    ) -> None:
        self._socket = socket
        self._doors = doors
        self._owner = owner
        self._accumulated_text = accumulated_text
        self._only = only
        self._followers: dict[str, asyncio.Task[None]] = {}

    async def run(self, last_event_id: str | None = None, after: str | None = None) -> None:
        """Talk until one side leaves."""
        await self._socket.accept()
        try:
            if self._only is None or await self._begin(self._only, last_event_id, after):
                await self._listen()
        finally:
            followers = list(self._followers.values())
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)

    async def _begin(self, conversation_id: str, last_event_id: str | None, after: str | None) -> bool:
        try:
            await self._follow(conversation_id, cursor.requested(last_event_id, after))
        except TickmarkError as error:
            await self._reject(error)
            await self._close(answer_to(error.body()).close or 1008)
            return False
        return True

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            frame: native.Frame | None = None
            data: Any = None
            try:
                data = _readable(message)
                frame = _frame(data)
                await self._obey(frame)
            except TickmarkError as error:
                await self._reject(error, data)
            except Exception as error:
                await self._send(rejected(unexpected(error, f"socket frame {frame and frame.type}"), **_names(data)))

    async def _obey(self, frame: native.Frame) -> None:
        conversations = self._doors.conversations
        if isinstance(frame, native.Ping):
            await self._send(native.PONG)
            return
        conversation_id = self._named(frame)
        if isinstance(frame, native.Say):
            await self._say(conversation_id, frame)
        elif isinstance(frame, native.Resume):
            await self._follow(conversation_id, cursor.from_frame(frame.after))
        elif isinstance(frame, native.Interrupt):
            await conversations.interrupt(self._owner, conversation_id)
            if frame.then is not None:
                await self._say(conversation_id, native.Say(type="message", message=frame.then))
        elif isinstance(frame, native.Approval):
            await conversations.last_seq(self._owner, conversation_id)
            raise CallerError("unknown_approval", f"Nothing waits for a decision under {frame.approval_id!r} here.")

    def _named(self, frame: native.Frame) -> str:
        """The conversation that the frame is about."""
        if self._only is not None:
            if frame.conversation_id not in (None, self._only):
                raise CallerError("wrong_conversation", f"This socket carries {self._only} only; use /ws for several.")
            return self._only
        if frame.conversation_id is None:
            raise CallerError(
                "bad_field", "conversation_id: is missing. On this socket each frame names its conversation."
            )
        return frame.conversation_id

    async def _say(self, conversation_id: str, words: native.Words) -> None:
        self._require_room(conversation_id)
        said = await self._doors.conversations.say(
            self._owner,
            conversation_id,
            words.message,
            document_ids=words.document_ids,
            client_id=words.client_id,
            provider=words.provider,
            model=words.model,
            if_busy=words.if_busy,
        )
        if conversation_id not in self._followers:
            await self._follow(conversation_id, said.seq - 1)

    def _require_room(self, conversation_id: str) -> None:
        if conversation_id not in self._followers and len(self._followers) >= MAX_CONVERSATIONS:
            raise CallerError(
                "too_many_conversations", f"One socket carries at most {MAX_CONVERSATIONS} conversations; open another."
            )

    async def _follow(self, conversation_id: str, wanted: int | None) -> None:
        """Follow from the wanted cursor, or from the start of the running message. Replaces where it stood before."""
        self._require_room(conversation_id)
        conversations = self._doors.conversations
        last_seq = await conversations.last_seq(self._owner, conversation_id)
        if wanted is None:
            after = await conversations.start_of_running(self._owner, conversation_id)
        else:
            after = cursor.checked(wanted, last_seq)
        before = self._followers.pop(conversation_id, None)
        if before is None:
            running = conversations.running_message_id(conversation_id)
            await self._send(native.hello(conversation_id, last_seq, running))
        else:
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)
        reader = Reader(conversations.journal, conversation_id, self._owner, after)
        self._followers[conversation_id] = asyncio.create_task(self._relay(conversation_id, reader))

    async def _relay(self, conversation_id: str, reader: Reader) -> None:
        dialect = native.Native(self._accumulated_text)
        try:
            await reader.retrace(dialect)
            encode, send = dialect.encode, self._socket.send
            while entries := await reader.next():
                for entry in entries:
                    await send({"type": "websocket.send", "text": encode(entry).decode()})
            raise unknown_conversation(conversation_id)
        except TickmarkError as error:
            await self._part(conversation_id, error.body())
        except (OSError, RuntimeError):
            pass  # the client is gone; `_listen` hears it too
        except Exception as error:
            await self._part(conversation_id, unexpected(error, "a socket's follower"))

    async def _part(self, conversation_id: str, body: dict[str, Any]) -> None:
        """A conversation cannot be followed any further."""
        self._followers.pop(conversation_id, None)
        await self._send(rejected(body, conversation_id=conversation_id if self._only is None else None))
        if self._only is not None:
            await self._close(answer_to(body).close or 1011)

    async def _reject(self, error: TickmarkError, data: Any = None) -> None:
        names = _names(data)
        if self._only is not None:
            names.pop("conversation_id", None)
        await self._send(rejected(error.body(), **names))

    async def _send(self, frame: bytes) -> None:
        try:
            await self._socket.send({"type": "websocket.send", "text": frame.decode()})
        except (OSError, RuntimeError):
            pass  # the client is gone

    async def _close(self, code: int) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                await self._socket.close(code)
            except (OSError, RuntimeError):
                pass  # the client was faster


def _readable(message: Any) -> Any:
    """The JSON of a received message."""
    text = message.get("text")
    if text is None:
        raise CallerError("bad_json", "Send text frames with one JSON object each; this one is binary.")
    return intake.parse(text)


def _frame(data: Any) -> native.Frame:
    """The data as one of the frames a client may send."""
    kind = data.get("type") if isinstance(data, dict) else None
    model = native.FRAMES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise CallerError("bad_field", f"type: must be one of {', '.join(native.FRAMES)}.")
    return intake.checked(model, data)


def _names(data: Any) -> dict[str, str | None]:
    """What a refused frame called itself, so that the client can tell which it was."""
    found = data if isinstance(data, dict) else {}
    names = {name: found.get(name) for name in ("client_id", "conversation_id")}
    return {name: value for name, value in names.items() if isinstance(value, str) and len(value) <= 200}
