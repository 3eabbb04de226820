"""JSON in its usual shapes, the SEC's companyfacts, and Parquet: exact figures, each with its place."""

from __future__ import annotations

import gzip
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.documents.columns import parquet
from tools.documents import read
from tools.documents.document import Document, Table
from tools.refusals import ToolError

FACTS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data")) / "companyfacts/snowflake_companyfacts.json.gz"


def document(data: bytes, name: str = "data.json") -> Document:
    return read(data, document_id="d", name=name)


def follow(content: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        content = content[int(key)] if isinstance(content, list) else content[key]
    return content


@pytest.mark.parametrize(
    "text",
    [
        '[{"item": "Sales", "amount": 12.50}, {"item": "Costs", "amount": -7}]',
        '{"data": {"rows": [{"item": "Sales", "amount": 12.50}, {"item": "Costs", "amount": -7}]}}',
        '{"item": ["Sales", "Costs"], "amount": [12.50, -7]}',
        '[["item", "amount"], ["Sales", 12.50], ["Costs", -7]]',
        '{"item": "Sales", "amount": 12.50}\n{"item": "Costs", "amount": -7}\n',
    ],
    ids=["records", "records under a key", "columns", "rows", "lines"],
)
def test_records_are_found_in_every_usual_shape(text: str) -> None:
    found = document(text.encode())
    [table] = found.tables
    assert [column.label for column in table.columns] == ["item", "amount"]
    assert table.columns[1].amounts == [Decimal("12.50"), Decimal(-7)]
    if "\n{" not in text:
        where = [table.place(found, row, 1).to_wire()["pointer"] for row in range(2)]
        assert [follow(orjson.loads(text), pointer) for pointer in where] == [12.5, -7]


def test_nested_objects_become_dotted_columns_and_digits_are_kept() -> None:
    [table] = document(b'[{"a": {"b/c": 12345678901234567890.123}}, {"a": {"b/c": 0.1}}]').tables
    assert table.columns[0].label == "a.b/c"
    assert table.columns[0].amounts == [Decimal("12345678901234567890.123"), Decimal("0.1")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"[" * 100_000, "too_large"),
        (b'[{"a": NaN}]', "corrupt"),
        (b'[{"a": 1}', "corrupt"),
        (b'{"error": "no such export"}', "no_table"),
        (b'[{"a": ' + b"9" * 4_000 + b"}]", "corrupt"),
    ],
    ids=["empty", "deep", "no number", "cut", "no records", "endless"],
)
def test_what_is_no_table_of_json_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(ToolError) as refused:
        document(data)
    assert refused.value.code == code
    assert "data.json" in refused.value.text


def facts(*entries: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {"entityName": "X", "facts": {"us-gaap": {"Revenues": {"label": "Revenues", "units": {"USD": list(entries)}}}}}
    )


def test_facts_go_by_their_days_and_a_restatement_is_told() -> None:
    year = {"start": "2023-01-01", "end": "2023-12-31", "fy": 2024, "fp": "FY"}
    found = document(facts({**year, "val": 100, "filed": "2024-02-01"}, {**year, "val": 110, "filed": "2025-02-01"}))
    [table] = found.tables
    value = table.value(found, 0, 1, "v1")
    assert value is not None
    assert (value.amount, value.unit, value.period and value.period.label) == (Decimal(110), "USD", "FY2023")
    assert value.place is not None
    assert dict(value.place.at) == {"pointer": "/facts/us-gaap/Revenues/units/USD/1"}
    assert (table.tags, table.concepts) == ({0: "us-gaap:Revenues"}, {0: "revenue"})
    assert found.findings[0].kind == "restated"


@pytest.mark.corpus
@pytest.mark.skipif(not FACTS.is_file(), reason="needs the facts of TICKMARK_CORPUS")
def test_all_facts_of_a_company_are_there_and_all_restatements() -> None:
    data = gzip.decompress(FACTS.read_bytes())
    content = orjson.loads(data)
    found = document(data, "snowflake.json")
    figures = [
        (table, row, at)
        for table in found.tables
        for at, column in enumerate(table.columns[1:], 1)
        for row in range(table.row_count)
        if column.amounts[row] is not None
    ]
    gaap = [spot for spot in figures if spot[0].tags[spot[1]].startswith("us-gaap:")]
    assert len(gaap) == 4_757
    assert found.findings[0].text.startswith("55 figures were filed with more than one value")
    for table, row, at in figures[::97]:
        assert _agrees(content, table, row, at)


def _agrees(content: Any, table: Table, row: int, at: int) -> bool:
    column = table.columns[at]
    entry = follow(content, dict(column.ats[row])["pointer"])
    period = column.period
    assert period is not None
    return Decimal(str(entry["val"])) == column.amounts[row] and entry["end"] == str(period.end)


CELLS = st.none() | st.decimals(-(10**9), 10**9, places=2, allow_nan=False)


@given(
    amounts=st.lists(CELLS, min_size=3, max_size=30).filter(lambda cells: sum(cell is not None for cell in cells) > 2)
)
def test_parquet_is_read_exactly(amounts: list[Decimal | None]) -> None:
    days = [date(2024, 1, 1 + at % 28) for at in range(len(amounts))]
    found = document(parquet({"Day": days, "Amount": amounts}), "data.parquet")
    assert found.tables[0].columns[0].kind == "date"
    assert found.tables[0].columns[1].amounts == amounts
