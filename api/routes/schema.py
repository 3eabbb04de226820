"""What the API says about itself: the events as JSON Schema, the routes as a page that needs no other host."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import event_schema
from api.replies import Json

router = APIRouter(tags=["schema"])

DOCS_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.6rem;border:1px solid #8886}"
    "h2{margin:2rem 0 0;font-size:1rem}h2 b{display:inline-block;min-width:4.5rem}"
)


@cache
def _events() -> dict[str, Any]:
    return event_schema.build()


@router.get("/api/schema/events")
async def events() -> Response:
    """The JSON Schema of every event."""
    return Json(_events())


@router.get("/docs", include_in_schema=False)
async def documentation(request: Request) -> Response:
    """All routes on one page, made from the same description as `/openapi.json`."""
    page = _page(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": DOCS_POLICY, "X-Content-Type-Options": "nosniff"})


def _page(description: dict[str, Any]) -> str:
    title = escape(f"{description['info']['title']} {description['info']['version']}")
    routes = "".join(
        _route(method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    )
    links = '<a href="/openapi.json">openapi.json</a>, <a href="/api/schema/events">the events as JSON Schema</a>'
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f"{head}<h1>{title}</h1><p>Machine-readable: {links}.</p>{routes}</html>"


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    words = f"<p>{escape(operation.get('description', ''))}</p>"
    parameters = "".join(_parameter(parameter) for parameter in operation.get("parameters", ()))
    listed = f"<ul>{parameters}</ul>" if parameters else ""
    return f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>{words}{listed}{_body(operation)}"


def _parameter(parameter: dict[str, Any]) -> str:
    told = parameter.get("description", "")
    where = f"{parameter['in']}{', required' if parameter.get('required') else ''}"
    return f"<li><code>{escape(parameter['name'])}</code> ({where}) {escape(told)}</li>"


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body, <code>{escape(media_type)}</code>:</p>"
        f"<pre>{escape(orjson.dumps(body['schema'], option=orjson.OPT_INDENT_2).decode())}</pre>"
        for media_type, body in content.items()
    )
