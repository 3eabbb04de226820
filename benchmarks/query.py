"""What a question to a ledger of 100,000 rows costs, in a warm worker, from the call to its values in the server.

    python -m benchmarks.query

The ledger is a CSV file that the reader reads, as anybody would attach it; the first call opens it in the worker and is
counted apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from analysis.signals import ToolReturned
from analysis.workbench import ToolCall, Workbench
from benchmarks.service import Row

ROWS, TRIES, BUDGET_MS = 100_000, 7, 500
_SUM = [{"op": "sum", "column": "Amount"}]
_MONTH = {"column": "Date", "every": "month"}
QUESTIONS: Mapping[str, dict[str, Any]] = {
    "filter and sort": {
        "where": [
            {"column": "Date", "op": "last", "value": "3 months"},
            {"column": "Region", "op": "=", "value": "North"},
        ],
        "sort": [{"column": "Amount", "descending": True}],
        "limit": 20,
    },
    "sum by region and product": {"group_by": [{"column": "Region"}, {"column": "Product"}], "aggregates": _SUM},
    "resample by month, rolling 3": {
        "group_by": [_MONTH],
        "aggregates": _SUM,
        "derive": [{"op": "rolling_mean", "column": "Sum of Amount", "window": 3}],
    },
    "pivot region by quarter": {
        "group_by": [{"column": "Region"}],
        "pivot": {"column": "Date", "every": "quarter"},
        "aggregates": _SUM,
    },
    "top 3 products of each region": {
        "group_by": [{"column": "Region"}, {"column": "Product"}],
        "aggregates": _SUM,
        "derive": [{"op": "share", "column": "Sum of Amount", "within": "Region"}],
        "sort": [{"column": "Region"}, {"column": "Sum of Amount", "descending": True}],
        "first_of_each": {"column": "Region", "rows": 3},
    },
    "median, p90, spread by channel": {
        "group_by": [{"column": "Channel"}],
        "aggregates": [
            {"op": "median", "column": "Amount"},
            {"op": "percentile", "column": "Amount", "percent": 90},
            {"op": "std", "column": "Amount"},
        ],
    },
    "join a price list, sum by class": {
        "join": [{"table": "d2.t1", "on": [{"column": "Product"}]}],
        "group_by": [{"column": "Class"}],
        "aggregates": _SUM,
    },
}


def ledger(rows: int = ROWS) -> str:
    """Four years of sales: a date, three words, an invoice number and an amount a row."""
    draw, lines = random.Random(7), ["Invoice,Date,Region,Channel,Product,Amount"]
    first = date(2021, 1, 1)
    for number in range(rows):
        day = first + timedelta(days=draw.randrange(1461))
        region = draw.choice(["North", "South", "East", "West", "Centre"])
        words = f"{region},{draw.choice(['Online', 'Shop', 'Partner'])},P{draw.randrange(80):02d}"
        lines.append(f"i{number},{day.isoformat()},{words},{draw.randrange(1, 500_000) / 100:.2f}")
    return "\n".join(lines) + "\n"


def price_list() -> str:
    """A class for each product."""
    return "Product,Class,Price\n" + "".join(f"P{n:02d},Class {n % 6},{n + 1}.50\n" for n in range(80))


async def _attach(bench: Workbench, alias: str, name: str, text: str) -> tuple[str, str, str, str]:
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    source = bench.sources / name
    source.write_bytes(data)
    _, body = await bench.read_document(
        source, document_id=f"doc_{alias}", name=name, media_type="text/csv", sha256=sha256
    )
    folder = bench.cache / sha256
    folder.mkdir()
    (folder / "document.json").write_bytes(body)
    return alias, f"doc_{alias}", name, sha256


async def measured(rows: int = ROWS, tries: int = TRIES) -> dict[str, float]:
    """Milliseconds (median) for each question; `opening` is the first call, which reads the document's cache."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder) / "cache", workers=2)
        await bench.start()
        try:
            documents = [
                await _attach(bench, "d1", "ledger.csv", ledger(rows)),
                await _attach(bench, "d2", "prices.csv", price_list()),
            ]
            for _ in range(4):  # both workers open it
                calls = [_asked(bench, documents, QUESTIONS["sum by region and product"]) for _ in range(2)]
                spent = await asyncio.gather(*calls)
                found.setdefault("opening", max(spent))
            for name, question in QUESTIONS.items():
                found[name] = statistics.median([await _asked(bench, documents, question) for _ in range(tries)])
        finally:
            await bench.close()
    return found


async def _asked(bench: Workbench, documents: list[tuple[str, str, str, str]], question: Mapping[str, Any]) -> float:
    began = time.perf_counter()
    call = ToolCall("toolu_1", "query_data", {"table": "d1.t1", **question}, documents)
    answer = await bench.run_tool(call)
    assert isinstance(answer, ToolReturned), answer
    assert answer.values
    return (time.perf_counter() - began) * 1000


async def rows() -> list[Row]:
    """The rows of `make bench`: the quickest, the usual and the slowest of the questions."""
    found = await measured()
    spent = sorted((ms, name) for name, ms in found.items() if name != "opening")
    said = ", ".join(f"{ms:.0f} ms ({name})" for ms, name in (spent[0], spent[len(spent) // 2], spent[-1]))
    return [(f"query_data over {ROWS:,} rows", said, f"{BUDGET_MS} ms", spent[-1][0] <= BUDGET_MS)]


def main() -> None:
    """One line per question."""
    print(f"| {ROWS:,} rows | ms | budget |\n|---|---:|---:|")
    for name, spent in asyncio.run(measured()).items():
        print(f"| {name} | {spent:.0f} | {'' if name == 'opening' else BUDGET_MS} |")


if __name__ == "__main__":
    main()
