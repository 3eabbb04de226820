"""Is it alive, is it ready."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from starlette.responses import Response

from api.access import Owner, TheDoors
from api.problems import problem, shutting_down
from api.replies import Json

router = APIRouter(tags=["health"])


def tickmark_version() -> str:
    """The installed version; `0` where it runs without being installed."""
    try:
        return version("tickmark")
    except PackageNotFoundError:
        return "0"


VERSION = tickmark_version()


@router.get("/healthz")
async def alive() -> Response:
    """The process answers."""
    return Json({"status": "ok", "version": VERSION})


@router.get("/readyz")
async def ready(doors: TheDoors, owner: Owner) -> Response:
    """It can serve: the store answers, and the server is not stopping."""
    if doors.closing.begun:
        return problem(shutting_down().body())
    await doors.conversations.page(owner, 1, None)
    return Json({"status": "ready", "version": VERSION})
