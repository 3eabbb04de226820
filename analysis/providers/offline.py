"""The offline analyst as a provider: rules instead of a model, the same signals as everybody else.

It needs no key and no network, and it is deterministic: one transcript, one answer. What it says is worked out by
`analysis/offline/analyst.py`; here it is only cut into signals, word by word, as a network would.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from analysis.messages import Message, Prompt
from analysis.offline.analyst import NOTICE, answer, is_first
from analysis.offline.script import Reply, Request
from analysis.signals import (
    BlockClosed,
    ModelBroke,
    ModelStopped,
    NoticeGiven,
    Signal,
    SuggestionsOffered,
    TextArrived,
    ToolChunk,
    ToolOpened,
    Usage,
)

FRAGMENT_CHARS = 64
_WORD = re.compile(r"\S+\s*|\s+")


class OfflineProvider:
    """The rule-based analyst. `pace_s` is a pause between words, for demonstrations; 0 streams as fast as it is read."""

    name = "offline"

    def __init__(self, pace_s: float = 0.0) -> None:
        self._pace_s = pace_s

    def default_model(self) -> str:
        """There is one set of rules."""
        return "rules"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Sequence[Signal]]:
        """The next turn of the answer. A defect in the rules ends it as ModelBroke, never with an exception."""
        try:
            # Reading a question takes milliseconds of computing, and other answers stream meanwhile.
            first, reply = await asyncio.to_thread(_think, prompt.messages)
        except Exception:  # the conversation outlives whatever the rules did not foresee
            text = "The rule-based analyst failed on this question; try asking it in other words."
            yield [ModelBroke("offline_failed", text, retryable=False, fault="ours")]
            return
        if first:
            yield [NoticeGiven("offline", NOTICE)]
        for word in _WORD.findall(reply.prose):
            yield [TextArrived(word)]
            await asyncio.sleep(self._pace_s)
        for block, request in enumerate(reply.calls, 1):
            yield list(_call(block, request))
            await asyncio.sleep(0)
        yield list(_end(reply))

    async def warm(self) -> None:
        """Nothing to load."""

    async def aclose(self) -> None:
        """Nothing is held."""


def _think(messages: Sequence[Message]) -> tuple[bool, Reply]:
    return is_first(messages), answer(messages)


def _call(block: int, request: Request) -> Iterator[Signal]:
    """A tool call as providers send it: opened, its input in fragments, closed. Block 0 is the prose."""
    yield ToolOpened(block, request.tool_id, request.tool)
    text = json.dumps(request.input, ensure_ascii=False)
    for start in range(0, len(text), FRAGMENT_CHARS):
        yield ToolChunk(block, text[start : start + FRAGMENT_CHARS])
    yield BlockClosed(block)


def _end(reply: Reply) -> Iterator[Signal]:
    if reply.suggestions:
        yield SuggestionsOffered(reply.suggestions)
    yield ModelStopped("tool_use" if reply.calls else "end_turn", Usage())
