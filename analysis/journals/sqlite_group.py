"""What the writer is given and what it hands back: items (one per call), and the group that comes of some of them.

A *run* is what is posted to one conversation until a failure is told. It is how "nothing after it is written" holds
without a question in either direction between the threads: every item carries its run, the writer marks a run as broken,
and items of a broken run are refused whenever they arrive; when the failure has been told, the loop begins a new run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from analysis.errors import StoreError
from analysis.events import Draft, Entry
from analysis.journals.rows import TEXTS, Row, pack, size
from analysis.journals.sqlite_tables import Head


@dataclass(slots=True, eq=False)
class Run:
    """What is posted to a conversation until a failure is told. Once `error` is set nothing of the run is written."""

    pending: int = 0
    error: StoreError | None = None


@dataclass(slots=True, eq=False)
class Item:
    """One call: drafts to append, after `act` (a change of other tables in the same transaction) where there is one.

    `answer` gets the last number, or what `act` returned when there are no drafts. `erases`: what act removes is wiped.
    """

    conversation_id: str
    run: Run
    drafts: tuple[Draft, ...] = ()
    answer: asyncio.Future[Any] | None = None
    act: Callable[[apsw.Connection], Any] | None = None
    erases: bool = False


Written = tuple[str, list[Entry], int]
"""What a conversation gained in a group: (its id, entries, their bytes in memory, roughly)."""


@dataclass(slots=True)
class Group:
    """What came of some items. `gone`: conversations that no longer exist."""

    items: Sequence[Item]
    at: str
    written: list[Written] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    answers: list[tuple[asyncio.Future[Any], Any]] = field(default_factory=list)
    broken: dict[Run, StoreError] = field(default_factory=dict)
    heads: dict[str, Head | None] = field(default_factory=dict)
    erased: bool = False
    rows: int = 0

    def answer(self, item: Item, result: Any) -> None:
        """Tell the caller, if one waits; `result` may be an exception."""
        if item.answer is not None:
            self.answers.append((item.answer, result))

    def refuse(self, item: Item, error: StoreError) -> None:
        """The item is not written. A caller who waits is told; otherwise nothing of its run will be written either."""
        if item.answer is None:
            self.broken.setdefault(item.run, error)
        else:
            self.answers.append((item.answer, error))


def pack_items(items: list[Item], group: Group, key: int, last: int) -> tuple[Sequence[Draft], list[Row]]:
    """Answer the items; the drafts of those that may be written, and their rows."""
    items = _sound(items, group)
    drafts = _drafts(items)
    try:
        rows = pack(drafts, last + 1, group.at, key)
    except StoreError:
        items = _sound(items, group, look_inside=True)
        drafts = _drafts(items)
        rows = pack(drafts, last + 1, group.at, key)
    for item in items:
        last += len(item.drafts)
        if item.answer is not None:
            group.answers.append((item.answer, last))
    return drafts, rows


def _sound(items: list[Item], group: Group, look_inside: bool = False) -> list[Item]:
    """Without those that belong to a broken run and, looking inside, those that cannot be packed: they are refused."""
    sound = []
    for item in items:
        error = item.run.error or group.broken.get(item.run)
        if error is None and look_inside:
            error = _flaw(item.drafts)
        if error is None:
            sound.append(item)
        else:
            group.refuse(item, error)
    return sound


def _drafts(items: list[Item]) -> Sequence[Draft]:
    return items[0].drafts if len(items) == 1 else [draft for item in items for draft in item.drafts]


def _flaw(drafts: Sequence[Draft]) -> StoreError | None:
    try:
        pack(drafts, 1, "")
    except StoreError as error:
        return error
    return None


def weight_of(rows: Sequence[Row]) -> int:
    """Bytes the entries of rows take in memory, roughly: as Python's objects JSON takes about four times the room."""
    weight = 0
    for row in rows:
        weight += 300 * row[2] + size(row) * (1 if row[4] is TEXTS else 4)
    return weight
