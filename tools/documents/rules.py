"""How the bare numbers of a column or line are read: their unit, the power of ten they are printed in, and who said so.

The nearest word wins: the cell (`12.3%`, `1.2m`), then the line or the unit column beside it, then the column's heading,
then the title. A currency that is stated once holds for columns that are named like money (`Cost`), not for counts
(`Quantity`); a scale never holds for prices and counts unless their own heading states one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tools.documents.currencies import settle
from tools.documents.document import Column
from tools.documents.headings import Frame, Heading
from tools.documents.measures import Measure, read_measure
from tools.documents.numbers import shifted
from tools.documents.stored import Printed
from tools.values import Scale

_COUNTED = re.compile(
    r"\b(?:quantity|qty|units?|volume|counts?|number|headcount|shares|days|hours|minutes|weight|kg|km|rating|score|age|"
    r"rank|index|latitude|longitude|lat|lon|items|orders|customers|employees|visits|clicks|stratification|rate|x|y)\b",
    re.I,
)
_MONEY = re.compile(
    r"\b(?:revenues?|sales|turnover|amounts?|prices?|costs?|sub-?totals?|totals?|net|gross|incomes?|profits?|tax|vat|fees?|"
    r"values?|balances?|debits?|credits?|payments?|paid|spend|budget|actual|forecast|ebitda?|cogs|expenses?|salary|salaries|"
    r"wages?|discounts?|commission|open|high|low|close|betrag|umsatz|preis|kosten|erl[öo]se?|summe|montant|prix|importe)\b",
    re.I,
)
_PRICED = re.compile(r"\b(?:prices?|rate|preis|prix|per unit|each)\b", re.I)
_UNIT_COLUMN = re.compile(
    r"^(?:currency|ccy|curr|currency code|iso|units?|uom|unit of measure|measure|w[äa]hrung|devise|einheit)$", re.I
)


def is_count_word(label: str) -> bool:
    """Whether a heading names a count (`Quantity`, `Rating`), which no currency or scale said elsewhere touches."""
    return bool(_COUNTED.search(label))


def is_money_word(label: str) -> bool:
    """Whether a heading names money (`Revenue`, `Unit price`, `Total`) rather than a count."""
    return bool(_MONEY.search(label)) and not _COUNTED.search(label)


@dataclass(frozen=True, slots=True)
class Rule:
    """The unit of bare numbers and the scale they are printed in."""

    unit: str
    scale: Scale | None = None

    def apply(self, number: Printed) -> tuple[Decimal, str, Scale | None]:
        """A printed number as (amount in base units, unit, scale). What the cell itself says wins."""
        if number.unit in ("ratio", "multiple"):
            return number.amount, number.unit, None
        unit = self.unit
        if number.unit:
            currency, slash, per = unit.partition("/")
            unit = settle(number.unit, currency) + slash + per
        if number.power:
            return number.amount, unit, Scale(number.power, "cell")
        return shifted(number.amount, self.scale.power if self.scale else 0), unit, self.scale


def scaled(unit: str, power: int | None, source: str) -> Rule:
    return Rule(unit, Scale(power, source) if power else None)


def measure_unit(measure: Measure, currency: str) -> str:
    """The unit a measure stands for, with `currency` where it names none itself; `` for a plain number."""
    if measure.kind == "per_share":
        return f"{measure.currency or currency or 'XXX'}/share"
    if measure.kind in ("", "soft_ratio"):
        return measure.currency or currency
    return measure.kind


def column_rule(heading: Heading, numbers: Sequence[Printed], frame: Frame) -> Rule:
    """The rule of a column of records, from its cells, its heading, then its surroundings."""
    measure, caption = heading.measure, frame.caption
    shown = usual_unit(numbers)
    if shown in ("ratio", "multiple"):
        return Rule(shown)
    currency = settle(shown, measure.currency or caption.currency) if shown else measure.currency
    if measure.kind == "soft_ratio" and not currency and are_fractions(numbers):
        return Rule("ratio")
    if measure.kind and measure.kind != "soft_ratio":
        return scaled(measure_unit(measure, currency or caption.currency), measure.power, "column")
    counted = not currency and (bool(_COUNTED.search(heading.label)) or (heading.generated and not frame.source))
    if not counted and not currency and (frame.source or is_money_word(heading.label)):
        currency = caption.currency
    if counted or measure.power is not None or _PRICED.search(heading.label):
        return scaled(currency or "count", measure.power, "column")
    return scaled(currency or "count", caption.power, frame.source)


def usual_unit(numbers: Sequence[Printed]) -> str:
    """The unit most cells show that show one; a ratio only when it holds for half of all."""
    units = Counter(number.unit for number in numbers if number.unit)
    if not units:
        return ""
    unit, often = units.most_common(1)[0]
    if unit in ("ratio", "multiple") and 2 * often < len(numbers):
        return next((other for other in units if other not in ("ratio", "multiple")), "")
    return unit


def are_fractions(numbers: Sequence[Printed]) -> bool:
    """Whether numbers look like ratios written as fractions: none above 1.5, not all whole."""
    sizes = [abs(number.amount) for number in numbers]
    return all(size <= Decimal("1.5") for size in sizes) and any(size != size.to_integral_value() for size in sizes)


def fill(column: Column, read: Mapping[str, Printed | None], rule: Rule) -> None:
    """Gives a column its amounts in base units, and the rows whose unit or scale differ from its own."""
    column.kind, column.unit, column.scale = "number", rule.unit, rule.scale
    power = rule.scale.power if rule.scale else 0
    amounts: dict[str, Decimal | None] = {}
    odd: dict[str, tuple[str, Scale | None]] = {}
    for text, number in read.items():
        if number is None or not (number.unit or number.power):
            amounts[text] = shifted(number.amount, power) if number else None
        else:
            amounts[text], unit, scale = rule.apply(number)
            if unit != rule.unit or scale != rule.scale:
                odd[text] = unit, scale
    column.amounts = [amounts[text] for text in column.texts]
    if odd:
        for row, text in enumerate(column.texts):
            if text in odd:
                override(column, row, *odd[text])


def override(column: Column, row: int, unit: str, scale: Scale | None) -> None:
    """Notes what is particular to a row, and nothing where the column's own unit and scale hold."""
    if unit != column.unit:
        column.units[row] = unit
    if scale != column.scale:
        column.scales[row] = scale


def is_unit_column(heading: Heading, sample: Sequence[str]) -> bool:
    """Whether a column says, row by row, in what the numbers beside it are counted."""
    if not sample or not _UNIT_COLUMN.match(heading.label):
        return False
    return 2 * sum(1 for text in sample if not unit_measure(text).says_nothing) >= len(sample)


def unit_measure(text: str) -> Measure:
    """What a cell of a unit column says: `GBP`, `usd`, `£m`, `%`, `shares`, `USD per shares`, `pence`."""
    words = " ".join(text[:40].split())
    found = read_measure(words)
    if found.says_nothing and words.lower() in ("k", "m", "b", "tn"):
        return read_measure(f"({words})")
    if found.says_nothing:
        return read_measure(re.sub(r"\b[a-z]{3}\b", lambda code: code[0].upper(), words))
    return found


def apply_unit_column(column: Column, units: Sequence[str], read: Mapping[str, Printed | None]) -> None:
    """Lets a unit column rule a column of plain numbers row by row; the commonest unit becomes the column's."""
    measures = {text: unit_measure(text) for text in dict.fromkeys(units)}
    rules = {
        text: scaled(measure_unit(measure, "") or "count", measure.power, "unit column")
        for text, measure in measures.items()
    }
    used = Counter(text for text, amount in zip(units, column.amounts, strict=True) if amount is not None)
    usual = rules[used.most_common(1)[0][0]]
    column.unit, column.scale = usual.unit, usual.scale
    column.units, column.scales = {}, {}
    for row, text in enumerate(units):
        number = read[column.texts[row]]
        if number:
            column.amounts[row], unit, scale = rules[text].apply(number)
            override(column, row, unit, scale)
