"""How right documents are read: statement rows, statement pages, period headers, scale and sign, and what it costs.

    python -m benchmarks.documents               the table (about a minute)
    python -m benchmarks.documents --misses      and what was read wrong

The development half are the filings with reference labels beside the corpus; rules were tuned on these. The report half are
the other filings, labelled from the rendered pages by somebody who had not seen the reader; rows are kept as fingerprints.
The corpus is found by TICKMARK_CORPUS.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import scales
from tools.documents import read
from tools.documents.document import Document, Table

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data"))
LABELS = Path(__file__).parent / "labels" / "documents.json"
KINDS = {"balance_sheet": "balance"}
FITS = {"quarter": ("quarter",), "ytd": ("half", "span"), "year": ("year",), "instant": ("instant",)}


class Row(NamedTuple):
    """One line of the table: what is measured, both halves in words, what is to be reached, and whether it is."""

    name: str
    develop: str
    report: str
    reach: str
    held: bool


@dataclass(slots=True)
class Count:
    """How many of how many, and what was missed."""

    right: int = 0
    all: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, right: bool, missed: str) -> None:
        self.all += 1
        self.right += right
        if not right:
            self.missed.append(missed)

    @property
    def share(self) -> float:
        return self.right / self.all if self.all else 0.0

    def __str__(self) -> str:
        return f"{100 * self.share:.1f}% ({self.right} of {self.all})" if self.all else "–"


@dataclass(slots=True)
class Half:
    """What was read of one half of the filings, and how long a page took."""

    rows: Count = field(default_factory=Count)
    amounts: Count = field(default_factory=Count)
    pages: Count = field(default_factory=Count)
    headers: Count = field(default_factory=Count)
    seconds: float = 0.0
    read_pages: int = 0


def find(name: str) -> Path:
    """A filing of the corpus."""
    return next(path for folder in ("pdf", "pdf_multidoc") if (path := CORPUS / folder / name).is_file())


def open_filing(name: str, half: Half) -> Document:
    """The filing, read; its time goes to the half."""
    data = find(name).read_bytes()
    begun = time.process_time()
    document = read(data, document_id="d", name=name)
    half.seconds += time.process_time() - begun
    half.read_pages += document.pages
    return document


def on_page(document: Document, page: int) -> list[Table]:
    """The tables of a page."""
    return [table for table in document.tables if dict(table.at).get("page") == page]


def plain(text: str) -> str:
    """Words with one kind of apostrophe and single spaces."""
    return " ".join(text.replace("’", "'").replace("‘", "'").split())


def printed_rows(document: Document, page: int) -> list[tuple[str, list[tuple[str, Decimal | None]]]]:
    """Every row of a page: its label, and the filled cells with their amounts in base units."""
    found = []
    for table in on_page(document, page):
        for row in range(table.row_count):
            cells = [
                (plain(column.texts[row]), column.amounts[row] if column.amounts else None)
                for column in table.columns[1:]
            ]
            found.append((plain(table.columns[0].texts[row]), [cell for cell in cells if cell[0]]))
    return found


def fingerprint(label: str, cells: Sequence[str]) -> str:
    """What a row is known by."""
    return hashlib.sha256("|".join([label, *cells]).encode()).hexdigest()[:16]


def amounts_fingerprint(amounts: Sequence[Decimal | None]) -> str:
    """What a row's amounts are known by, however they are written."""
    plainly = ["-" if amount is None else f"{amount.normalize():f}" for amount in amounts]
    return hashlib.sha256("|".join(plainly).encode()).hexdigest()[:16]


# -- the development half ------------------------------------------------------------------------------------------------


def develop() -> Half:
    """The filings with reference labels."""
    half = Half()
    tables = json.loads((CORPUS / "labels/rows_dev.json").read_text())["tables"]
    for filing in json.loads((CORPUS / "labels/statements_dev.json").read_text())["documents"]:
        document = open_filing(filing["file"], half)
        for table in tables:
            if table["file"] == filing["file"]:
                _judge_rows(document, table, half)
        statements = [
            (KINDS.get(each["kind"], each["kind"]), each["pages"], each["columns"]) for each in filing["statements"]
        ]
        _judge_statements(document, statements, half)
    return half


def _judge_rows(document: Document, table: dict[str, Any], half: Half) -> None:
    """Each labelled row with figures, in order."""
    there = printed_rows(document, table["page"])
    at = 0
    for row in table["rows"]:
        printed = [plain(cell) for cell in row["printed"] if cell]
        if not printed:
            continue
        label = plain(row["label"])
        found = next(
            (n for n in range(at, len(there)) if (there[n][0], [c for c, _ in there[n][1]]) == (label, printed)), None
        )
        half.rows.add(found is not None, f"{table['file']} p. {table['page']}: {label} {printed}")
        if found is not None:
            at = found + 1
            right = [amount for _, amount in there[found][1]] == list(_amounts(table, row))
            half.amounts.add(right, f"{table['file']} p. {table['page']}: {label} is {there[found][1]}")


def _amounts(table: dict[str, Any], row: dict[str, Any]) -> Iterator[Decimal | None]:
    """The labelled amounts in base units, blank cells left out."""
    for column, value, printed in zip(table["columns"], row["values"], row["printed"], strict=True):
        if not printed:
            continue
        if value is None:
            yield None
        elif column["measure"] == "percent_of_net_sales":
            yield Decimal(value) / 100
        else:
            yield Decimal(value) * (1 if row["scale"] is None else row["scale"])


def _judge_statements(
    document: Document,
    statements: Sequence[tuple[str, list[int], list[Any]]],
    half: Half,
    either_way: Collection[tuple[str, int]] = (),
) -> None:
    for kind, pages, columns in statements:
        for page in pages:
            right = any(table.statement == kind for table in on_page(document, page))
            half.pages.add(right, f"{document.name} p. {page}: {kind}")
        timed = [(column["period_end"], column["period_kind"]) for column in columns]
        if timed and all(sort != "component" for _, sort in timed):
            half.headers.add(_has_header(document, pages[0], timed), f"{document.name} p. {pages[0]}: {timed}")
    labelled = {(kind, page) for kind, pages, _ in statements for page in pages}
    for table in document.tables:
        page = dict(table.at)["page"]
        continued = {(table.statement, page - 1), (table.statement, page - 2)} & labelled
        known = continued or {(table.statement, page)} & (labelled | set(either_way))
        if table.statement and not known:
            half.pages.add(False, f"{document.name} p. {page}: taken for {table.statement}")


def _has_header(document: Document, page: int, wanted: Sequence[tuple[str, str]]) -> bool:
    """Whether some table of the page has these periods over its columns, in this order."""
    for table in on_page(document, page):
        periods = [column.period for column in table.columns if column.kind == "number"]
        if len(periods) == len(wanted) and all(
            period and period.end and period.end.isoformat() == end and period.kind in FITS[sort]
            for period, (end, sort) in zip(periods, wanted, strict=True)
        ):
            return True
    return False


# -- the report half -----------------------------------------------------------------------------------------------------


def report() -> Half:
    """The other filings, by labels of our own."""
    half = Half()
    for filing in json.loads(LABELS.read_text())["documents"]:
        document = open_filing(filing["file"], half)
        for page in filing.get("rows", ()):
            _judge_fingerprints(document, page, half)
        statements = [
            (
                each["kind"],
                each["pages"],
                [{"period_end": end, "period_kind": sort} for end, sort in each.get("columns", ())],
            )
            for each in filing["statements"]
        ]
        _judge_statements(document, statements, half, {(kind, page) for kind, page in filing.get("either_way", ())})
    return half


def _judge_fingerprints(document: Document, page: dict[str, Any], half: Half) -> None:
    """Each labelled row with figures, in order."""
    there = [(label, cells) for label, cells in printed_rows(document, page["page"]) if cells]
    known = [fingerprint(label, [text for text, _ in cells]) for label, cells in there]
    at = 0
    for number, (wanted, amounts) in enumerate(page["rows"]):
        found = next((n for n in range(at, len(there)) if known[n] in wanted), None)
        where = f"{document.name} p. {page['page']}: row {number + 1} with figures"
        half.rows.add(found is not None, where)
        if found is not None:
            at = found + 1
            cells = there[found][1]
            half.amounts.add(amounts_fingerprint([amount for _, amount in cells]) == amounts, f"{where} is {cells}")


# -- the table -----------------------------------------------------------------------------------------------------------


def table(dev: Half, rep: Half, tags: Sequence[scales.Figures]) -> list[Row]:
    """The measures beside what is to be reached."""
    page_ms = [1000 * half.seconds / max(1, half.read_pages) for half in (dev, rep)]
    both = [figures.both for figures in tags]
    return [
        Row(
            "statement rows exact", str(dev.rows), str(rep.rows), ">= 99%", min(dev.rows.share, rep.rows.share) >= 0.99
        ),
        Row(
            "their amounts, unit and scale",
            str(dev.amounts),
            str(rep.amounts),
            "",
            min(dev.amounts.share, rep.amounts.share) >= 0.99,
        ),
        Row("statements: page and kind", str(dev.pages), str(rep.pages), ">= 97%", rep.pages.share >= 0.97),
        Row("period headers", str(dev.headers), str(rep.headers), ">= 99%", rep.headers.share >= 0.99),
        Row("time a page", *(f"{ms:.0f} ms" for ms in page_ms), "<= 25 ms", max(page_ms) <= 25),
        Row("scale and sign by words", *(f"{100 * share:.1f}%" for share in both), ">= 98.5%", both[1] >= 0.985),
    ]


def markdown(rows: Sequence[Row]) -> str:
    """The table as it stands in docs/documents.md."""
    lines = ["| measure | development half | report half | reach | held |", "|---|---|---|---|---|"]
    lines += [f"| {r.name} | {r.develop} | {r.report} | {r.reach} | {'yes' if r.held else 'no'} |" for r in rows]
    return "\n".join(lines)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents", description="How right documents are read")
    parser.add_argument("--misses", action="store_true", help="list what was read wrong")
    chosen = parser.parse_args()
    if not (CORPUS / "pdf").is_dir():
        print("TICKMARK_CORPUS does not lead to the filings", file=sys.stderr)
        return 2
    dev, rep = develop(), report()
    tags = [scales.figures(scales.judge_half(half)) for half in ("development", "report")]
    print(markdown(table(dev, rep, tags)))
    if chosen.misses:
        for half in (dev, rep):
            for count in (half.rows, half.amounts, half.pages, half.headers):
                print(*count.missed, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
