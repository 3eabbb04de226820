"""Conversations over HTTP: make, list, read, rename, remove; ask and get the whole answer; stop; attach; read a table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from analysis import replies
from api import intake
from api.access import Owner, TheDoors
from api.bodies import takes
from api.dialects.native import DocumentIds, Name, Words
from api.problems import problem, shutting_down
from api.replies import Json, gone

router = APIRouter(tags=["conversations"])

Limit = Annotated[int, Query(ge=1, le=200)]
PageCursor = Annotated[str | None, Query(max_length=200)]


class NewConversation(BaseModel):
    """What a conversation can be made with; all of it optional."""

    model_config = ConfigDict(extra="forbid")
    conversation_id: str | None = None
    title: Annotated[str, Field(max_length=1_000)] | None = None
    document_ids: DocumentIds = []
    system_prompt: Annotated[str, Field(max_length=50_000)] | None = None
    provider: Name | None = None
    model: Name | None = None


class NewTitle(BaseModel):
    """A conversation's new title."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(max_length=1_000)]


class Attachment(BaseModel):
    """Documents of the library, by id, to put into a conversation's data room."""

    model_config = ConfigDict(extra="forbid")
    document_ids: Annotated[DocumentIds, Field(min_length=1)]


@router.post("/api/conversations", status_code=201, openapi_extra=takes(NewConversation))
async def create(request: Request, doors: TheDoors, owner: Owner) -> Response:
    """Make a conversation; the reply is what `GET /api/conversation/{id}` gives."""
    wanted = await intake.read_model(request, NewConversation)
    return Json(await doors.conversations.create(owner, **wanted.model_dump()), 201)


@router.get("/api/conversations")
async def page(doors: TheDoors, owner: Owner, limit: Limit = 50, cursor: PageCursor = None) -> Response:
    """The conversations, newest first: `{"items": [...], "next"?: cursor}`."""
    return Json(await doors.conversations.page(owner, limit, cursor))


@router.get("/api/conversation/{conversation_id}")
async def view(doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """The conversation as it stands, with the `last_seq` to follow it from."""
    return Json(await doors.conversations.view(owner, conversation_id))


@router.patch("/api/conversation/{conversation_id}", openapi_extra=takes(NewTitle))
async def rename(request: Request, doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """Give the conversation another title."""
    wanted = await intake.read_model(request, NewTitle)
    return Json(await doors.conversations.rename(owner, conversation_id, wanted.title))


@router.delete("/api/conversation/{conversation_id}", status_code=204)
async def delete(doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """Remove the conversation and everything said in it; what runs is stopped, who listens is let go."""
    await doors.conversations.delete(owner, conversation_id)
    return gone()


@router.post("/api/conversation/{conversation_id}/message", openapi_extra=takes(Words))
async def ask(request: Request, doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """Ask, wait, and get the whole answer at once."""
    words = await intake.read_model(request, Words, message=True)
    said = await doors.conversations.say(owner, conversation_id, words.message, **asked_with(words))
    return await whole_answer(doors, owner, conversation_id, said.reply_id)


@router.post("/api/conversation/{conversation_id}/interrupt")
async def interrupt(doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """Stop the running answer; what was written stays. Safe to repeat."""
    return Json(await doors.conversations.interrupt(owner, conversation_id))


@router.post("/api/conversation/{conversation_id}/documents", openapi_extra=takes(Attachment))
async def attach(request: Request, doors: TheDoors, owner: Owner, conversation_id: str) -> Response:
    """Put documents into the conversation's data room."""
    wanted = await intake.read_model(request, Attachment)
    return Json(await doors.conversations.attach(owner, conversation_id, wanted.document_ids))


@router.delete("/api/conversation/{conversation_id}/documents/{document_id}", status_code=204)
async def detach(doors: TheDoors, owner: Owner, conversation_id: str, document_id: str) -> Response:
    """Take a document out of the conversation's data room; it stays in the library."""
    await doors.conversations.detach(owner, conversation_id, document_id)
    return gone()


@router.get("/api/conversation/{conversation_id}/tables/{table_id}")
async def table(doors: TheDoors, owner: Owner, conversation_id: str, table_id: str) -> Response:
    """All rows of a shown table: where a long table's `data_url` leads."""
    return Json(await doors.conversations.table(owner, conversation_id, table_id))


@router.get("/api/conversation/{conversation_id}/values/{value_id}")
async def value(doors: TheDoors, owner: Owner, conversation_id: str, value_id: str) -> Response:
    """A value and where it comes from: `{"value", "document"?: {document_id, name}, "inputs": [Value], "sources": [{value_id,
    document_id, name, page_url?, around_url?, removed?}]}`."""
    return Json(await doors.conversations.value(owner, conversation_id, value_id))


def asked_with(words: Words) -> dict[str, Any]:
    """Everything of a question but its words."""
    return words.model_dump(include={"document_ids", "client_id", "provider", "model", "if_busy"})


async def whole_answer(doors: TheDoors, owner: str, conversation_id: str, reply_id: str) -> Response:
    """Wait for the answer and reply with it whole; with its error alone where nothing else came. The answer belongs to
    the conversation: when this reply is cut, it goes on."""
    async with doors.closing.bound():
        body = await doors.conversations.reply(owner, conversation_id, reply_id)
        return problem(body["error"]) if replies.is_bare_error(body) else Json(body)
    return problem(shutting_down().body())
