"""Pages and inline XBRL: printed columns, what tags say, and nothing fetched."""

from __future__ import annotations

import gzip
import http.server
import os
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.contracts.test_readers import TAGGED
from tools.documents import read
from tools.documents.document import Document
from tools.documents.html.reader import read_page
from tools.documents.reader import Source

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data")) / "ixbrl"


def document(page: str, name: str = "page.html") -> Document:
    return read(page.encode(), document_id="d", name=name)


def rows(*cells: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def test_a_figure_laid_out_over_three_cells_is_one_cell() -> None:
    [table] = document(
        "<p>(in thousands)</p>"
        + rows(
            "<td colspan=3></td><td colspan=3>2024</td><td colspan=3>2023</td>",
            "<td colspan=3>Sales</td><td>$</td><td>1,300</td><td></td><td>$</td><td>1,200</td><td></td>",
            "<td colspan=3>Costs</td><td colspan=2>(700</td><td>)</td><td colspan=2>(650</td><td>)</td>",
            "<td colspan=3>Margin</td><td colspan=2>46.2</td><td>%</td><td colspan=2>45.8</td><td>%</td>",
        )
    ).tables
    assert [column.label for column in table.columns] == ["Line item", "2024", "2023"]
    assert table.columns[1].texts == ["$ 1,300", "(700)", "46.2%"]
    assert table.columns[1].amounts == [Decimal(1_300_000), Decimal(-700_000), Decimal("0.462")]


def test_a_tag_says_amount_unit_scale_period_and_concept() -> None:
    found = document(TAGGED)
    [table] = found.tables
    value = table.value(found, 0, 1, "v1")
    assert value is not None
    assert value.place is not None
    assert (value.amount, value.unit, value.scale and value.scale.source) == (Decimal(1_300_000_000), "USD", "tag")
    assert value.period is not None
    assert (value.period.label, value.period.kind) == ("2024", "year")
    assert dict(value.place.at)["fact"] == "us-gaap:Revenues"
    assert dict(value.place.at)["element"] == "f-1"
    assert table.tags == {0: "us-gaap:Revenues"}
    assert table.columns[2].amounts == [Decimal(1_200_000_000), Decimal(-650_000_000)]  # words alone


def test_what_is_hidden_is_not_read_and_text_keeps_its_heading() -> None:
    found = document(
        "<h2>Results</h2><p>Sales rose.</p><div style='display: none'>secret</div><script>alert('x')</script><p>Costs fell.</p>"
    )
    assert [(p.text, p.heading) for p in found.passages] == [
        ("Results", "Results"),
        ("Sales rose.", "Results"),
        ("Costs fell.", "Results"),
    ]


def test_a_table_that_only_lays_out_text_is_text() -> None:
    found = document(rows("<td>•</td><td>We sell things that people want.</td>", "<td>•</td><td>We sell others.</td>"))
    assert found.tables == []
    assert "We sell others." in [passage.text for passage in found.passages]


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback that notes who asks it for anything."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_that_a_page_refers_to_is_fetched(canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    page = f"""<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "{address}/dtd" [<!ENTITY e SYSTEM "{address}/entity">]>
<html><head><link rel=stylesheet href="{address}/css"><base href="{address}"><script src="{address}/js"></script></head>
<body><img src="{address}/img"><iframe src="{address}/frame"></iframe><p>Words &e; that stay.</p></body></html>"""
    assert any("that stay" in passage.text for passage in document(page).passages)
    assert asked == []


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs the filings of TICKMARK_CORPUS")
@pytest.mark.parametrize(
    ("filing", "line", "amount", "unit", "period"),
    [
        ("aapl-10-k-2024-11-01", "Total net sales", "391035000000", "USD", "FY2024"),
        ("aapl-10-k-2024-11-01", "Net income", "93736000000", "USD", "FY2024"),
        ("aapl-10-k-2024-11-01", "Total assets", "364980000000", "USD", "28 Sep 2024"),
        ("ko-10-k-2025-02-20", "Net Operating Revenues", "47061000000", "USD", "FY2024"),
        ("ko-10-k-2025-02-20", "Basic Net Income Per Share1", "2.47", "USD/share", "FY2024"),
        ("ko-10-k-2025-02-20", "Total Assets", "100549000000", "USD", "2024"),
        ("wmt-10-k-2025-03-14", "Total revenues", "680985000000", "USD", "FY2025"),
        ("wmt-10-k-2025-03-14", "Consolidated net income attributable to Walmart", "19436000000", "USD", "FY2025"),
        ("wmt-10-k-2025-03-14", "Payments for property and equipment", "-23783000000", "USD", "FY2025"),
    ],
)
@pytest.mark.parametrize("tagged", [True, False], ids=["tags", "words"])
def test_filings_say_what_they_say(filing: str, line: str, amount: str, unit: str, period: str, tagged: bool) -> None:
    data = gzip.decompress((CORPUS / f"{filing}.html.gz").read_bytes())
    found = read_page(data, Source("d", f"{filing}.html"), tagged)
    values = [
        value
        for table in found.tables
        for row in range(table.row_count)
        if table.row_label(row) == line
        and table.row_count > 12
        and table.shape == "statement"
        and (value := table.value(found, row, 1, "v1"))
    ]
    assert Decimal(amount) in [value.amount for value in values]
    value = next(value for value in values if value.amount == Decimal(amount))
    assert value.unit == unit
    assert value.period is not None
    assert value.period.label == period or not tagged
