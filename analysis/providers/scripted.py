"""A provider that says what it is told to say: for tests, and for trying a client without a model.

`rounds` are played one for each request; when they run out it says "Done.". A `Hold` in a round waits until the test
lets it go, so that order is forced and never slept for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from analysis.messages import Prompt
from analysis.signals import ModelStopped, Signal, TextArrived, Usage


@dataclass(eq=False)
class Hold:
    """A point in a script. `reached` is set when the stream is there; it goes on once `release` is set."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


Script = Sequence[Signal | Hold]


class ScriptedProvider:
    """Plays scripts; remembers every prompt it was given, and whether a stream was closed before its end."""

    name = "scripted"

    def __init__(self, *rounds: Script) -> None:
        self.rounds = list(rounds)
        self.prompts: list[Prompt] = []
        self.closed_early = 0

    def default_model(self) -> str:
        """There is only one."""
        return "scripted-1"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Sequence[Signal]]:
        """The next script, signal by signal."""
        self.prompts.append(prompt)
        script = self.rounds.pop(0) if self.rounds else say("Done.")
        finished = False
        try:
            for step in script:
                if isinstance(step, Hold):
                    step.reached.set()
                    await step.release.wait()
                else:
                    yield [step]
            finished = True
        finally:
            self.closed_early += not finished

    async def warm(self) -> None:
        """Nothing to load."""

    async def aclose(self) -> None:
        """Nothing to give back."""


def say(text: str) -> Script:
    """A round of plain prose."""
    return [TextArrived(text), ModelStopped("end_turn", Usage(10, 5))]
