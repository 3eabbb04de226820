"""The house, put together: journal, workbench, library, providers, front door, from the settings. Wiring only.

Everything heavy is imported here and not before: the journal's driver now, a vendor's library when the first question
goes to it, pandas and plotly in the workers alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from analysis.clock import SystemClock
from analysis.conversations import Conversations, Limits
from analysis.errors import StoreError, UpstreamError
from analysis.ids import id_maker
from analysis.journals.sqlite import SqliteJournal
from analysis.library import Library
from analysis.messages import ToolSpec
from analysis.places import Places
from analysis.providers import PROVIDERS, provider_class
from analysis.providers.provider import Provider
from analysis.workbench import WARM, Workbench
from api.settings import Settings
from tools import TOOLS


@dataclass(frozen=True, slots=True)
class House:
    """What the doors lead to."""

    conversations: Conversations
    library: Library
    places: Places


@asynccontextmanager
async def opened_house(settings: Settings, *, warm: bool = True) -> AsyncIterator[House]:
    """The house, opened, and closed in the opposite order. StoreError in words for the person who starts it.

    `warm` workers import what any call could need before the first one comes; others import what a call needs.
    """
    clock, new_id = SystemClock(), id_maker()
    _make_folder(settings)
    journal = SqliteJournal(settings.data, clock, "normal" if settings.synchronous == "normal" else "full")
    workbench = Workbench(
        settings.data / "cache",
        workers=settings.workers,
        read_timeout_s=settings.read_timeout_s,
        max_pages=settings.limit_pages,
        warm=WARM if warm else (),
    )
    library = Library(settings.data, journal, workbench, new_id, clock, settings.limit_upload_bytes)
    conversations = Conversations(
        journal=journal,
        library=library,
        tools=workbench,
        specs=[ToolSpec(tool.name, tool.description, tool.schema()) for tool in TOOLS.values()],
        providers=provider_makers(settings),
        default_provider=default_provider(settings),
        new_id=new_id,
        clock=clock,
        limits=Limits(settings.turn_timeout_s, settings.max_rounds),
    )
    async with AsyncExitStack() as stack:
        await conversations.open()
        stack.push_async_callback(workbench.close)
        stack.push_async_callback(conversations.close)
        await workbench.start()
        warming = asyncio.create_task(conversations.warm())
        stack.callback(warming.cancel)
        yield House(conversations, library, Places(library, workbench))


def default_provider(settings: Settings) -> str:
    """Who answers when nobody chose: the one that is set, else the one there is something for."""
    if settings.provider != "auto":
        return settings.provider
    if settings.replay_file:
        return "replay"
    return "anthropic" if settings.anthropic_api_key else "offline"


def provider_makers(settings: Settings) -> dict[str, Callable[[], Provider]]:
    """How to make each provider, on first use. UpstreamError `no_key` where there is nothing to make it from."""

    def anthropic() -> Provider:
        if not settings.anthropic_api_key:
            raise UpstreamError("no_key", "There is no key for Anthropic. Set ANTHROPIC_API_KEY, or choose offline.")
        make: Callable[..., Provider] = provider_class("anthropic")
        key, address, model = settings.anthropic_api_key, settings.anthropic_base_url, settings.model
        return make(key, address, model, idle_timeout_s=settings.idle_timeout_s)

    def replay() -> Provider:
        if not settings.replay_file:
            raise UpstreamError("no_recording", "There is nothing to replay. Set TICKMARK_REPLAY_FILE to a recording.")
        make: Callable[..., Provider] = provider_class("replay")
        return make(settings.replay_file)

    def offline() -> Provider:
        return provider_class("offline")()

    makers = {"anthropic": anthropic, "offline": offline, "replay": replay}
    assert makers.keys() == PROVIDERS.keys()
    return makers


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        words = (
            f"The data folder {settings.data} cannot be made: {error.strerror or error}. Choose another with --data."
        )
        raise StoreError("store_unavailable", words) from error
