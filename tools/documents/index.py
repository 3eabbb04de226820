"""What can be found in a document: its sentences, lines and tables, in a full-text index.

SQLite's own (FTS5) ranks by BM25, so a rare word counts for more than a common one and a long text for less than a short.
The index lies in memory beside the document it belongs to, made once when somebody first searches: for a report of 200
pages that takes a tenth of the time in which the document itself is opened, and there is no second copy to keep or delete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.documents.document import Document, Table

MOST_ENTRIES = 200_000
MOST_CHARS = 1_200
MOST_WORDS = 24
Kind = Literal["sentence", "line", "table"]
_WORD = re.compile(r"[^\W_]{2,}")
_COMMON = frozenset(
    "the of and to in for on at by is was were are be as an or our we its it that this with from which had has".split()
)
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(“\"$£€\d]|[a-z]{3,} )")
_ABBREVIATION = re.compile(
    r"\b(?:inc|corp|co|ltd|no|vs|mr|ms|dr|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|approx|u\.s)\.$", re.I
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `number` is the index of the passage or table; `row` the line's; `start` and `text` the sentence's.

    `score` is higher for what fits better; scores of one index compare with each other.
    """

    kind: Kind
    score: float
    number: int
    row: int = -1
    start: int = 0
    text: str = ""


class TextIndex:
    """The index of one document."""

    def __init__(self, document: Document) -> None:
        import apsw  # only whoever searches loads it; the server reads the tools' schemas without

        self._connection = apsw.Connection(":memory:")
        self._connection.execute(
            "create virtual table found using fts5(words, kind unindexed, number unindexed, row unindexed, start unindexed, "
            'tokenize = "porter unicode61 remove_diacritics 2")'
        )
        with self._connection:
            self._connection.executemany("insert into found values (?, ?, ?, ?, ?)", _entries(document))

    def search(self, query: str, kind: Kind, limit: int) -> list[Hit]:
        """The best entries of one kind for any of the query's words, the best first."""
        wanted = list(dict.fromkeys(words_of(query)))[:MOST_WORDS]
        if not wanted:
            return []
        match = " OR ".join(f'"{word}"' for word in wanted)
        rows = self._connection.execute(
            "select kind, bm25(found), number, row, start, words from found where found match ? and kind = ? "
            "order by bm25(found), rowid limit ?",
            (match, kind, limit),
        )
        return [Hit(of, -score, number, row, start, text) for of, score, number, row, start, text in rows]


def words_of(text: str) -> list[str]:
    """The words of a query that can be looked for."""
    return [word for word in _WORD.findall(text.casefold()) if word not in _COMMON]


def _entries(document: Document) -> Iterator[tuple[str, str, int, int, int]]:
    left = MOST_ENTRIES
    for number, table in enumerate(document.tables):
        for entry in _table_entries(number, table):
            left -= 1
            if left >= 0:
                yield entry
    for number, passage in enumerate(document.passages):
        for start, sentence in sentences_of(passage.text):
            left -= 1
            if left < 0:
                return
            yield sentence[:MOST_CHARS], "sentence", number, -1, start


def _table_entries(number: int, table: Table) -> Iterator[tuple[str, str, int, int, int]]:
    heads = " ".join(dict.fromkeys(column.label for column in table.columns[:40]))
    labels = table.label_column()
    own = " ".join(dict.fromkeys(labels.texts[:300])) if labels and table.shape != "tidy" else ""
    yield f"{table.title} {table.note} {heads} {own}"[: 6 * MOST_CHARS], "table", number, -1, 0
    if labels is None or table.shape == "tidy":
        return
    numbers = [column for column in table.columns if column.kind == "number"]
    heading = ""
    for row in range(min(table.row_count, 2_000)):
        label = labels.texts[row].strip()
        if not any(column.amounts[row] is not None for column in numbers):
            heading = label or heading
        elif label:
            said = f"{label} {heading} {table.concepts.get(row, '')}"
            yield said[:MOST_CHARS], "line", number, row, 0


def sentences_of(text: str) -> list[tuple[int, str]]:
    """The sentences of a passage with the offset each begins at; abbreviations end none.

    >>> sentences_of("Acme Inc. grew. Sales were $1.2 million.")
    [(0, 'Acme Inc. grew.'), (16, 'Sales were $1.2 million.')]
    """
    found: list[tuple[int, str]] = []
    begin = 0
    for end in [*_SENTENCE_END.finditer(text), None]:
        stop = end.start() if end else len(text)
        piece = text[begin:stop]
        if end and _ABBREVIATION.search(piece[-12:]):
            continue
        bare = piece.strip()
        if bare:
            found.append((begin + len(piece) - len(piece.lstrip()), bare))
        begin = end.end() if end else stop
    return found


def boxes_of(
    boxes: Sequence[tuple[int, tuple[float, float, float, float]]], start: int, end: int
) -> list[tuple[float, ...]]:
    """The boxes of the printed lines on which the text from `start` to `end` of a passage stands."""
    found: list[tuple[float, ...]] = []
    for at, (offset, box) in enumerate(boxes):
        after = boxes[at + 1][0] if at + 1 < len(boxes) else end
        if offset < end and after > start:
            found.append(box)
    return found
