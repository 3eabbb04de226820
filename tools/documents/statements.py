"""Tables whose rows are lines and whose columns are periods: an income statement, a budget, a model.

Here the unit belongs to the row. `Revenue` is in the title's thousands of pounds; `Gross margin (%)`, `Earnings per share
(pence)`, `Average headcount` and `Debtor days` stand in the same columns and are none of that. So each line gets a rule
of its own from its label, from the heading it stands under (`Weighted average shares (thousands)` over `Basic` and
`Diluted`) or from a unit column, and the column's unit and scale are those of the ordinary lines.

Words such as *margin* or *rate* mean a ratio or an amount; the numbers decide: next to thousands, 41.2 is a percentage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import median

from tools.documents.columns import Cells, evidence_of, holds_numbers, is_identifier, note_unread, read_numbers
from tools.documents.document import Column
from tools.documents.headings import CARRIED, COMPARISON, Frame, Heading
from tools.documents.measures import Measure, is_caption, read_measure, without_units
from tools.documents.numbers import is_blank
from tools.documents.rules import (
    Rule,
    are_fractions,
    is_unit_column,
    measure_unit,
    override,
    scaled,
    unit_measure,
    usual_unit,
)
from tools.documents.stored import Printed
from tools.documents.unsigned import settle_unsigned
from tools.units import is_money

_NOTES = re.compile(r"^(?:notes?|ref(?:erence)?s?|code|no\.?|#|page|anm\.?|anhang)$", re.I)
_SCENARIO = re.compile(
    r"(?>\b(?:actuals?|budget(?:ed)?|forecast|plan(?:ned)?|re-?stated[0-9]?|reported|audited|unaudited|estimated?|group|company|"
    r"pro[- ]?forma|parent|consolidated|adjusted|statutory|underlying|total|continuing|discontinued|ist|soll|gbp|usd|eur|chf|"
    r"jpy|cad|aud|in|of|000s?|m|mn|millions?|thousands?|bn|and|the|for|as|at|on|ended|years?|fiscal|periods?|[0-9]{2} weeks|"
    r"notes?|see|[0-9]{1,2})\b|\W)*+",
    re.I,
)
_CHILD = re.compile(
    r"^\W*(?:basic|diluted|adjusted|continuing|discontinued|underlying|headline|interim|final|ordinary|special|total)\b",
    re.I,
)
_INHERITED_BY_CHILDREN = ("per_share", "shares", "count", "days", "multiple")
_PRICE = re.compile(r"(?<![0-9,.])[0-9]{1,3}\.[0-9]{2,4}(?![0-9])")
_LINE_WORDS = re.compile(
    r"\b(?:revenue|sales|turnover|cost of|gross profit|operating|ebitda?|profit|loss|tax|assets|liabilities|equity|cash|"
    r"expenses?|costs|interest|depreciation|dividends?|income|margin)\b",
    re.I,
)
_MAX_LINES_OF_A_GRID = 500
_MARGIN = Measure(kind="ratio")
_MOST_CHANGE = 10_000  # percent
_MARGINS = re.compile(r"\bmargin (?:ratios?|percentages?)\s*:?\s*$", re.I)  # over lines that are called like segments


@dataclass(frozen=True, slots=True)
class Lines:
    """A table read as lines: which column labels them, which hold numbers, which say the unit, and is it by period."""

    label: int
    numeric: tuple[int, ...]
    units: int | None
    by_period: bool
    lined: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one line, and where."""

    measure: Measure = field(default_factory=Measure)
    source: str = ""


def find_lines(
    headings: Sequence[Heading], columns: Sequence[Cells], stored: bool = False, lined: bool = False
) -> Lines | None:
    """Recognises a table of lines, or None for a table of records. Needs a printed header, or to know that it is `lined`."""
    first = 1 if lined else 0
    numeric = [c for c in range(first, len(columns)) if _holds_numbers(headings[c], columns[c], stored)]
    periods = [c for c in numeric if headings[c].period]
    words = [c for c in range(len(columns)) if c not in numeric]
    if not numeric or not words:
        return None
    label = 0 if lined else max(words, key=lambda column: (_wordiness(columns[column]), -column))
    if not lined and not _wordiness(columns[label]):
        return None
    units = next((c for c in words if c != label and is_unit_column(headings[c], columns[c].sample)), None)
    others = [c for c in numeric if not headings[c].period and not _is_change(headings[c])]
    by_period = len(periods) > len(others) and _one_measure([headings[c] for c in periods])
    if by_period or lined or _is_grid_of_lines(columns, label, numeric, headings):
        return Lines(label, tuple(numeric), units, by_period, lined)
    return None


def _holds_numbers(heading: Heading, cells: Cells, stored: bool) -> bool:
    sample = cells.sample[:200]
    if not sample or _NOTES.match(heading.label) or is_identifier(heading, cells):
        return False
    fits = holds_numbers(cells, stored)
    return fits > 0 if heading.period else 2 * fits >= len(sample)


def names_account(label: str) -> bool:
    """Whether a line is called like a line of accounts (`Cost of sales`, `Total assets`)."""
    return bool(_LINE_WORDS.search(label))


def _wordiness(cells: Cells) -> int:
    return sum(1 for text in cells.distinct if any(map(str.isalpha, text[:80])))


def _is_change(heading: Heading) -> bool:
    """Whether a column compares periods, or has no name at all, and so does not speak against a statement."""
    return (
        heading.generated or bool(COMPARISON.search(heading.label)) or heading.measure.kind in ("ratio", "soft_ratio")
    )


def _one_measure(headings: Sequence[Heading]) -> bool:
    """Whether the period columns all show the same thing: `Sales 2023, Cost 2023` are two and make a table of records."""
    words = {"" if is_caption(heading.words) else heading.words.casefold() for heading in headings}
    return len(words) == 1 or all(_SCENARIO.fullmatch(word) for word in words)


def _is_grid_of_lines(
    columns: Sequence[Cells], label: int, numeric: Sequence[int], headings: Sequence[Heading]
) -> bool:
    """Lines over columns that are no periods (`Actual`, `Budget`): told by the words of an account in the first column."""
    texts = columns[label].texts
    if label != 0 or len(texts) > _MAX_LINES_OF_A_GRID or len(numeric) + 1 < len(columns):
        return False
    if not headings[0].generated and without_units(headings[0].label) != headings[0].label:
        return True  # a title that ends in its units stands over the lines of a filed report
    lines = [text for text in columns[label].distinct if _LINE_WORDS.search(text)]
    return (
        len(lines) >= 2
        and 3 * len(lines) >= len(columns[label].distinct)
        and len(columns[label].distinct) > 0.8 * len(texts)
    )


def statement_columns(
    headings: Sequence[Heading], columns: Sequence[Cells], lines: Lines, gaps: Sequence[bool], frame: Frame
) -> list[Column]:
    """Typed columns in file order. `gaps[r]`: a blank line stood above row r, which ends a section."""
    mark = evidence_of([columns[c] for c in lines.numeric]).decimal(frame.decimal)
    read = {c: read_numbers(columns[c], mark, frame.stored) for c in lines.numeric}
    printed = {c: [read[c][text] for text in columns[c].texts] for c in lines.numeric}
    corner = headings[lines.label].measure if headings[lines.label].measure.kind else Measure()
    said = _line_measures(columns, lines, printed, gaps, corner, frame)
    shown = usual_unit([number for cells in printed.values() for number in cells if number and number.unit != "ratio"])
    currency = frame.caption.currency or shown
    made: list[Column] = []
    for index, (heading, cells) in enumerate(zip(headings, columns, strict=True)):
        column = Column(f"c{index}", heading.label, "text", cells.texts)
        if index in printed:
            missed = [text for text in cells.printed if read[index][text] is None]
            note_unread(frame, heading, cells, missed, "numbers")
            column.period = heading.period
            _fill_lines(column, printed[index], _rules(heading, printed[index], said, currency, frame))
        made.append(column)
    return made


def _line_measures(
    columns: Sequence[Cells],
    lines: Lines,
    printed: dict[int, list[Printed | None]],
    gaps: Sequence[bool],
    corner: Measure,
    frame: Frame,
) -> list[Said]:
    """What is said of each line by its unit cell, its label and its section, with *margin* and *rate* settled.

    `corner` is what the header says over the labels (`Per share data (pence)`): the section the table opens with.
    """
    texts = columns[lines.label].texts
    units = columns[lines.units].texts if lines.units is not None else [""] * len(texts)
    headings = [all(is_blank(columns[c].texts[row]) for c in lines.numeric) for row in range(len(texts))]
    dashed = [row for row, blank in enumerate(headings) if blank and any(columns[c].texts[row] for c in lines.numeric)]
    section, lined = corner, lines.lined
    said: list[Said] = []
    for row, text in enumerate(texts):
        own = read_measure(text)
        if headings[row]:
            section = own if text.strip() and not (lined and row in dashed) else section
            section = _MARGIN if _MARGINS.search(text) else section
        elif gaps[row] and not headings[row - 1]:
            section = Measure()
        if section.kind in ("shares", "count") and _shows_money(printed, row):
            section = Measure()
        under = lined and (
            section.kind in ("shares", "count") or (section.kind == "per_share" and _is_priced(columns, lines, row))
        )
        belongs = section is corner or bool(_CHILD.match(text)) or under
        measure = own if headings[row] else _inherited(section, own, belongs)
        if section is _MARGIN and not headings[row]:
            measure = _as_margin(printed, row)
        by_unit = unit_measure(units[row]) if units[row].strip() else Measure()
        said.append(
            Said(measure, "row label") if by_unit.says_nothing else Said(_merged(by_unit, measure), "unit column")
        )
    settled = settle_unsigned([line.measure for line in said], texts, printed, frame, lines.by_period)
    said = [replace(line, measure=measure) for line, measure in zip(said, settled, strict=True)]
    return _settle_soft(said, printed)


def _as_margin(printed: dict[int, list[Printed | None]], row: int) -> Measure:
    """A line under `Pre-tax margin ratio:`: a percentage, unless fractions are printed."""
    numbers = [number for cells in printed.values() if (number := cells[row]) and _is_plain(number)]
    return Measure(kind="ratio", power=0 if numbers and are_fractions(numbers) else -2)


def _is_priced(columns: Sequence[Cells], lines: Lines, row: int) -> bool:
    """Whether all figures of a line are printed like prices: `5.06` among amounts in millions."""
    texts = [text for c in lines.numeric if not is_blank(text := columns[c].texts[row])]
    return bool(texts) and all(_PRICE.search(text) for text in texts)


def _shows_money(printed: dict[int, list[Printed | None]], row: int) -> bool:
    return any((number := cells[row]) and is_money(number.unit) for cells in printed.values())


def _inherited(section: Measure, own: Measure, belongs: bool) -> Measure:
    """A line under a heading: what the heading says, where the line itself says nothing or only that it is of that kind."""
    if own.says_nothing:
        return section if belongs or section.kind not in _INHERITED_BY_CHILDREN else own
    return section if own == Measure(kind=section.kind) else own


def _merged(first: Measure, second: Measure) -> Measure:
    """The unit cell's word before the label's."""
    if first.says_nothing:
        return second
    kind = second.kind if second.kind == "per_share" and not first.kind else first.kind
    return replace(first, kind=kind)


def _settle_soft(said: list[Said], printed: dict[int, list[Printed | None]]) -> list[Said]:
    """Decides by the numbers whether a *margin* or *rate* is a ratio: a fraction, a percentage, or an amount after all."""
    ordinary = [row for row, line in enumerate(said) if not line.measure.kind]
    sizes = [abs(n.amount) for cells in printed.values() for row in ordinary if (n := cells[row]) and _is_plain(n)]
    typical = median(sizes) if sizes else Decimal(0)
    settled: list[Said] = []
    for row, line in enumerate(said):
        if line.measure.kind == "soft_ratio":
            numbers = [number for cells in printed.values() if (number := cells[row]) and _is_plain(number)]
            line = Said(_soft(line.measure, numbers, typical), line.source)
        settled.append(line)
    return settled


def _is_plain(number: Printed) -> bool:
    return not number.unit and bool(number.amount)


def _soft(measure: Measure, numbers: Sequence[Printed], typical: Decimal) -> Measure:
    if numbers and are_fractions(numbers):
        return replace(measure, kind="ratio", power=0)
    if numbers and all(abs(number.amount) <= 100 for number in numbers) and typical >= 1000:
        return replace(measure, kind="ratio", power=-2)
    return replace(measure, kind="")


def _rules(
    heading: Heading, numbers: Sequence[Printed | None], said: Sequence[Said], currency: str, frame: Frame
) -> list[Rule]:
    """One rule per line for a column, the ordinary line's rule last."""
    own = heading.measure
    most = _MOST_CHANGE if COMPARISON.search(heading.label) else 100
    rule = _column_rule(own, numbers, said, currency, frame, most)
    if rule is not None:
        return [rule] * (len(said) + 1)
    cache: dict[Said, Rule] = {}
    return [cache.setdefault(line, _line_rule(line, own, currency, frame)) for line in (*said, Said())]


def _column_rule(
    own: Measure, numbers: Sequence[Printed | None], said: Sequence[Said], currency: str, frame: Frame, most: int
) -> Rule | None:
    """The rule of a column that is one thing for all lines: a column of changes in percent, of shares, of prices."""
    if own.kind and own.kind != "soft_ratio":
        shown = usual_unit([number for number in numbers if number])
        if shown == "ratio":
            bare = [number for number in numbers if number and not number.unit]
            return scaled("ratio", -2, "column") if bare and not are_fractions(bare) else Rule("ratio")
        if own.kind == "shares" and own.power is None and frame.source != CARRIED and _scales_shares(own, frame):
            return scaled("shares", frame.caption.power, frame.source)
        return scaled(measure_unit(own, currency), own.power, "column")
    return scaled("ratio", -2, "column") if _is_in_percent(numbers, said, most) else None


def _is_in_percent(numbers: Sequence[Printed | None], said: Sequence[Said], most: int) -> bool:
    """Whether a column prints `%` at its first figure, as others print `$`, and means it for all below that show nothing.

    A share is at most 100, a change may be more.
    """
    figures = [
        number for number, line in zip(numbers, said, strict=True) if number and line.measure.kind in ("", "soft_ratio")
    ]
    if len(figures) < 2 or figures[0].unit != "ratio" or len(figures) < len([number for number in numbers if number]):
        return False
    bare = [number for number in figures if not number.unit]
    return all(not number.power and abs(number.amount) <= most for number in bare) and all(
        number.unit in ("", "ratio") for number in figures
    )


def _line_rule(line: Said, column: Measure, currency: str, frame: Frame) -> Rule:
    measure = line.measure
    if measure.says_nothing and column.says_nothing and frame.caption.kind == "shares" and not currency:
        return scaled("shares", frame.caption.shares_power, "table title")
    unit = measure_unit(measure, column.currency or currency) or "count"
    if measure.power is not None:
        return scaled(unit, measure.power, line.source)
    if measure.kind == "shares" and frame.caption.shares_power is not None:
        return scaled(unit, frame.caption.shares_power, frame.source)
    holds = not measure.kind or (measure.kind == "shares" and _scales_shares(column, frame))
    if not holds:
        return Rule(unit)
    if column.power is not None:
        return scaled(unit, column.power, "column")
    return scaled(unit, frame.caption.power, frame.source)


def _scales_shares(column: Measure, frame: Frame) -> bool:
    """`In millions, except per share data` holds for numbers of shares; `thousands of GBP` does not."""
    said = column if column.power is not None else frame.caption
    return said.power is not None and not said.of_money and not frame.caption.except_shares


def _fill_lines(column: Column, numbers: Sequence[Printed | None], rules: Sequence[Rule]) -> None:
    usual = rules[-1]
    column.kind, column.unit, column.scale = "number", usual.unit, usual.scale
    amounts: list[Decimal | None] = []
    for row, number in enumerate(numbers):
        if number is None:
            amounts.append(None)
            continue
        amount, unit, scale = rules[row].apply(number)
        amounts.append(amount)
        override(column, row, unit, scale)
    column.amounts = amounts
