"""How a document is kept in the cache: as JSON, written by the worker that read it and opened by workers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tools.documents.document import At, Column, Document, Finding, Passage, Table
from tools.values import Period, Scale, plain


def to_json(document: Document) -> dict[str, Any]:
    """The document as JSON."""
    return {
        "document_id": document.document_id,
        "name": document.name,
        "media_type": document.media_type,
        "kind": document.kind,
        "sha256": document.sha256,
        "bytes": document.bytes,
        "tables": [_table_to_json(table) for table in document.tables],
        "passages": [_passage_to_json(passage) for passage in document.passages],
        "notes": document.notes,
        "findings": document.card()["findings"],
        "pages": document.pages,
    }


def from_json(data: Mapping[str, Any]) -> Document:
    """The document that `to_json` made the JSON of. KeyError and the like where it is of another format."""
    passages = [_passage_from_json(passage) for passage in data["passages"]]
    tables = [_table_from_json(table) for table in data["tables"]]
    plain_fields = ("document_id", "name", "media_type", "kind", "sha256", "bytes", "notes", "pages")
    findings = [Finding.from_wire(finding) for finding in data["findings"]]
    return Document(tables=tables, passages=passages, findings=findings, **{key: data[key] for key in plain_fields})


def _passage_to_json(passage: Passage) -> dict[str, Any]:
    return {
        "text": passage.text,
        "at": dict(passage.at),
        "heading": passage.heading,
        "boxes": passage.boxes,
    }


def _passage_from_json(data: Mapping[str, Any]) -> Passage:
    boxes = tuple((offset, tuple(box)) for offset, box in data["boxes"])
    return Passage(data["text"], _at_from_json(data["at"]), data["heading"], boxes)


def _at_from_json(data: Mapping[str, Any]) -> At:
    return tuple((key, tuple(item) if isinstance(item, list) else item) for key, item in data.items())


def _table_to_json(table: Table) -> dict[str, Any]:
    return {
        "table_id": table.table_id,
        "title": table.title,
        "shape": table.shape,
        "lines": table.lines,
        "fields": table.fields,
        "note": table.note,
        "sheet": table.sheet,
        "at": dict(table.at),
        "statement": table.statement,
        "tags": _by_row(table.tags),
        "concepts": _by_row(table.concepts),
        "columns": [_column_to_json(column) for column in table.columns],
    }


def _column_to_json(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": column.label,
        "kind": column.kind,
        "texts": column.texts,
        "amounts": [None if amount is None else plain(amount) for amount in column.amounts],
        "dates": [None if day is None else day.isoformat() for day in column.dates],
        "unit": column.unit,
        "units": _by_row(column.units),
        "scale": [column.scale.power, column.scale.source] if column.scale else None,
        "period": column.period.to_wire() if column.period else None,
        "scales": {str(row): [scale.power, scale.source] if scale else None for row, scale in column.scales.items()},
        "formulas": _by_row(column.formulas),
        "periods": {str(row): period.to_wire() for row, period in column.periods.items()},
        "ats": {str(row): dict(at) for row, at in column.ats.items()},
    }


def _by_row(said: Mapping[int, str]) -> dict[str, str]:
    return {str(row): words for row, words in said.items()}


def _rows_of(said: Mapping[str, str]) -> dict[int, str]:
    return {int(row): words for row, words in said.items()}


def _table_from_json(data: Mapping[str, Any]) -> Table:
    columns: Sequence[Column] = [_column_from_json(column) for column in data["columns"]]
    words = (data["shape"], data["lines"], data["fields"], data["note"], data["sheet"])
    return Table(
        data["table_id"],
        data["title"],
        list(columns),
        *words,
        at=_at_from_json(data["at"]),
        statement=data["statement"],
        tags=_rows_of(data["tags"]),
        concepts=_rows_of(data["concepts"]),
    )


def _column_from_json(data: Mapping[str, Any]) -> Column:
    return Column(
        key=data["key"],
        label=data["label"],
        kind=data["kind"],
        texts=data["texts"],
        amounts=[None if amount is None else Decimal(amount) for amount in data["amounts"]],
        dates=[None if day is None else date.fromisoformat(day) for day in data["dates"]],
        unit=data["unit"],
        units=_rows_of(data["units"]),
        scale=Scale(*data["scale"]) if data["scale"] else None,
        period=Period.from_wire(data["period"]) if data["period"] else None,
        scales={int(row): Scale(*scale) if scale else None for row, scale in data["scales"].items()},
        formulas=_rows_of(data["formulas"]),
        periods={int(row): Period.from_wire(period) for row, period in data["periods"].items()},
        ats={int(row): _at_from_json(at) for row, at in data["ats"].items()},
    )
