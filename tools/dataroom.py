"""What a tool may look at: the documents of one conversation, and the values and results earlier calls returned.

A tool sees a `DataRoom` and nothing else: no path, no network, no database. `Room` is the only implementation; the
workers fill it from the cache, tests fill it by hand.

Addresses that models use: documents are `d1`, `d2`, ... in the order they were attached (a document id works too), a
table in a document is `d1.t2`, a result of an earlier call is `r3`, a value is `v17`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.documents.document import Document, Table
from tools.refusals import ToolError
from tools.results import ResultTable
from tools.values import Value


class DataRoom(Protocol):
    """Everything a tool may read, and the counter for what it makes."""

    def documents(self) -> Sequence[tuple[str, Document]]:
        """All attached documents as (alias, document), in order of attachment."""

    def document(self, reference: str) -> tuple[str, Document]:
        """One document by alias, id or file name. Refuses with the list of what is there."""

    def table(self, reference: str) -> tuple[Document, Table]:
        """A document's table by its address (`d1.t2`; `t2` or nothing when there is only one choice)."""

    def result(self, reference: str) -> ResultTable:
        """The table an earlier call returned, by its id (`r3`)."""

    def value(self, reference: str) -> Value:
        """An earlier value by its id (`v17`)."""

    def new_id(self) -> str:
        """The next local value id (`~1`, `~2`, ...)."""

    def remember(self, document: Document, what: str, make: Callable[[], Any]) -> Any:
        """What was made of a document before, such as its index; made now where it was not."""


@dataclass(slots=True)
class Room:
    """A data room held in memory. `load` fetches a document's content by id only when a tool asks for it."""

    cards: Sequence[tuple[str, str, str]]  # alias, document id, file name
    load: Callable[[str], Document]
    values: Mapping[str, Value] = field(default_factory=dict)
    results: Mapping[str, ResultTable] = field(default_factory=dict)
    made: int = 0
    memory: Callable[[Document], dict[str, Any]] = lambda document: {}

    @staticmethod
    def of(*documents: Document, values: Sequence[Value] = (), results: Sequence[ResultTable] = ()) -> Room:
        """A room over ready documents: how tests and notebooks build one."""
        shelf = {document.document_id: document for document in documents}
        cards = [(f"d{n}", document.document_id, document.name) for n, document in enumerate(documents, 1)]
        return Room(
            cards,
            shelf.__getitem__,
            {value.value_id: value for value in values},
            {table.result_id: table for table in results},
        )

    def documents(self) -> Sequence[tuple[str, Document]]:
        return [(alias, self.load(document_id)) for alias, document_id, _ in self.cards]

    def document(self, reference: str) -> tuple[str, Document]:
        wanted = reference.strip()
        for alias, document_id, name in self.cards:
            if wanted in (alias, document_id) or wanted.casefold() == name.casefold():
                return alias, self.load(document_id)
        if not self.cards:
            raise ToolError("no_documents", "no document is attached to this conversation; ask the user to attach one")
        there = ", ".join(f"{alias} ({name})" for alias, _, name in self.cards)
        raise ToolError("unknown_document", f"there is no document {wanted!r}; there are {there}")

    def table(self, reference: str) -> tuple[Document, Table]:
        wanted = reference.strip()
        head, _, tail = wanted.rpartition(".")
        if not head and len(self.cards) == 1:  # "t2", where only one document is there
            head, tail = self.cards[0][0], tail or "t1"
        if not head:
            raise ToolError(
                "unknown_table", f"{wanted!r} is not a table address; write it as d1.t1 (describe_document lists them)"
            )
        alias, document = self.document(head)
        for table in document.tables:
            if table.table_id == tail:
                return document, table
        there = ", ".join(f"{alias}.{table.table_id}" for table in document.tables[:20]) or "none"
        raise ToolError("unknown_table", f"{document.name} has no table {tail!r}; its tables: {there}")

    def result(self, reference: str) -> ResultTable:
        found = self.results.get(reference.strip())
        if found is None:
            there = ", ".join(self.results) or "none yet"
            raise ToolError("unknown_result", f"there is no result {reference!r}; results so far: {there}")
        return found

    def value(self, reference: str) -> Value:
        found = self.values.get(reference.strip().strip("[]"))
        if found is None:
            raise ToolError(
                "unknown_value", f"there is no value {reference!r}; cite only ids that a tool result showed you"
            )
        return found

    def remember(self, document: Document, what: str, make: Callable[[], Any]) -> Any:
        known = self.memory(document)
        if what not in known:
            known[what] = make()
        return known[what]

    def new_id(self) -> str:
        self.made += 1
        return f"~{self.made}"
