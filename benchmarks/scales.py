"""How well words alone say what inline XBRL says: amount, unit and period of every figure tagged in a table.

    TICKMARK_CORPUS=../shared/data python -m benchmarks.scales [--misses 40] [--half report]

The filings are read with their tags ignored, as a page without tags or a printed report would be; the tags then say what
each figure is. The rules were tuned on the development half and are judged on the report half, both fixed here. Union
Pacific was of the report half until some of its misses were seen; the figure before that, with it and untuned for it, was
98.3% of scales (with 95.7% of its own), and it has been of the development half since. A dozen misses of the others were
seen by the same slip; nothing was tuned for them. Wells Fargo tags none of its tables.

What counts: every `ix:nonFraction` that fills a cell of a table and prints digits; a dash prints no scale, and a figure
among the words of a cell (`par value $0.01; 5,000 shares authorized`) is prose. One that the reader lost, or did not take
for a number, is a miss. Scale is right where the amounts are equal but for the sign. Sign is right where it is the printed
one, brackets or a minus, as found in the page's source whatever the reader made of it: a tag's own sign follows the name
of its concept (a fall in inventories is `IncreaseDecreaseInInventories`, negative, and prints as a positive line of cash
flow), so it is no judge of what is printed; how often it differs is shown. Periods agree where both are days or both
lengths of time, of as many months, and end within a week of each other (fiscal years of 52 and 53 weeks share a name);
`ends` asks for the last day alone.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from tools.documents.document import Document, Table
from tools.documents.html.facts import Fact, Facts
from tools.documents.html.reader import read_page
from tools.documents.reader import Source
from tools.values import Period

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[2] / "shared" / "data"))
DEVELOPMENT = (
    "aapl-10-k-2024-11-01",
    "ba-10-k-2025-02-03",
    "ibm-10-k-2025-02-25",
    "nvda-10-k-2025-02-26",
    "unp-10-k-2025-02-07",
)
REPORT = (
    "amzn-10-k-2025-02-07",
    "ko-10-k-2025-02-20",
    "wfc-10-k-2025-02-25",
    "wmt-10-k-2025-03-14",
)
SHARES = ("scale", "sign", "both", "unit", "period", "end", "tag_differs")
KINDS = ("scale", "sign", "unit", "period", "end")
HALVES = {"development": DEVELOPMENT, "report": REPORT}
_MINUS_BEFORE = re.compile(r"[(\-–−]\s*(?:US\$|[$€£])?\s*$")
_OPENING = re.compile(r"[\s$€£(]*")
_SIGNS = re.compile(r"(?:[\s$€£()%\[\]\-–−*,]|US|\([a-z0-9]{1,2}\))*")
_SKIPPED = ("ix:hidden", "ix:header")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Judged:
    """One tagged figure, and what the words made of it. `cell` says where, for people."""

    filing: str
    fact: Fact
    negative: bool  # as printed
    tag_negative: bool
    cell: str
    amount: Decimal | None
    unit: str
    period: Period | None
    source: str

    @property
    def is_read(self) -> bool:
        return self.amount is not None

    @property
    def scale_right(self) -> bool:
        return self.amount is not None and abs(self.amount) == self.fact.size

    @property
    def sign_right(self) -> bool:
        return self.amount is not None and (self.fact.size == 0 or (self.amount < 0) == self.negative)

    @property
    def unit_right(self) -> bool:
        return self.is_read and self.unit == self.fact.unit

    @property
    def period_right(self) -> bool:
        return self.is_read and same_period(self.period, self.fact.context.period)

    @property
    def end_right(self) -> bool:
        return self.is_read and same_end(self.period, self.fact.context.period)

    @property
    def tag_differs(self) -> bool:
        return self.fact.size != 0 and self.tag_negative != self.negative


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured over some filings, as shares of `facts`. `both`: scale and sign."""

    facts: int
    scale: float
    sign: float
    both: float
    unit: float
    period: float
    end: float
    tag_differs: float


def same_period(read: Period | None, said: Period | None) -> bool:
    """Whether two periods are one: as long as each other, and with ends less than a week apart."""
    return read is not None and said is not None and same_end(read, said) and _months(read) == _months(said)


def same_end(read: Period | None, said: Period | None) -> bool:
    """Whether two periods end less than a week apart."""
    if read is None or said is None or read.end is None or said.end is None:
        return False
    return abs((read.end - said.end).days) < _WEEK


def _months(period: Period) -> int:
    if period.kind in ("instant", "day") or period.start is None or period.end is None:
        return 0
    return round(((period.end - period.start).days + 1) / 30.4)


def filed(name: str) -> bytes:
    """A filing of the corpus."""
    return gzip.decompress((CORPUS / "ixbrl" / f"{name}.html.gz").read_bytes())


def judge(name: str, data: bytes) -> list[Judged]:
    """Every tagged figure in the tables of a filing, beside what the words alone made of it."""
    source = Source(name, f"{name}.html", "text/html")
    by_words, by_tags = (read_page(data, source, tagged=tagged) for tagged in (False, True))
    cells = _cells(by_tags)
    root = lxml_html.document_fromstring(data, parser=lxml_html.HTMLParser(huge_tree=True, no_network=True))
    return [_judged(name, *found, cells, by_words) for found in _facts(root)]


def _cells(document: Document) -> dict[str, tuple[int, int, int]]:
    """Where the reader put each fact: table, column and row by the fact's id."""
    found: dict[str, tuple[int, int, int]] = {}
    for number, table in enumerate(document.tables):
        for at, column in enumerate(table.columns):
            for row, fields in column.ats.items():
                place = dict(fields)
                if "fact" in place and "element" in place:
                    found[place["element"]] = (number, at, row)
    return found


def _facts(root: Any) -> Iterator[tuple[Fact, str, bool, bool]]:
    """The facts that fill cells and print digits, the id of the outermost tag of their figure, and whether they are
    negative as printed and by their tag.
    """
    facts = Facts(root)
    for node in root.iter("ix:nonfraction"):
        around = [parent.tag for parent in node.iterancestors()]
        if "table" not in around or any(tag in _SKIPPED for tag in around):
            continue
        fact = facts.read(node)
        if fact and any(sign.isdigit() for sign in "".join(node.itertext())) and _fills_cell(node):
            outermost = [node, *node.iterancestors("ix:nonfraction")][-1]
            negative = bool(_MINUS_BEFORE.search(_printed_before(outermost)))
            yield fact, outermost.get("id", ""), negative, node.get("sign") == "-"


def _fills_cell(node: Any) -> bool:
    """Whether nothing but signs, brackets and a footnote's mark stands beside a fact in its cell."""
    cell = next(node.iterancestors("td", "th"), None)
    return cell is not None and bool(_SIGNS.fullmatch("".join(cell.itertext()).replace(_text(node), "", 1)))


def _text(node: Any) -> str:
    return "".join(node.itertext())


def _printed_before(node: Any) -> str:
    """What is printed before a fact: in its cell, and in cells before it that hold nothing but a sign."""
    cell = next(node.iterancestors("td", "th"))
    said: list[str] = []
    for event, part in etree.iterwalk(cell, events=("start", "end")):
        if part is node:
            break
        said.append((part.text if event == "start" else part.tail) or "")
    before = "".join(said)
    for other in cell.itersiblings("td", "th", preceding=True):
        text = _text(other).strip()
        if text and not _OPENING.fullmatch(text):
            break
        before = text + before
    return before.replace("\u00a0", " ")


def _judged(
    name: str,
    fact: Fact,
    identity: str,
    negative: bool,
    tag_negative: bool,
    cells: dict[str, tuple[int, int, int]],
    document: Document,
) -> Judged:
    at = cells.get(identity)
    if at is None:
        return Judged(name, fact, negative, tag_negative, "no cell of its own", None, "", None, "")
    table, column, row = document.tables[at[0]], document.tables[at[0]].columns[at[1]], at[2]
    amount = column.amounts[row] if column.amounts else None
    scale = column.scale_at(row)
    return Judged(
        name,
        fact,
        negative,
        tag_negative,
        _words(table, at[1], row),
        amount,
        column.unit_at(row),
        column.period_at(row),
        scale.source if scale else "",
    )


def _words(table: Table, at: int, row: int) -> str:
    column = table.columns[at]
    return f"{table.table_id} {table.title[:50]!r} | {table.row_label(row)[:60]} | {column.label[:40]} | {column.texts[row]}"


def figures(judged: Sequence[Judged]) -> Figures:
    """The shares over some judged facts."""

    def share(right: Iterable[bool]) -> float:
        return sum(right) / max(1, len(judged))

    return Figures(
        len(judged),
        share(one.scale_right for one in judged),
        share(one.sign_right for one in judged),
        share(one.scale_right and one.sign_right for one in judged),
        share(one.unit_right for one in judged),
        share(one.period_right for one in judged),
        share(one.end_right for one in judged),
        share(one.tag_differs for one in judged),
    )


def judge_half(half: str) -> list[Judged]:
    """All judged facts of a half, `development` or `report`."""
    return [one for name in HALVES[half] for one in judge(name, filed(name))]


def table(rows: Sequence[tuple[str, Figures]]) -> str:
    """The figures as a table in Markdown."""
    head = [
        "| filings | facts | scale | sign | scale and sign | unit | period | ends | tag's sign differs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    shown = [
        f"| {name} | {f.facts:,} | " + " | ".join(f"{getattr(f, share):.1%}" for share in SHARES) + " |"
        for name, f in rows
    ]
    return "\n".join([*head, *shown])


def _misses(judged: Sequence[Judged], what: str, most: int) -> Iterator[str]:
    found = [one for one in judged if not getattr(one, f"{what}_right")]
    yield f"{len(found)} misses of {what}"
    for one in found[:most]:
        said = one.fact.context.period
        yield (
            f"  {one.filing[:5]} {one.cell} | read {one.amount} {one.unit} ({one.source or 'no scale'}) "
            f"{one.period.label if one.period else '-'} | is {one.fact.size} {one.fact.unit} "
            f"{said.label if said else '-'} {one.fact.concept}"
        )


def main() -> None:
    """Print the table, and the misses where they are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scales", description="Words against tags")
    parser.add_argument("--half", choices=HALVES, action="append", help="only this half")
    parser.add_argument("--misses", type=int, default=0, help="how many misses of each kind to print")
    parser.add_argument("--of", action="append", choices=KINDS, help="kinds of misses")
    chosen = parser.parse_args()
    rows: list[tuple[str, Figures]] = []
    for half in chosen.half or HALVES:
        judged = judge_half(half)
        each = ((name, [one for one in judged if one.filing == name]) for name in HALVES[half])
        rows += [(name.partition("-")[0].upper(), figures(found)) for name, found in each]
        rows.append((f"**{half}**", figures(judged)))
        if chosen.misses:
            for what in chosen.of or KINDS:
                print("\n".join(_misses(judged, what, chosen.misses)))
            unread = Counter(one.filing for one in judged if not one.is_read)
            print("not read:", dict(unread))
    print(table(rows))


if __name__ == "__main__":
    main()
