"""What a dialect is: a fold over a conversation's entries that gives the frames of one connection.

A frame's bytes are a function of the entries and the dialect's options alone, so the encoder draws no ids and reads no
clock. One that `remembers` must have seen the running message from its `message_start`: a resumed connection first
feeds it silently (`skip`) up to the cursor, and then its frames are byte-identical to those that were missed.
"""

from __future__ import annotations

from typing import Protocol

from analysis.events import Entry


class Dialect(Protocol):
    """The outgoing half of a dialect, for one connection."""

    @property
    def remembers(self) -> bool:
        """Whether it must be fed what came before the cursor."""

    def encode(self, entry: Entry) -> bytes:
        """Take the entry in and give its frame."""

    def skip(self, entry: Entry) -> None:
        """Take the entry in without a frame."""
