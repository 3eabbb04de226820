"""FinQA's programs and TAT-QA's derivations through `calculate`: is every sum the sets hold one the tool can do?

    python -m benchmarks.calculations                both sets; ends with status 1 where any comes out wrong

No analyst and no model: the operands are known, and each is handed over as what it is on its page. A cell of the table
where one prints the figure, a figure quoted from a sentence where one does, and a number given by the asker for the
few that stand nowhere. FinQA's answers (`exe_ans`) are kept to five places; TAT-QA's to their own, and as a percentage
or as a ratio, because its annotators did both. Three derivations are known to be written loosely: one adds millions to
thousands, two give a ratio (0.08, -0.26) where a percentage is announced.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from benchmarks.offline_analyst import CORPUS, Item, finqa, page_of, tatqa
from tools import TOOLS
from tools.dataroom import Room
from tools.documents.document import Document
from tools.refusals import ToolError
from tools.results import ResultTable
from tools.values import Value

_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*%?|-?\.\d+%?")
_CONSTANTS = {"const_m1": "(0 - 1)"}
_OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "exp": "**", "greater": ">"}
_FOLDS = {"table_sum": "sum", "table_average": "average", "table_max": "max", "table_min": "min"}


@dataclass(slots=True)
class Call:
    """The input of one call, filled while a program is translated; `kinds` counts what the operands were."""

    document: Document
    operands: list[dict[str, Any]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def operand(self, printed: str) -> str:
        """The name of an operand for a figure as the program writes it."""
        amount = _amount(printed)
        name = f"n{len(self.operands)}"
        source = self._cell(amount) or self._quoted(printed, amount)
        self.kinds["given" if source is None else "cell" if "table" in source else "sentence"] += 1
        self.operands.append({"name": name, **(source or {"amount": str(amount), "note": "not on the page"})})
        return name

    def _cell(self, amount: Decimal) -> dict[str, Any] | None:
        """The first cell that holds the amount, in its own scale or as printed, and can be named by row and column."""
        for table in self.document.tables:
            for number, column in enumerate(table.columns):
                for row, found in enumerate(column.amounts):
                    if found == amount and table.value(self.document, row, number, "~0"):
                        return {"table": f"d1.{table.table_id}", "row": f"row {row + 1}", "column": column.key}
        return None

    def _quoted(self, printed: str, amount: Decimal) -> dict[str, Any] | None:
        """A sentence that prints the figure, with or without a percent sign and separators."""
        bare = printed.rstrip("%")
        for passage in self.document.passages:
            for found in _NUMBER.finditer(passage.text):
                if (
                    found[0].replace(",", "").rstrip("%.") == bare
                    and not passage.text[found.start() - 1 : found.start()].isdigit()
                ):
                    figure = found[0].rstrip(".,")
                    percent = printed.endswith("%") and not figure.endswith("%")
                    if not percent and _amount(figure) == amount:
                        return {
                            "document": "d1",
                            "sentence": passage.text[max(found.start() - 200, 0) : found.end() + 200],
                            "figure": figure,
                            "unit": "ratio" if figure.endswith("%") else "count",
                        }
        return None

    def row(self, label: str) -> str:
        """The name of an operand for a whole row."""
        name = f"n{len(self.operands)}"
        table, row = self._row(label)
        self.kinds["row"] += 1
        self.operands.append({"name": name, "table": table, "row": f"row {row + 1}"})
        return name

    def _row(self, label: str) -> tuple[str, int]:
        wanted = _squeezed(label)
        for table in self.document.tables:
            for row in range(table.row_count):
                if _squeezed(table.row_label(row)) == wanted:
                    return f"d1.{table.table_id}", row
        raise LookupError(f"no row {label!r}")


def _amount(printed: str) -> Decimal:
    bare = Decimal(printed.replace(",", "").rstrip("%"))
    return bare / 100 if printed.endswith("%") else bare


def _squeezed(label: str) -> str:
    return re.sub(r"<[^>]*>|[\W_]+", "", label.casefold())


def translated(program: str, call: Call) -> list[str]:
    """A FinQA program as expressions of the tool, one a step; operands are added to the call."""
    lines: list[str] = []
    for name, inside in _steps(program):
        if name in _FOLDS:
            lines.append(f"{_FOLDS[name]}({call.row(inside.rpartition(',')[0].strip())})")
            continue
        one, other = (_argument(each.strip(), call) for each in inside.split(","))
        lines.append(f"{one} {_OPERATORS[name]} {other}")
    return lines


def _steps(program: str) -> Iterator[tuple[str, str]]:
    """`name(inside)` in order; labels of rows hold brackets, so only the outermost count."""
    at = 0
    while at < len(program):
        start = program.index("(", at)
        depth, end = 1, start + 1
        while depth:
            depth += {"(": 1, ")": -1}.get(program[end], 0)
            end += 1
        yield program[at:start].strip(" ,"), program[start + 1 : end - 1]
        at = end
        if not program[at:].strip(" ,"):
            return


def _argument(written: str, call: Call) -> str:
    if written.startswith("#"):
        return f"step{written[1:]}"
    if written in _CONSTANTS:
        return _CONSTANTS[written]
    if written.startswith("const_"):
        return written.removeprefix("const_")
    return call.operand(written)


def run(expressions: Sequence[str], call: Call) -> Value | str:
    """The last result of the expressions through the tool: a value, or `yes` or `no`."""
    steps = [
        {"name": f"Step {number}", "expression": text, "symbol": f"step{number}"}
        for number, text in enumerate(expressions)
    ]
    for step in steps:
        if ">" in step["expression"]:
            del step["symbol"]
    tool = TOOLS["calculate"]
    arguments = tool.args.model_validate({"calculations": steps, "operands": call.operands})
    table = tool.run(Room.of(call.document), arguments)[0]
    assert isinstance(table, ResultTable)
    last = table.rows[-1]
    result = last[1] if last[1] is not None else last[2]
    assert isinstance(result, Value | str)
    return result


def plain_page(item: Item) -> Document:
    """The item's page with every figure in its own terms: a program's numbers have neither unit nor scale."""
    document = page_of(item)
    for table in document.tables:
        for column in table.columns:
            powers = [column.scale_at(row) for row in range(table.row_count)]
            column.amounts = [
                None if amount is None else amount.scaleb(-power.power) if power else amount
                for amount, power in zip(column.amounts, powers, strict=False)
            ]
            column.unit, column.units, column.scale, column.scales = (
                "count" if column.kind == "number" else "",
                {},
                None,
                {},
            )
    return document


@dataclass(slots=True)
class Tally:
    """What became of the sums of one set."""

    right: int = 0
    total: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def programs() -> Tally:
    """All FinQA dev programs."""
    tally = Tally()
    raw = gzip.decompress((CORPUS / "finqa" / "finqa_dev_883.jsonl.gz").read_bytes()).decode().splitlines()
    written = {found["id"]: found["program"] for found in map(json.loads, raw)}
    for item in finqa():
        call = Call(plain_page(item))
        try:
            result = run(translated(written[item.name], call), call)
            fits = _five_places(result, item.gold)
            told = str(result.amount) if isinstance(result, Value) else result
        except (ToolError, LookupError) as refusal:
            fits, told = False, f"{type(refusal).__name__}: {refusal}"
        tally.total += 1
        tally.right += fits
        tally.kinds += call.kinds
        if not fits:
            tally.wrong.append(f"{item.name}: {written[item.name]} = {item.gold}, not {told}")
    return tally


def _five_places(result: Value | str, gold: Any) -> bool:
    if isinstance(result, str):
        return result == gold
    return abs(result.amount - Decimal(str(gold))) <= Decimal("0.00001")


def derivations() -> Tally:
    """All TAT-QA dev derivations that are arithmetic."""
    tally = Tally()
    raw = json.loads(gzip.decompress((CORPUS / "tatqa" / "tatqa_dev.json.gz").read_bytes()))
    written = {asked["uid"]: asked["derivation"] for page in raw for asked in page["questions"]}
    for item in tatqa():
        if item.kind != "arithmetic":
            continue
        call = Call(plain_page(item))
        try:
            result = run([_expression(written[item.name], call)], call)
            fits = isinstance(result, Value) and _own_places(result.amount, item)
            told = str(result.amount) if isinstance(result, Value) else result
        except (ToolError, LookupError) as refusal:
            fits, told = False, f"{type(refusal).__name__}: {refusal}"
        tally.total += 1
        tally.right += fits
        tally.kinds += call.kinds
        if not fits:
            tally.wrong.append(f"{item.question} {written[item.name]} = {item.gold} {item.scale}, not {told}")
    return tally


def _expression(derivation: str, call: Call) -> str:
    """A derivation as an expression: its numbers become operands, its brackets round."""
    text = (
        derivation.translate(str.maketrans("[]{}–−×÷", "()()--*/")).replace("$", "").replace("£", "").replace("€", "")
    )
    text = re.sub(r"\(\s*([\d,.]+)\s*\)", r"(0 - \1)", text)  # a figure alone in brackets is negative, as printed
    text = re.sub(r"(?<=\d) million", " * 1000" if "thousand" in text else "", text)
    text = re.sub(r"(?<=\d) (?:thousand|billion)", "", text)
    return _NUMBER.sub(lambda found: _operand(found[0], call), text.replace("- ", "-").replace("-", " - "))


def _operand(printed: str, call: Call) -> str:
    number = printed.rstrip(".,")
    return number if number in ("0", "1", "2", "3", "4", "5", "100", "1000") else call.operand(number.lstrip("-"))


def _own_places(amount: Decimal, item: Item) -> bool:
    gold = Decimal(str(item.gold).replace(",", ""))
    slack = Decimal("0.51") * Decimal(1).scaleb(min(int(gold.as_tuple().exponent), 0))
    return any(abs(gold - found) <= slack for found in (amount, amount * 100))


def main() -> int:
    """The command line above."""
    found = {"FinQA dev programs": programs(), "TAT-QA dev derivations": derivations()}
    print("| set | sums | right | operands: cells | rows | sentences | given |\n|---|---|---|---|---|---|---|")
    for name, tally in found.items():
        kinds = " | ".join(str(tally.kinds[kind]) for kind in ("cell", "row", "sentence", "given"))
        print(f"| {name} | {tally.total} | {tally.right} | {kinds} |")
    for tally in found.values():
        for line in tally.wrong[:20]:
            print(line)
    return int(any(tally.right < tally.total for tally in found.values()))


if __name__ == "__main__":
    sys.exit(main())
