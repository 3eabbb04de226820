"""The sample company that comes with Tickmark, so that a first question needs no file of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from analysis.errors import CallerError
from api.access import Owner, TheDoors
from api.replies import Json
from api.routes.documents import shown

_HOUSE = Path(__file__).resolve().parent.parent
FOLDERS = (_HOUSE / "samples", _HOUSE.parent / "fixtures" / "samples")  # installed, and in the repository

router = APIRouter(tags=["samples"])


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, what it is, and what one might ask it."""

    name: str
    title: str
    questions: tuple[str, ...]


SAMPLES = (
    Sample(
        "northwind_statements.csv",
        "Northwind Trading plc, statements of four years",
        (
            "How did revenue develop, and what happened to the gross margin? Chart it.",
            "Compare operating profit with cash generated from operations.",
        ),
    ),
    Sample(
        "northwind_sales.csv",
        "Northwind Trading plc, sales by region and product line",
        ("Which product line earns most? Chart it.",),
    ),
)


def path_of(name: str) -> Path:
    """The sample's file. CallerError `not_found` for any other name."""
    known = {sample.name for sample in SAMPLES}
    for folder in FOLDERS if name in known else ():
        if (folder / name).is_file():
            return folder / name
    raise CallerError("not_found", f"There is no sample {name[:60]!r}.")


@router.get("/api/samples")
async def page() -> Response:
    """The samples and questions for them."""
    items = [{"name": s.name, "title": s.title, "questions": list(s.questions)} for s in SAMPLES]
    return Json({"items": items})


@router.post("/api/samples/{name}", status_code=201)
async def add(doors: TheDoors, owner: Owner, name: str) -> Response:
    """Bring a sample into the library, as if it had been uploaded."""
    content = await asyncio.to_thread(path_of(name).read_bytes)

    async def source() -> AsyncIterator[bytes]:
        yield content

    return Json(shown(await doors.library.add(owner, name, "text/csv", source())), 201)
