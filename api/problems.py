"""One table: an error's code, the HTTP status it becomes, and the close code where it ends a socket.

Every error has one body, `{"error": {"code", "text", "retryable", "fault"}}`, on every route; a socket gets the same
words in a `rejected` frame. What is not in the table is answered by whose fault it is. Unexpected exceptions become
`internal` with a request id that the log also carries; their own text is never shown.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analysis.errors import CallerError, Fault, TickmarkError
from api.replies import Json

log = logging.getLogger("tickmark")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error code becomes: an HTTP status, and a close code where a socket cannot go on."""

    status: int
    close: int | None = None


ANSWERS: dict[str, Answer] = {
    # what was asked for is not there
    "unknown_conversation": Answer(404, 4404),
    "deleted": Answer(404, 4404),
    "unknown_document": Answer(404),
    "unknown_table": Answer(404),
    "unknown_message": Answer(404),
    "unknown_value": Answer(404),
    "unknown_approval": Answer(404),
    "unknown_page": Answer(404),
    "unknown_place": Answer(404),
    "not_found": Answer(404, 4404),
    "method_not_allowed": Answer(405),
    # it collides with how things stand
    "conversation_exists": Answer(409),
    "busy": Answer(409),
    "no_pages": Answer(409),
    "cursor_ahead": Answer(409, 4409),
    # the request cannot be read
    "bad_cursor": Answer(400, 4400),
    "bad_json": Answer(400),
    "bad_multipart": Answer(400),
    "bad_text": Answer(400),
    "wrong_content_type": Answer(415),
    "unsupported_type": Answer(415),
    # it is too much
    "message_too_long": Answer(413),
    "body_too_large": Answer(413),
    "too_large": Answer(413),
    "too_many_pages": Answer(413),
    "too_many_conversations": Answer(429),
    "limit": Answer(429),
    "rate_limited": Answer(429),
    "provider_rate_limited": Answer(429),
    # it can be read but not done
    "bad_field": Answer(422),
    "bad_conversation_id": Answer(422),
    "bad_name": Answer(422),
    "empty_message": Answer(422),
    "empty_title": Answer(422),
    "unsupported_if_busy": Answer(422),
    "empty_file": Answer(422),
    "unreadable_document": Answer(422),
    "unreadable_page": Answer(422),
    "encrypted": Answer(422),
    "no_text": Answer(422),
    "unknown_provider": Answer(422),
    "unknown_model": Answer(422),
    "wrong_conversation": Answer(422),
    # it may not be asked from there
    "host_refused": Answer(403, 4403),
    "origin_refused": Answer(403, 4403),
    # ours
    "internal": Answer(500, 1011),
    "shutting_down": Answer(503, 1012),
    "workbench_down": Answer(503, 1013),
}
FAULTS: dict[str, Answer] = {
    "caller": Answer(400),
    "upstream": Answer(502),
    "store": Answer(503, 1013),
    "ours": Answer(500, 1011),
}
RETRY_AFTER_S = 1
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "wrong_content_type"}


class OurError(TickmarkError):
    """We cannot go on: a defect, or the server is going down."""

    fault: Fault = "ours"


def shutting_down() -> OurError:
    """What a request is told that was still waiting when the server stopped."""
    return OurError(
        "shutting_down", "The server is stopping; the conversation is kept. Ask again in a moment.", retryable=True
    )


def answer_to(body: Mapping[str, Any]) -> Answer:
    """The row for an error body: by its code, else by its fault."""
    return ANSWERS.get(body["code"]) or FAULTS[body["fault"]]


def problem(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Json:
    """The HTTP reply for an error body."""
    status = answer_to(body).status
    extra = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    return Json({"error": dict(body)}, status, {**extra, **(headers or {})})


def rejected(body: Mapping[str, Any], **names: str | None) -> bytes:
    """The `rejected` frame for an error body; `names` (client_id, conversation_id) join it where they are known."""
    words = {key: value for key, value in body.items() if key != "fault"}
    return orjson.dumps({"type": "rejected", **words, **{key: name for key, name in names.items() if name is not None}})


def unexpected(error: BaseException, where: str) -> dict[str, Any]:
    """Log a defect under a fresh request id and give the error body that says no more than that."""
    request_id = f"req_{secrets.token_hex(8)}"
    log.error("%s failed, request id %s", where, request_id, exc_info=error)
    text = f"Something went wrong on our side. The log tells more under request id {request_id}."
    return OurError("internal", text, request_id=request_id).body()


def bad_fields(errors: Sequence[Mapping[str, Any]]) -> CallerError:
    """pydantic's findings in our words: `bad_field`, with one entry per field."""
    fields = [{"field": _path(found["loc"]), "text": _complaint(found)} for found in errors]
    return CallerError(
        "bad_field", "; ".join(f"{f['field']}: {f['text']}" for f in fields[:5]) + ".", fields=fields[:20]
    )


def _path(place: Sequence[str | int]) -> str:
    steps = [str(step) for step in place]
    return (
        ".".join(steps[1:] if len(steps) > 1 and steps[0] in ("body", "query", "path", "header") else steps) or "body"
    )


def _complaint(found: Mapping[str, Any]) -> str:
    known = {"missing": "is missing", "extra_forbidden": "is not a field here"}
    words = known.get(found["type"]) or str(found["msg"])
    return words[:1].lower() + words[1:]


def from_http(error: HTTPException, path: str) -> TickmarkError:
    """Starlette's own refusals in our words."""
    code = _HTTP_CODES.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    texts = {"not_found": f"There is nothing at {path}.", "method_not_allowed": f"{path} does not take this method."}
    text = texts.get(code, f"The request cannot be served ({error.status_code}).")
    return CallerError(code, text) if error.status_code < 500 else OurError(code, text)


def install(app: FastAPI) -> None:
    """Give every refusal of the app the one shape."""

    async def on_ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TickmarkError)
        return problem(error.body())

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem(bad_fields(error.errors()).body())

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(from_http(error, request.url.path).body(), error.headers)

    app.add_exception_handler(TickmarkError, on_ours)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_middleware(Catch)


class Catch:
    """The last net: whatever a route lets fall is logged once and answered as `internal`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.debug("%s %s: the client left before it had sent everything", scope["method"], scope["path"])
        except Exception as error:
            body = unexpected(error, f"{scope['method']} {scope['path']}")
            if not started:
                await problem(body)(scope, receive, send)
