"""What a provider is: something that continues a transcript as a stream of signals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from analysis.messages import Prompt
from analysis.signals import Signal


class Provider(Protocol):
    """One vendor. `stream` yields the signals of one network read at a time, so that a burst costs one step.

    It ends with exactly one ModelStopped or ModelBroke, as the last signal. It never raises for what a vendor does
    (that is ModelBroke); cancelling the iteration, or `aclose()`, closes the connection at once. `progress` in the
    stream means a signal: pings yield nothing.
    """

    name: str

    def default_model(self) -> str:
        """The model asked when the conversation names none."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Sequence[Signal]]:
        """Ask, and yield what comes back."""

    async def warm(self) -> None:
        """Load now what the first question would otherwise wait for."""

    async def aclose(self) -> None:
        """Give back connections."""
