"""Replies that are JSON: encoded once, never kept by a cache on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


class Json(Response):
    """A JSON body with its status."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        kept_from_caches = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        super().__init__(content, status_code, {**kept_from_caches, **(headers or {})})

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def gone() -> Response:
    """204: it was there, and now it is not."""
    return Response(status_code=204)
