"""Places to look at: a document's pages as pictures, and what stands around a figure."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from analysis.errors import CallerError
from api.access import Owner, TheDoors
from api.replies import Json

MIN_WIDTH_PX, MAX_WIDTH_PX, USUAL_WIDTH_PX = 100, 2_400, 1_200
MAX_ROWS = 25
MAX_ASKED, MAX_ASKED_CHARS = 60, 2_000
KEEP = "private, max-age=3600"
_FIELD = re.compile(r"[a-z_]{1,30}")

router = APIRouter(tags=["places"])

Page = Annotated[int, Path(ge=1, le=1_000_000)]
Width = Annotated[int, Query(ge=MIN_WIDTH_PX, le=MAX_WIDTH_PX, description="pixels across; the picture may be wider")]
Rows = Annotated[int, Query(ge=0, le=MAX_ROWS, description="how many rows on each side")]
_FIELDS_OF_A_PLACE: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
        for name in "table page box sheet cell line column fact element pointer paragraph".split()
    ]
}


@router.get("/api/document/{document_id}/pages")
async def pages(doors: TheDoors, owner: Owner, document_id: str) -> Response:
    """How many pages a document has, and how large each is."""
    return Json(await doors.places.sizes(owner, document_id))


@router.get("/api/document/{document_id}/pages/{page}")
async def picture(
    request: Request, doors: TheDoors, owner: Owner, document_id: str, page: Page, width: Width = USUAL_WIDTH_PX
) -> Response:
    """A page as WebP. The boxes of places are fractions of it."""
    wanted = await doors.places.picture(owner, document_id, page, width)
    headers = {"ETag": wanted.etag, "Cache-Control": KEEP, "X-Content-Type-Options": "nosniff"}
    if wanted.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(await doors.places.draw(wanted), headers=headers, media_type="image/webp")


@router.get("/api/document/{document_id}/around", openapi_extra=_FIELDS_OF_A_PLACE)
async def around(request: Request, doors: TheDoors, owner: Owner, document_id: str, rows: Rows = 5) -> Response:
    """What stands around a place, which is named by its own fields: `?sheet=Income&cell=E4`, `?line=6&column=5`."""
    return Json(await doors.places.around(owner, document_id, _asked(request), rows))


def _asked(request: Request) -> dict[str, list[str]]:
    """The fields of the place. CallerError `bad_field` for what can be none."""
    asked: dict[str, list[str]] = {}
    given = [(name, text) for name, text in request.query_params.multi_items() if name != "rows"]
    for name, text in given[: MAX_ASKED + 1]:
        if not _FIELD.fullmatch(name) or len(text) > MAX_ASKED_CHARS:
            raise CallerError("bad_field", f"{name[:60]}: is not a field of a place.")
        asked.setdefault(name, []).append(text)
    if len(given) > MAX_ASKED:
        raise CallerError("bad_field", f"A place has at most {MAX_ASKED} fields.")
    if not asked.keys() - {"table"}:
        words = "Say which place: page and box, sheet and cell, line and column, fact, element, pointer or paragraph."
        raise CallerError("bad_field", words)
    return asked
