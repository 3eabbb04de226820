"""Find: sentences and tables that speak of something, the likeliest first, with every figure of a sentence as a value.

Scored as search engines do (BM25) over sentences, and over the names in a table, so that a rare word counts for more than
a common one. Each figure is tied to its sentence, so an answer may cite it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Annotated, Any

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Document, Passage, Table
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import Remark, Result
from tools.tieout.figures import figures_in
from tools.tool import Tool, ToolArgs
from tools.units import show
from tools.values import Place, Value

MOST_SENTENCES = 20_000
MOST_SENTENCE_CHARS = 1_200
MOST_TEXT = 12_000
_K, _B = 1.4, 0.6  # how soon repeating a word stops counting, and how much length counts against a sentence
_WORD = re.compile(r"[^\W_]{2,}")
_COMMON = frozenset(
    "the of and to in for on at by is was were are be as an or our we its it that this with from which had has".split()
)
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(“\"$£€\d]|[a-z]{3,} )")
_ABBREVIATION = re.compile(
    r"\b(?:inc|corp|co|ltd|no|vs|mr|ms|dr|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|approx)\.$", re.I
)


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
class _Unit:
    """What can be found: a sentence with its passage, or a table."""

    alias: str
    document: Document
    text: str
    words: Counter[str]
    passage: Passage | None = None
    table: Table | None = None


def run(room: DataRoom, args: Args) -> list[Result]:
    """Sentences and tables, best first. Refuses a query without a word that could be looked for."""
    wanted = dict.fromkeys(_words(args.query))
    if not wanted:
        raise ToolError("arguments", "the query holds no word to look for; write a few, such as: rent expense 2012")
    documents = [room.document(args.document)] if args.document else room.documents()
    units = [unit for alias, document in documents for unit in _units(alias, document)]
    ranked = _ranked(units, list(wanted))
    sentences = [unit for unit in ranked if unit.passage][: args.limit]
    tables = [unit for unit in ranked if unit.table][:6]
    told, values = _told(room, sentences, tables)
    summary = f"{counted(len(sentences), 'sentence')} and {counted(len(tables), 'table')} on “{tame(args.query, 80)}”"
    return [Remark(told["text"], {"sentences": told["sentences"], "tables": told["tables"]}, summary, values)]


def _units(alias: str, document: Document) -> Iterator[_Unit]:
    count = 0
    for passage in document.passages:
        for sentence in sentences_of(passage.text):
            count += 1
            if count > MOST_SENTENCES:
                return
            yield _Unit(alias, document, sentence, Counter(_words(sentence)), passage=passage)
    for table in document.tables:
        names = [
            table.title,
            *(column.label for column in table.columns),
            *map(table.row_label, range(min(table.row_count, 300))),
        ]
        yield _Unit(
            alias, document, table.title, Counter(word for name in names for word in set(_words(name))), table=table
        )


def sentences_of(text: str) -> list[str]:
    """The sentences of a passage; abbreviations end none.

    >>> sentences_of("Acme Inc. grew. Sales were $1.2 million.")
    ['Acme Inc. grew.', 'Sales were $1.2 million.']
    """
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += " " + piece
        else:
            found.append(piece)
    return [piece.strip()[:MOST_SENTENCE_CHARS] for piece in found if piece.strip()]


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _COMMON]


def _stem(word: str) -> str:
    """Without the endings of the plural and the past, so that "expenses incurred" finds "expense"."""
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def _ranked(units: Sequence[_Unit], wanted: Sequence[str]) -> list[_Unit]:
    if not units:
        return []
    holding = Counter(word for unit in units for word in wanted if word in unit.words)
    usual = sum(sum(unit.words.values()) for unit in units) / len(units) or 1.0
    rare = {word: log(1 + (len(units) - holding[word] + 0.5) / (holding[word] + 0.5)) for word in wanted}
    scored = [(_score(unit, rare, usual), -number, unit) for number, unit in enumerate(units)]
    return [unit for score, _, unit in sorted(scored, key=lambda each: each[:2], reverse=True) if score > 0]


def _score(unit: _Unit, rare: dict[str, float], usual: float) -> float:
    length = sum(unit.words.values())
    found = ((word, unit.words[word]) for word in rare if word in unit.words)
    return sum(rare[word] * often * (_K + 1) / (often + _K * (1 - _B + _B * length / usual)) for word, often in found)


def _told(room: DataRoom, sentences: Sequence[_Unit], tables: Sequence[_Unit]) -> tuple[dict[str, Any], list[Value]]:
    values: list[Value] = []
    lines: list[str] = []
    data: list[dict[str, Any]] = []
    left = MOST_TEXT
    for unit in sentences:
        own = _values(room, unit)
        line = f"{unit.alias}: {_with_references(unit.text, own)}"
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
        values += [value for value, _, _ in own]
        figures = [
            {"value_id": v.value_id, "amount": str(v.amount), "unit": v.unit, "start": s, "end": e} for v, s, e in own
        ]
        data.append({"document": unit.alias, "text": unit.text, "figures": figures})
    found = [
        {"address": f"{unit.alias}.{unit.table.table_id}", "title": tame(unit.text)} for unit in tables if unit.table
    ]
    lines += [f"Table {each['address']} “{for_model(each['title'], 120)}”" for each in found]
    text = "\n".join(lines) or "Nothing here speaks of that; describe_document lists what there is."
    return {"text": text, "sentences": data, "tables": found}, values


def _values(room: DataRoom, unit: _Unit) -> list[tuple[Value, int, int]]:
    assert unit.passage is not None
    made = []
    for figure in figures_in(unit.text):
        place = Place(
            unit.document.document_id,
            unit.document.kind,
            unit.passage.at,
            printed=figure.printed,
            row=tame(unit.text, 200),
        )
        value = Value(
            room.new_id(),
            tame(_label(unit.text, figure.start), 160),
            figure.amount,
            figure.unit,
            show(figure.amount, figure.unit),
            "tied",
            place=place,
        )
        made.append((value, figure.start, figure.end))
    return made


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
    "Search the documents' text and tables for words. Returns the best sentences, their figures with ids (v1) to cite, and "
    "the addresses of tables that speak of it.",
    Args,
    run,
)
