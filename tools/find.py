"""Find: sentences, lines and tables that speak of something, the likeliest first, with every figure as a value.

Ranked as search engines do (BM25, see `tools.documents.index`). Each figure of a sentence is tied to its sentence, each
figure of a line to its cell, so an answer may cite it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Document, Passage, Table
from tools.documents.index import Hit, Kind, TextIndex, boxes_of, words_of
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import Remark, Result
from tools.tieout.figures import figures_in
from tools.tool import Tool, ToolArgs
from tools.units import show
from tools.values import Place, Value

MOST_TEXT = 12_000
MOST_TABLES = 6
MOST_LINES = 8
MOST_CELLS = 6


class Args(ToolArgs):
    """What to look for."""

    query: Annotated[str, Field(min_length=2, max_length=300)] = Field(
        description="A few words, such as: rent expense 2012."
    )
    document: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Only in this one (d1)."
    )
    limit: int = Field(8, ge=1, le=30, description="Most sentences to return.")


@dataclass(frozen=True, slots=True)
class _Found:
    """A hit and the document it is in."""

    alias: str
    document: Document
    hit: Hit

    @property
    def passage(self) -> Passage:
        return self.document.passages[self.hit.number]

    @property
    def table(self) -> Table:
        return self.document.tables[self.hit.number]

    @property
    def address(self) -> str:
        return f"{self.alias}.{self.table.table_id}"


def run(room: DataRoom, args: Args) -> list[Result]:
    """Sentences, lines and tables, best first. Refuses a query without a word that could be looked for."""
    if not words_of(args.query):
        raise ToolError("arguments", "the query holds no word to look for; write a few, such as: rent expense 2012")
    documents = [room.document(args.document)] if args.document else list(room.documents())
    sentences = _search(room, documents, args.query, "sentence", args.limit)
    lines = _search(room, documents, args.query, "line", MOST_LINES)
    tables = _search(room, documents, args.query, "table", MOST_TABLES)
    told, values = _told(room, sentences, lines, tables)
    summary = (
        f"{counted(len(sentences), 'sentence')}, {counted(len(lines), 'line')} and {counted(len(tables), 'table')} "
        f"on “{tame(args.query, 80)}”"
    )
    return [Remark(told["text"], {key: told[key] for key in ("sentences", "lines", "tables")}, summary, values)]


def _search(
    room: DataRoom, documents: Sequence[tuple[str, Document]], query: str, kind: Kind, limit: int
) -> list[_Found]:
    found: list[_Found] = []
    for alias, document in documents:
        index: TextIndex = room.remember(document, "index", partial(TextIndex, document))
        found += [_Found(alias, document, hit) for hit in index.search(query, kind, limit)]
    return sorted(found, key=lambda each: -each.hit.score)[:limit]


def _told(
    room: DataRoom, sentences: Sequence[_Found], lines: Sequence[_Found], tables: Sequence[_Found]
) -> tuple[dict[str, Any], list[Value]]:
    values: list[Value] = []
    told: list[str] = []
    data: dict[str, list[dict[str, Any]]] = {"sentences": [], "lines": [], "tables": []}
    left = MOST_TEXT
    for each in (*sentences, *lines):
        if each.hit.kind == "sentence":
            line, row, made = _sentence(room, each)
        else:
            line, row, made = _line(room, each)
        left -= len(line)
        if left < 0:
            break
        told.append(line)
        values += made
        data["sentences" if each.hit.kind == "sentence" else "lines"].append(row)
    data["tables"] = [{"address": each.address, "title": tame(each.table.title)} for each in tables]
    told += [f"Table {row['address']} “{for_model(row['title'], 120)}”" for row in data["tables"]]
    text = "\n".join(told) or "Nothing here speaks of that; describe_document lists what there is."
    return {"text": text, **data}, values


def _sentence(room: DataRoom, each: _Found) -> tuple[str, dict[str, Any], list[Value]]:
    text = each.hit.text
    own = _values(room, each)
    figures = [
        {"value_id": v.value_id, "amount": str(v.amount), "unit": v.unit, "start": s, "end": e} for v, s, e in own
    ]
    page = dict(each.passage.at).get("page")
    where = f" (p. {page})" if page is not None else ""
    line = f"{each.alias}{where}: {_with_references(text, own)}"
    row = {"document": each.alias, "name": each.document.name, "page": page, "text": text, "figures": figures}
    return line, row, [value for value, _, _ in own]


def _line(room: DataRoom, each: _Found) -> tuple[str, dict[str, Any], list[Value]]:
    """A line of a table with its first figures."""
    table, row = each.table, each.hit.row
    made: list[Value] = []
    cells: list[str] = []
    for number, column in enumerate(table.columns):
        if column.kind != "number" or column.amounts[row] is None or len(made) >= MOST_CELLS:
            continue
        value = table.value(each.document, row, number, room.new_id())
        if value is not None:
            made.append(replace(value, label=tame(table.row_label(row), 160)))
            cells.append(f"{for_model(column.label, 60)} [[{value.value_id}]] {value.shown}")
    label = for_model(table.row_label(row), 160)
    data = {"address": each.address, "label": tame(table.row_label(row), 200), "value_ids": [v.value_id for v in made]}
    return f"{each.address} {label}: {', '.join(cells)}", data, made


def _values(room: DataRoom, each: _Found) -> list[tuple[Value, int, int]]:
    made = []
    text, passage = each.hit.text, each.passage
    for figure in figures_in(text):
        at = passage.at
        if passage.boxes:
            start = each.hit.start
            at = (*at, ("box", _around(boxes_of(passage.boxes, start + figure.start, start + figure.end))))
        place = Place(each.document.document_id, each.document.kind, at, printed=figure.printed, row=tame(text, 200))
        value = Value(
            room.new_id(),
            tame(_label(text, figure.start), 160),
            figure.amount,
            figure.unit,
            show(figure.amount, figure.unit),
            "tied",
            place=place,
        )
        made.append((value, figure.start, figure.end))
    return made


def _around(boxes: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """One box around the lines a figure stands on."""
    if not boxes:
        return (0.0, 0.0, 1.0, 1.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _label(text: str, start: int) -> str:
    """The words before a figure, from the last break on: what the figure is called as far as the sentence says."""
    before = re.split(r"[.;:]\s", text[:start])[-1]
    return " ".join(before.split()[-14:]).strip(" ,(") or "figure"


def _with_references(text: str, own: Sequence[tuple[Value, int, int]]) -> str:
    """The sentence with the id behind each figure, for the model."""
    pieces, at = [], 0
    for value, _, end in own:
        pieces += [for_model(text[at:end], 2_000), f" [[{value.value_id}]]"]
        at = end
    return "".join([*pieces, for_model(text[at:], 2_000)])


TOOL = Tool(
    "find",
    "Search the documents' text and tables for words. Returns the best sentences and lines, their figures with ids (v1) to "
    "cite, and the addresses of tables that speak of it.",
    Args,
    run,
)
