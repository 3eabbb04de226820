"""The ends of active conversations, in memory, so that live readers never ask the database.

A cache and nothing more: only committed entries get in, everything in it can be dropped at any time, and what it no
longer holds it says so (`None`), and the store is asked. It is bounded three ways: entries and bytes of one
conversation, bytes of all, conversations; the one that was quiet longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.events import Entry


@dataclass(slots=True)
class _End:
    """`entries` are dense and begin at `floor` + 1. `gains` are (how many, bytes, roughly) for each time some came."""

    floor: int
    entries: list[Entry] = field(default_factory=list)
    gains: deque[tuple[int, int]] = field(default_factory=deque)
    weight: int = 0

    @property
    def last(self) -> int:
        return self.floor + len(self.entries)


class Tails:
    """The last committed entries of each conversation that somebody writes or follows."""

    def __init__(
        self,
        entries_each: int = 1024,
        bytes_each: int = 4 << 20,
        bytes_all: int = 64 << 20,
        conversations: int = 10_000,
    ) -> None:
        self._entries_each = entries_each
        self._bytes_each = bytes_each
        self._bytes_all = bytes_all
        self._conversations = conversations
        self._ends: OrderedDict[str, _End] = OrderedDict()
        self._weight = 0

    def last(self, conversation_id: str) -> int | None:
        """The last committed number; None when it is not known here."""
        end = self._ends.get(conversation_id)
        return None if end is None else end.last

    def after(self, conversation_id: str, seq: int) -> Sequence[Entry] | None:
        """Everything after `seq`; None when some of it is no longer here."""
        end = self._ends.get(conversation_id)
        if end is None or seq < end.floor:
            return None
        return end.entries[seq - end.floor :]

    def know(self, conversation_id: str, last: int) -> None:
        """The store says how far a conversation goes. It may be behind what is known here, never wrong."""
        end = self._ends.get(conversation_id)
        if end is not None and end.last >= last:
            return
        self.forget(conversation_id)
        self._ends[conversation_id] = _End(last)
        self._bound()

    def extend(self, conversation_id: str, entries: Sequence[Entry], weight: int) -> None:
        """Entries were committed; dense, in order, `weight` bytes. Those that `know` has counted are passed over."""
        first = entries[0].seq
        end = self._ends.get(conversation_id)
        if end is None or end.last < first - 1:
            self.forget(conversation_id)
            end = self._ends[conversation_id] = _End(first - 1)
        else:
            self._ends.move_to_end(conversation_id)
        new = entries[end.last - first + 1 :]
        if not new:
            return
        end.entries += new
        end.gains.append((len(new), weight))
        end.weight += weight
        self._weight += weight
        if len(end.entries) > self._entries_each or end.weight > self._bytes_each:
            self._trim(end)
        self._bound()

    def forget(self, conversation_id: str) -> None:
        """Drop what is known of a conversation."""
        end = self._ends.pop(conversation_id, None)
        if end is not None:
            self._weight -= end.weight

    def _bound(self) -> None:
        while self._weight > self._bytes_all or len(self._ends) > self._conversations:
            self.forget(next(iter(self._ends)))

    def _trim(self, end: _End) -> None:
        """Down to half of what is allowed, so that a long answer is not trimmed at each of its words."""
        cut = 0
        while end.gains and (len(end.entries) - cut > self._entries_each // 2 or end.weight > self._bytes_each // 2):
            count, weight = end.gains.popleft()
            cut += count
            end.weight -= weight
            self._weight -= weight
        del end.entries[:cut]
        end.floor += cut
