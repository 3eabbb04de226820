"""Server-sent events of a conversation: ask and watch the answer, or follow whatever happens."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from api import cursor, intake
from api.access import Doors, Owner, TheDoors
from api.bodies import takes
from api.dialects.native import Native, Words
from api.reading import Reader
from api.routes.conversations import asked_with
from api.sse import ChainEnd, EventStream, Follow, Until

router = APIRouter(tags=["events"])

AccumulatedText = Annotated[bool, Query(description="carry the text so far with each delta")]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "one `data:` line of JSON per event"}
}


@router.get("/api/conversation/{conversation_id}/message/stream", responses=STREAM)
async def follow(
    doors: TheDoors,
    owner: Owner,
    conversation_id: str,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[str | None, Query(description="everything with a higher seq, then live; 0 is everything")] = None,
    accumulated_text: AccumulatedText = True,
) -> Response:
    """Follow the conversation. Without a cursor: from the start of the running message, else only what comes."""
    wanted = cursor.requested(last_event_id, after)
    if wanted is None:
        start = await doors.conversations.start_of_running(owner, conversation_id)
    else:
        start = cursor.checked(wanted, await doors.conversations.last_seq(owner, conversation_id))
    return stream(doors, owner, conversation_id, start, accumulated_text)


@router.post("/api/conversation/{conversation_id}/message/stream", responses=STREAM, openapi_extra=takes(Words))
async def ask(
    request: Request, doors: TheDoors, owner: Owner, conversation_id: str, accumulated_text: AccumulatedText = True
) -> Response:
    """Ask, and stream from the question to the end of its answer."""
    words = await intake.read_model(request, Words, message=True)
    said = await doors.conversations.say(owner, conversation_id, words.message, **asked_with(words))
    return stream(doors, owner, conversation_id, said.seq - 1, accumulated_text, ChainEnd(said.reply_id))


def followed(
    doors: Doors, owner: str, conversation_id: str, after: int, accumulated_text: bool, until: Until | None = None
) -> Follow:
    """What to stream, in the native dialect."""
    reader = Reader(doors.conversations.journal, conversation_id, owner, after)
    return Follow(reader, Native(accumulated_text), until)


def stream(
    doors: Doors, owner: str, conversation_id: str, after: int, accumulated_text: bool, until: Until | None = None
) -> EventStream:
    """The reply that streams it."""
    follow = followed(doors, owner, conversation_id, after, accumulated_text, until)
    return EventStream(doors.closing, doors.heartbeat_s, follow)
