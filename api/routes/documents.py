"""Documents: bring them in while they arrive, list, read, remove; and `analyze`, a document and a question in one request.

An upload is never held whole: the multipart parser hands its pieces to the library as the network brings them. Asked
for `text/event-stream`, an upload tells how far the reading is; asked for JSON, it answers when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analysis.errors import CallerError
from analysis.journals.journal import StoredDocument
from analysis.text import clean
from api.access import Doors, Owner, TheDoors
from api.bodies import takes_form
from api.intake import MESSAGE_LIMIT_BYTES
from api.multipart import Part, Parts
from api.replies import Json, gone
from api.routes.conversations import Limit, PageCursor, whole_answer
from api.routes.events import followed
from api.sse import ChainEnd, EventStream, Follow, Post

MAX_FILES = 20
ANALYZE_FIELDS = {"question": MESSAGE_LIMIT_BYTES, "conversation_id": 200}  # the most bytes of each

router = APIRouter(tags=["documents"])


@dataclass(slots=True)
class Brought:
    """What a multipart request brought: documents (in the library by now) and plain fields."""

    documents: list[StoredDocument] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


@router.post("/api/documents", status_code=201, openapi_extra=takes_form(file="file"))
async def add(request: Request, doors: TheDoors, owner: Owner) -> Response:
    """Bring a document into the library. With `Accept: text/event-stream` its progress is streamed."""
    parts = Parts(request.headers.get("content-type", ""), request.stream())

    async def bring(post: Post | None) -> StoredDocument:
        brought = await _bring(doors, owner, parts, post, most=1, fields={})
        return brought.documents[0]

    async def prelude(post: Post) -> None:
        post({"type": "document_ready", "document": shown(await bring(post))})

    if _wants_stream(request):
        return EventStream(doors.closing, doors.heartbeat_s, prelude=prelude)
    return Json(shown(await bring(None)), 201)


@router.get("/api/documents")
async def page(doors: TheDoors, owner: Owner, limit: Limit = 50, cursor: PageCursor = None) -> Response:
    """The library, newest first: `{"items": [...], "next"?: cursor}`."""
    return Json(await doors.library.page(owner, limit, cursor))


@router.get("/api/document/{document_id}")
async def view(doors: TheDoors, owner: Owner, document_id: str) -> Response:
    """One document."""
    return Json(shown(await doors.library.get(owner, document_id)))


@router.delete("/api/document/{document_id}", status_code=204)
async def remove(doors: TheDoors, owner: Owner, document_id: str) -> Response:
    """Remove a document from the library; what was said about it stays."""
    await doors.library.remove(owner, document_id)
    return gone()


@router.post("/api/analyze", openapi_extra=takes_form(file="files", question="text", conversation_id="text?"))
async def analyze(
    request: Request,
    doors: TheDoors,
    owner: Owner,
    accumulated_text: Annotated[bool, Query(description="carry the text so far with each delta")] = False,
) -> Response:
    """Documents and a question in one request: makes a conversation (or goes on with `conversation_id`), attaches, asks.

    With `Accept: text/event-stream`: the progress of the documents, then every event this request causes up to the end
    of the answer. Otherwise the whole answer, as `POST …/message` gives it.
    """
    parts = Parts(request.headers.get("content-type", ""), request.stream())

    async def prelude(post: Post) -> Follow:
        brought = await _bring(doors, owner, parts, post, MAX_FILES, ANALYZE_FIELDS)
        conversation_id, start, reply_id = await _ask(doors, owner, brought)
        return followed(doors, owner, conversation_id, start, accumulated_text, ChainEnd(reply_id))

    if _wants_stream(request):
        return EventStream(doors.closing, doors.heartbeat_s, prelude=prelude)
    brought = await _bring(doors, owner, parts, None, MAX_FILES, ANALYZE_FIELDS)
    conversation_id, _, reply_id = await _ask(doors, owner, brought)
    return await whole_answer(doors, owner, conversation_id, reply_id)


def shown(document: StoredDocument) -> dict[str, Any]:
    """A document as the API shows it: its card, and when it came."""
    return {
        "document_id": document.document_id,
        "name": document.name,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "bytes": document.bytes,
        **document.card,
        "created_at": document.created_at,
    }


async def _bring(
    doors: Doors, owner: str, parts: Parts, post: Post | None, most: int, fields: Mapping[str, int]
) -> Brought:
    """Read the request to its end. CallerError tells, in `document_ids`, what had been stored before it went wrong."""
    brought = Brought()
    try:
        while part := await parts.next():
            if part.filename is not None:
                await _bring_file(doors, owner, parts, part, post, brought, most)
            else:
                await _bring_field(parts, part, brought, fields)
        if not brought.documents:
            raise CallerError("bad_field", "file: is missing. Send it as a multipart part named file, with a filename.")
    except CallerError as error:
        if brought.documents:
            error.extra["document_ids"] = [document.document_id for document in brought.documents]
        raise
    return brought


async def _bring_file(
    doors: Doors, owner: str, parts: Parts, part: Part, post: Post | None, brought: Brought, most: int
) -> None:
    if part.name != "file":
        raise CallerError("bad_field", f"{part.name[:60]}: is not a file field here; name the part file.")
    if len(brought.documents) == most:
        raise CallerError("bad_field", f"file: at most {most} can be sent in one request.")
    name = clean(part.filename or "")
    document = await doors.library.add(owner, name, part.media_type, parts.chunks(), _told(post, name))
    brought.documents.append(document)


async def _bring_field(parts: Parts, part: Part, brought: Brought, fields: Mapping[str, int]) -> None:
    if part.name == "file":
        raise CallerError("bad_field", "file: has no filename, so it is not a file part.")
    if part.name not in fields:
        raise CallerError("bad_field", f"{part.name[:60]}: is not a field here.")
    too_long = "message_too_long" if part.name == "question" else "bad_field"
    brought.fields[part.name] = clean(await parts.text(fields[part.name], too_long))


def _told(post: Post | None, name: str) -> Callable[[str, int, int], None] | None:
    if post is None:
        return None
    return lambda stage, done, total: post(
        {"type": "document_progress", "name": name, "stage": stage, "done": done, "total": total}
    )


async def _ask(doors: Doors, owner: str, brought: Brought) -> tuple[str, int, str]:
    """Open the conversation, attach, ask: its id, the number before the first event this caused, and the answer's id."""
    document_ids = [document.document_id for document in brought.documents]
    question, conversation_id = brought.fields.get("question"), brought.fields.get("conversation_id")
    try:
        if question is None:
            raise CallerError("bad_field", "question: is missing.")
        if not question.strip():
            raise CallerError("empty_message", "The question is empty.")
        if conversation_id:
            start = await doors.conversations.last_seq(owner, conversation_id)
        else:
            start = 0
            conversation_id = str(
                (await doors.conversations.create(owner, document_ids=document_ids))["conversation_id"]
            )
        said = await doors.conversations.say(owner, conversation_id, question, document_ids=document_ids)
    except CallerError as error:
        error.extra["document_ids"] = document_ids
        raise
    return conversation_id, start, said.reply_id


def _wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")
