"""Claude, through Anthropic's SDK: it builds the request, holds the key and retries until the first byte comes.

From there on the bytes are ours: `with_streaming_response` hands them over as they arrive and StreamDecoder makes
signals of them. The SDK's own event objects would cost more than everything else we do with a delta, and its helper
takes a cut stream for a finished one.

The SDK takes a second to import and its client some of a second to build, so both happen in a thread, at the first
question (or `warm`). Nothing here may be imported by the service before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

from analysis.messages import Prompt
from analysis.providers.anthropic_errors import (
    AUTH,
    CUT,
    FAILED,
    NO_API,
    STALLED,
    UNKNOWN_MODEL,
    UNREACHABLE,
    Meaning,
    broke,
    meaning_of,
)
from analysis.providers.anthropic_request import request_for
from analysis.providers.anthropic_stream import StreamDecoder
from analysis.providers.progress import ProgressClock
from analysis.signals import Signal

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic, AsyncAPIResponse

DEFAULT_MODEL = "claude-sonnet-5-5"
MOST_CONNECTIONS = 100_000  # None would mean the 100 of aiohttp
CONNECT_TIMEOUT_S = 10.0
LAST_BYTES_S = 0.1


class AnthropicProvider:
    """The Messages API at `base_url` (Anthropic's own by default, else any server that speaks it).

    `idle_timeout_s`: no signal for that long breaks the stream (`provider_stalled`). `thinking_tokens` above 0 lets the
    model reason before it answers. `max_retries` counts the SDK's tries after a refused or failed request, before the
    stream begins; what has begun is never repeated.
    """

    name = "anthropic"

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str | None = None,
        *,
        idle_timeout_s: float = 120.0,
        thinking_tokens: int = 0,
        max_retries: int = 2,
    ) -> None:
        self._api_key = api_key.strip()
        self._base_url = base_url
        self._model = model or DEFAULT_MODEL
        self._idle_timeout_s = idle_timeout_s
        self._thinking_tokens = thinking_tokens
        self._max_retries = max_retries
        self._sdk: AsyncAnthropic | None = None
        self._opening = asyncio.Lock()

    def default_model(self) -> str:
        """The model asked when the conversation names none."""
        return self._model

    async def warm(self) -> None:
        """Import the SDK and build its client now, so that the first question need not wait for it."""
        await self._client()

    async def aclose(self) -> None:
        """Give back connections."""
        sdk, self._sdk = self._sdk, None
        if sdk is not None:
            await sdk.close()

    async def stream(self, prompt: Prompt) -> AsyncIterator[Sequence[Signal]]:
        """Ask, and yield the signals of each network read; the last one is ModelStopped or ModelBroke."""
        if not _is_key(self._api_key):
            yield [broke(AUTH)]
            return
        decoder = StreamDecoder()
        clock = ProgressClock(self._idle_timeout_s)
        has_begun = False
        why: Meaning = CUT
        try:
            async with AsyncExitStack() as closing:
                with clock:
                    ask = await self._ask(prompt)
                    response = (await closing.enter_async_context(ask)).http_response
                has_begun = True
                chunks = await closing.enter_async_context(aclosing(response.aiter_bytes()))
                while not decoder.ended:
                    with clock:
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        why = CUT if decoder.has_heard or _is_event_stream(response.headers) else NO_API
                        break
                    if signals := decoder.feed(chunk):
                        yield signals
                        clock.progressed()
                else:
                    await _read_out(chunks)
        except Exception as error:
            why = _naming(prompt.model, _meaning(error, has_begun))
        finally:
            clock.stop()
        if rest := decoder.end(why):
            yield rest

    async def _ask(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncAPIResponse[Any]]:
        client = await self._client()
        request = request_for(prompt, self._thinking_tokens)
        return client.messages.with_streaming_response.create(**request, stream=True)

    async def _client(self) -> AsyncAnthropic:
        async with self._opening:
            if self._sdk is None:
                self._sdk = await asyncio.to_thread(self._build)
            return self._sdk

    def _build(self) -> AsyncAnthropic:
        import anthropic
        import httpx2

        return anthropic.AsyncAnthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            max_retries=self._max_retries,
            timeout=anthropic.Timeout(None, connect=CONNECT_TIMEOUT_S),
            # Each answer holds a connection while it streams; the SDK's own limit of 1,000 would let the next one wait
            # in silence. Who limits answers is the door, with a word to the caller.
            http_client=anthropic.DefaultAioHttpClient(limits=httpx2.Limits(max_connections=MOST_CONNECTIONS)),
            open_telemetry=False,
        )


def _meaning(error: Exception, has_begun: bool) -> Meaning:
    """What a failure means to people. A defect of ours is raised again."""
    import aiohttp
    import anthropic
    import httpx2

    match error:
        case anthropic.APIStatusError():
            return meaning_of(error.type, error.status_code)
        case anthropic.APIConnectionError():
            return UNREACHABLE
        case anthropic.AnthropicError():
            return FAILED
        case TimeoutError():
            return STALLED
        case httpx2.HTTPError() | httpx2.InvalidURL() | httpx2.StreamError() | aiohttp.ClientError() | OSError():
            return CUT if has_begun else UNREACHABLE
    raise error


def _naming(model: str, meaning: Meaning) -> Meaning:
    """Which model is unknown is the first thing the reader wants to know."""
    return (
        meaning._replace(text=f"Anthropic does not know the model {model[:80]!r}. Choose another.")
        if meaning is UNKNOWN_MODEL
        else meaning
    )


async def _read_out(chunks: AsyncIterator[bytes]) -> None:
    """Take the last bytes after the message, for a moment: a body read to its end leaves its connection to the next."""
    try:
        async with asyncio.timeout(LAST_BYTES_S):
            async for _ in chunks:
                pass
    except TimeoutError:
        pass


def _is_key(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _is_event_stream(headers: Mapping[str, str]) -> bool:
    return "event-stream" in headers.get("content-type", "")
