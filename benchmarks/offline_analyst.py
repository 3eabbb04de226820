"""The offline analyst on two public question sets: how much it answers, and how much of that is right.

    python -m benchmarks.offline_analyst                     both sets, both halves
    python -m benchmarks.offline_analyst --set finqa --half develop --misses 20

Each item is a page of a report: a table, read by the product's own reader, and the prose around it as passages. The
analyst gets the question through the real tools. What is graded is its *finding*: the figure it cites first, or, where
the gold answer is words, the words it sets off in its first sentence that says anything. A right number further down
does not count. The halves are split by page, so questions to one page never stand on both sides; rules are made by
looking at misses of the `develop` half only, and the `report` half gives the figures.

Gold: FinQA `exe_ans` (the re-run program, not the written answer), where the finding may be rounded as shown; a
percentage given as 0.12 or 12 is the same answer. TAT-QA `answer` with its `scale`. The data is not part of the
repository; TICKMARK_CORPUS names its folder.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.desk import Answered, Desk
from tools.documents import read
from tools.documents.document import Document, Passage
from tools.refusals import ToolError

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[2] / "shared" / "data"))
SETS, HALVES = ("finqa", "tatqa"), ("develop", "report")
_SCALES = {"": 0, "thousand": 3, "million": 6, "billion": 9, "percent": -2}
NOT_WHY = "The file says what changed, not why"  # then the question was not answered, and the answer says so
_DOUBLED = re.compile(r"(-[\d.,]+%?) \( ?[\d.,]+%? ?\)")  # the set's own cleaning wrote "(13)" as "-13 ( 13 )"
_SET_OFF = re.compile(r"\*+([^*]+)\*+|“([^”]+)”")


@dataclass(frozen=True, slots=True)
class Item:
    """One question: the page it belongs to, its table and prose, and the gold answer."""

    name: str
    page: str
    kind: str
    question: str
    rows: Sequence[Sequence[str]]
    prose: Sequence[str]
    gold: Any
    scale: str = ""

    @property
    def half(self) -> str:
        """By the page alone, for ever."""
        return HALVES[hashlib.sha256(self.page.encode()).digest()[0] % 2]


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of one item."""

    item: Item
    outcome: str  # right, wrong, silent, failed
    told: str


def finqa() -> Iterator[Item]:
    """FinQA dev, 883 questions; raw cells where they are known."""
    for line in _unpacked("finqa/finqa_dev_883.jsonl.gz").splitlines():
        found = json.loads(line)
        page = found["id"].rpartition("-")[0]
        prose = [*_texts(found.get("pre_text")), *_texts(found.get("post_text"))]
        rows = found.get("table_ori") or [[_DOUBLED.sub(r"\1", cell) for cell in row] for row in found["table"]]
        yield Item(found["id"], page, "program", found["question"], rows, prose, found["exe_ans"])


def tatqa() -> Iterator[Item]:
    """TAT-QA dev, 1,668 questions over 278 pages."""
    for page in json.loads(_unpacked("tatqa/tatqa_dev.json.gz")):
        prose = [each["text"] for each in page["paragraphs"]]
        for asked in page["questions"]:
            table, kind = page["table"], asked["answer_type"]
            yield Item(
                asked["uid"],
                table["uid"],
                kind,
                asked["question"],
                table["table"],
                prose,
                asked["answer"],
                asked["scale"],
            )


def _unpacked(name: str) -> str:
    return gzip.decompress((CORPUS / name).read_bytes()).decode()


def _texts(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    return [text for text in said or [] if len(text) > 3]


def page_of(item: Item) -> Document:
    """The page as a document: the table through the reader of delimited text, the prose as passages."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows(item.rows)
    document = read(sheet.getvalue().encode(), document_id="doc_1", name="page.csv")
    document.passages += [Passage(text, (("paragraph", number),)) for number, text in enumerate(item.prose, 1)]
    return document


def graded(item: Item) -> Graded:
    """Ask, and hold the finding against the gold answer."""
    try:
        answered = Desk([page_of(item)]).ask(item.question)
    except ToolError as refusal:
        return Graded(item, "silent", f"unreadable: {refusal.text}")
    except Exception as defect:  # a defect of the analyst costs the item, not the run; it is counted and named
        return Graded(item, "failed", f"{type(defect).__name__}: {defect}")
    told = " ".join(answered.shown.split())
    shows = answered.cited or answered.charts or answered.tables or answered.metrics
    if not shows or NOT_WHY in told:
        return Graded(item, "silent", told)
    return Graded(item, "right" if is_right(item, answered) else "wrong", told)


def is_right(item: Item, answered: Answered) -> bool:
    """Whether the finding is the gold answer."""
    if item.kind == "program":
        return _program_right(item.gold, answered)
    golds = item.gold if isinstance(item.gold, list) else [item.gold]
    amounts = [_amount(str(gold), item.scale) for gold in golds]
    if item.kind in ("arithmetic", "count") or (None not in amounts and not all(map(_is_year, golds))):
        found = answered.cited[: len(golds)]
        return len(found) == len(golds) and all(
            amount is not None and _same(*amount, value.amount) for amount, value in zip(amounts, found, strict=True)
        )
    return _words_right([str(gold) for gold in golds if str(gold).strip()], answered)


def _program_right(gold: Any, answered: Answered) -> bool:
    if isinstance(gold, str):
        return answered.shown.strip().casefold().startswith(gold.casefold())
    if not answered.cited:
        return False
    value = answered.cited[0]
    return any(_close(Decimal(str(gold)), value.amount * factor) for factor in _factors(value.unit))


def _factors(unit: str) -> list[Decimal]:
    """Ways a set may print what we hold in base units: as it is, in percent, in thousands, millions or billions."""
    if unit == "ratio":
        return [Decimal(1), Decimal(100)]
    return [Decimal(1), Decimal("0.001"), Decimal("0.000001"), Decimal("0.000000001")]


def _close(gold: Decimal, found: Decimal) -> bool:
    """Equal to the fifth place, or to a thousandth of itself: the sets round their steps."""
    return abs(gold - found) <= max(Decimal("0.00001"), abs(gold) * Decimal("0.001"))


def _same(gold: Decimal, power: int, amount: Decimal) -> bool:
    """The gold figure at its own precision, in its scale, or in base units where the page states none."""
    slack = Decimal("0.51") * Decimal(1).scaleb(min(int(gold.as_tuple().exponent), 0))
    found = [amount.scaleb(-power), amount] if power != -2 else [amount * 100]
    return any(abs(gold - each) <= slack for each in found)


_GOLD = re.compile(
    r"[$€£]?\s?\(?[$€£]?\s?(?P<digits>-?[\d,]*\.?\d+)\s?\)?\s?(?P<word>%|per ?cent|thousand|million|billion|years?)?",
    re.I,
)
_IN_WORDS = {"%": "percent", "per cent": "percent", "year": "", "years": ""}


def _amount(text: str, scale: str) -> tuple[Decimal, int] | None:
    """A gold answer as (digits, power): "$616 million" says its scale itself; None where it is no figure."""
    found = _GOLD.fullmatch(text.strip())
    if not found:
        return None
    amount = Decimal(found["digits"].replace(",", ""))
    word = (found["word"] or "").casefold()
    power = _SCALES[_IN_WORDS.get(word, word) or scale]
    return (-amount if "(" in text else amount), power


def _is_year(gold: Any) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", str(gold)))


def _words_right(golds: Sequence[str], answered: Answered) -> bool:
    """All gold words among those the finding sets off or cites, and nothing else set off beside them."""
    finding = next((line for line in answered.shown.split("\n") if line.strip()), "")
    said = [_plain(one or two) for one, two in _SET_OFF.findall(finding)]
    said += [_plain(value.shown) for value in answered.cited[: len(golds)]]
    said += [_plain(each) for each in re.findall(r"(?:19|20)\d\d\b", finding)]
    wanted = {_plain(gold) for gold in golds}
    return wanted <= set(said) and len({_plain(a or b) for a, b in _SET_OFF.findall(finding)} - wanted) <= 1


def _plain(text: str) -> str:
    return re.sub(r"[^\w.%]+", " ", text.replace(",", "")).strip(" .").casefold()


def table(rows: Sequence[Graded]) -> str:
    """The figures as a table: asked, answered, right, precision, by set, half and kind of answer."""
    lines = [
        "| set | half | kind | asked | answered | right | right of all | precision |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in SETS:
        own = [row for row in rows if (row.item.kind == "program") == (name == "finqa")]
        for half in HALVES:
            kept = [row for row in own if row.item.half == half]
            kinds = sorted({row.item.kind for row in kept})
            lines += [
                _row(name, half, kind, [r for r in kept if r.item.kind == kind]) for kind in kinds[len(kinds) < 2 :]
            ]
            lines += [_row(name, half, "all", kept)] if kept else []
    return "\n".join(lines)


def _row(name: str, half: str, kind: str, rows: Sequence[Graded]) -> str:
    counts = Counter(row.outcome for row in rows)
    answered = counts["right"] + counts["wrong"]
    right, precision = counts["right"] / max(len(rows), 1), counts["right"] / max(answered, 1)
    return (
        f"| {name} | {half} | {kind} | {len(rows)} | {answered} | {counts['right']} | {right:.1%} | {precision:.1%} |"
    )


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description="The offline analyst on FinQA dev and TAT-QA dev")
    parser.add_argument("--set", choices=SETS, action="append", dest="sets")
    parser.add_argument("--half", choices=HALVES, action="append", dest="halves")
    parser.add_argument("--misses", type=int, default=0, help="print so many wrong answers of the develop half")
    chosen = parser.parse_args()
    started_s = time.perf_counter()
    sources = {"finqa": finqa, "tatqa": tatqa}
    halves = chosen.halves or HALVES
    items = [item for name in chosen.sets or SETS for item in sources[name]() if item.half in halves]
    rows = [graded(item) for item in items]
    print(table(rows))
    print(f"\n{len(rows):,} questions in {time.perf_counter() - started_s:.0f} s")
    for row in [row for row in rows if row.outcome == "failed"][:5]:
        print(f"failed: {row.item.name}: {row.told}")
    misses = [row for row in rows if row.outcome == "wrong" and row.item.half == "develop"]
    for row in misses[: chosen.misses]:
        print(f"\n{row.item.question}\n  gold {row.item.gold} {row.item.scale}\n  told {row.told[:300]}")


if __name__ == "__main__":
    main()
