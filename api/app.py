"""The application: the routes, and what stands behind them. Wiring only.

Importing this loads no pandas, no plotly and no vendor's library: what needs them is imported when the server starts
(`api.assembly`) or lives in worker processes.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from api import problems
from api.access import Doors, Gate
from api.closing import Closing
from api.routes import conversations as conversation_routes
from api.routes import documents, events, health, page, places, samples, schema, socket
from api.settings import Settings

if TYPE_CHECKING:
    from analysis.conversations import Conversations
    from analysis.library import Library
    from analysis.places import Places

DESCRIPTION = "A conversation service for financial analysis: answers stream, and every number is tied to its source."


def create_app(
    settings: Settings,
    conversations: Conversations | None = None,
    library: Library | None = None,
    sights: Places | None = None,
) -> FastAPI:
    """The ASGI application. Given a front door, a library and its places, whoever made them opens and closes them; given
    none, the app assembles, opens and closes its own."""
    closing = Closing()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            front, shelf, shown = conversations, library, sights
            if front is None or shelf is None or shown is None:
                from api.assembly import opened_house

                house = await stack.enter_async_context(opened_house(settings))
                front, shelf, shown = house.conversations, house.library, house.places
            app.state.assets = page.Assets(settings.frame_ancestors)
            stack.push_async_callback(app.state.assets.settle)
            app.state.doors = Doors(front, shelf, shown, closing)
            gc.collect()
            gc.freeze()
            yield
            closing.begin()

    app = FastAPI(
        title="Tickmark",
        version=health.VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.closing = closing
    app.add_middleware(Gate, allowed=settings.allowed_origins)
    problems.install(app)
    for rooms in (conversation_routes, events, documents, places, samples, health, schema, page, socket):
        app.include_router(rooms.router)
    return app
