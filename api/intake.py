"""What comes in: bytes of bounded size to JSON to a checked model, the same for HTTP bodies and socket frames.

One rule for text: U+0000 and lone surrogates become U+FFFD (`analysis.text`). Neither can be stored everywhere, and
refusing a whole question for half an emoji helps nobody. orjson is fast and refuses lone surrogates, so what it refuses
gets a second reading by the standard parser, which does not.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, NoReturn, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from analysis.errors import CallerError
from analysis.text import clean
from api.problems import bad_fields

JSON_LIMIT_BYTES = 64 * 1024
LET_PASS_BYTES = 32 * 1024 * 1024
LET_PASS_S = 5.0
MESSAGE_LIMIT_BYTES = 512 * 1024  # 80,000 characters, even where each is escaped as \uXXXX

Model = TypeVar("Model", bound=BaseModel)


async def read_model(request: Request, model: type[Model], *, message: bool = False) -> Model:
    """The request's JSON body as a checked model. An absent body counts as `{}`.

    CallerError: wrong_content_type, body_too_large (message_too_long for a `message`), bad_json, bad_field.
    """
    limit = MESSAGE_LIMIT_BYTES if message else JSON_LIMIT_BYTES
    raw = await _read(request, limit, "message_too_long" if message else "body_too_large")
    if not raw:
        return checked(model, {})
    _require_json(request.headers.get("content-type", ""))
    return checked(model, parse(raw))


def parse(raw: bytes | str) -> Any:
    """JSON to values. CallerError `bad_json` says where it breaks. Text follows the rule above."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        data = _parse_leniently(raw)
    escaped = "\\u" in raw if isinstance(raw, str) else b"\\u" in raw
    if not escaped:
        return data
    try:
        return _storable(data)
    except RecursionError:
        raise CallerError("bad_json", "This JSON is nested too deeply.") from None


def checked(model: type[Model], data: Any) -> Model:
    """The model made of the data. CallerError `bad_field` names every field that does not fit."""
    if not isinstance(data, dict):
        raise CallerError("bad_field", f"Send a JSON object; this is {_kind(data)}.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise bad_fields(error.errors(include_url=False, include_context=False, include_input=False)) from None


async def _read(request: Request, limit_bytes: int, code: str) -> bytes:
    """The body, refused as soon as it is known to be too long: by its header, else while it arrives."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit_bytes:
        await _let_pass(request)
        raise _too_long(limit_bytes, code)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit_bytes:
            await _let_pass(request)
            raise _too_long(limit_bytes, code)
        chunks.append(chunk)
    return b"".join(chunks)


async def _let_pass(request: Request) -> None:
    """Take in the rest of a body that will be refused, within reason: many clients read no answer before they have sent all."""
    left = LET_PASS_BYTES
    try:
        async with asyncio.timeout(LET_PASS_S):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return
    except (TimeoutError, RuntimeError):  # too slow; or the body was being read already
        return


def _too_long(limit_bytes: int, code: str) -> CallerError:
    if code == "message_too_long":
        words = "The message is too long; at most 80,000 characters can be sent at once. Attach the rest as a file."
        return CallerError(code, words)
    return CallerError(code, f"The body is too long; at most {limit_bytes:,} bytes can be sent here.")


def _require_json(content_type: str) -> None:
    kind, _, parameters = content_type.partition(";")
    subtype = kind.strip().lower()
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters, re.IGNORECASE)
    is_json = subtype == "application/json" or (subtype.startswith("application/") and subtype.endswith("+json"))
    if not is_json or (charset and charset[1].lower() not in ("utf-8", "utf8")):
        given = repr(content_type[:60]) if content_type else "missing"
        raise CallerError("wrong_content_type", f"Send application/json in UTF-8; the Content-Type is {given}.")


def _parse_leniently(raw: bytes | str) -> Any:
    try:
        return json.loads(raw if isinstance(raw, str) else raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise CallerError("bad_json", f"This is not UTF-8 (byte {error.start + 1}).") from None
    except RecursionError:
        raise CallerError("bad_json", "This JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise CallerError("bad_json", f"This is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except ValueError as error:
        raise CallerError("bad_json", f"This is not JSON: {error}.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON knows")


def _storable(data: Any) -> Any:
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, list):
        return [_storable(item) for item in data]
    if isinstance(data, dict):
        return {clean(key): _storable(item) for key, item in data.items()}
    return data


def _kind(data: Any) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(data), "a number")
