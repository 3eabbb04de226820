"""Who may come in, and what a route may reach.

Until login exists everybody is the owner `local`, which is safe only because the server listens on this computer alone.
Two kinds of visitor still come from outside: a page in the same browser that posts or opens a socket across origins,
and a page that points its own name at 127.0.0.1 (DNS rebinding), for which Origin and Host agree. So the gate looks at
both: the Host must be this computer or a named one, and where something changes, or a socket opens, so must the Origin.
A request without an Origin is no browser's page and comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from analysis.errors import CallerError
from api.addresses import is_loopback
from api.closing import Closing
from api.problems import OurError, problem

if TYPE_CHECKING:
    from analysis.conversations import Conversations
    from analysis.library import Library
    from analysis.places import Places

LOCAL_OWNER = "local"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Doors:
    """What the routes reach: the front door, the library, what can be looked at of it, and how long replies end."""

    conversations: Conversations
    library: Library
    places: Places
    closing: Closing
    heartbeat_s: float = 15.0


def doors_of(connection: HTTPConnection) -> Doors:
    """The doors of the running app; 503 while it starts or stops."""
    doors: Doors | None = getattr(connection.app.state, "doors", None)
    if doors is None:
        raise OurError("not_ready", "The server is starting; ask again in a moment.", retryable=True)
    return doors


def owner_of(connection: HTTPConnection) -> str:
    """Whose conversations these are."""
    return LOCAL_OWNER


TheDoors = Annotated[Doors, Depends(doors_of)]
Owner = Annotated[str, Depends(owner_of)]


class Gate:
    """Refuses requests from foreign hosts and origins before any route sees them. `allowed`: origins, `https://host[:port]`."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...]) -> None:
        self.app = app
        self._origins = frozenset(allowed)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await refuse(refusal, scope, receive, send)

    def _refusal(self, scope: Scope) -> CallerError | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not is_loopback(_name(host)) and host not in self._hosts:
            return CallerError(
                "host_refused", f"This server does not answer for {host[:100]!r}; see TICKMARK_ALLOWED_ORIGINS."
            )
        if origin is None or (scope["type"] == "http" and scope["method"] in _SAFE_METHODS):
            return None
        if origin in self._origins or self._is_own(origin, host):
            return None
        return CallerError(
            "origin_refused", f"Pages of {origin[:100]!r} may not do this; see TICKMARK_ALLOWED_ORIGINS."
        )

    def _is_own(self, origin: str, host: str) -> bool:
        try:
            parts = urlsplit(origin)
            is_web = parts.scheme in ("http", "https") and parts.port != 0
        except ValueError:  # no URL, or no number where the port should be
            return False
        return is_web and parts.netloc == host


async def refuse(error: CallerError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem before anything is accepted; a socket's handshake gets the same body."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem(error.body())(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
