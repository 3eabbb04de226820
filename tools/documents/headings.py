"""Header rows and titles: what they say about the columns under them.

A heading may be spread over rows (`Year ended 31 December` over `2024`, `£m` below it); the parts are joined to find
the period and the unit, but the label stays what the main row prints, as long as that tells the columns apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tools.documents.dates import MONTH_WORD, Order, decide_order, read_date
from tools.documents.layout import filled
from tools.documents.measures import Measure, is_caption, read_column_measure, read_measure, without_units
from tools.documents.periods import YearEnd, find_ended, find_period, find_year_end, read_period
from tools.values import Period

Row = Sequence[str]
MAX_LABEL = 300
CARRIED = "document title"  # the source of what an earlier table's titles said

_LENGTHS = re.compile(
    r"\b(fiscal years?|financial years?|years?|twelve months|(?:52|53|39|26|13) weeks|six months|nine months|three months|"
    r"quarters?|half[- ]years?)\s+(?:periods?\s+)?end(?:ed|ing)\b",
    re.I,
)
COMPARISON = re.compile(
    r"\b(?:change|variance|growth|yoy|qoq|cagr|versus|vs|increase|decrease|difference|delta)\b|^%|%$", re.I
)
_ENDED = re.compile(
    r"(?:\b[a-z]+\s+ended|\bas (?:of|at)|\bat)\s+(?:[a-z]+\.? [0-9]{1,2}|[0-9]{1,2} [a-z]+)\b(?=\W*$)", re.I
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LAST_BRACKET = re.compile(r"\(([^()]{4,200})\)\s*:?\s*$")
_SAYS_YEAR = re.compile(r"(?<![0-9])(?:(?:19|20)[0-9]{2}|FY ?[0-9]{2})(?![0-9])")


@dataclass(slots=True)
class Heading:
    """One column's heading. `words`: what is left of it beside the period; `generated`: the file prints no label here."""

    label: str
    measure: Measure = field(default_factory=Measure)
    period: Period | None = None
    words: str = ""
    generated: bool = False


@dataclass(slots=True)
class Frame:
    """What a table's surroundings say. `caption` holds for all its numbers unless a column or line says otherwise, and
    `source` is where it was said; `decimal` and `order` are what to assume where a column leaves it open, and `proven` is
    the decimal mark that an earlier table left no doubt about. `stored`: the file tells numbers from words by itself.
    """

    caption: Measure = field(default_factory=Measure)
    source: str = ""
    year_end: YearEnd | None = None
    decimal: str = "."
    proven: str = ""
    order: Order = "dmy"
    length: str = ""
    notes: list[str] = field(default_factory=list)
    stored: bool = False
    days: Mapping[int, date] = field(default_factory=dict)  # the day each year ends on, where a title lists these
    ended: YearEnd | None = None  # the day that each period under these titles ends on, where they are no years


def read_frame(titles: Sequence[str], before: Frame) -> Frame:
    """The frame of a table under its titles. What they leave unsaid holds on from the tables before."""
    frame = replace(
        before,
        caption=replace(before.caption, kind=""),
        notes=[],
        length="",
        ended=None,
        source=CARRIED if before.source else "",
    )
    frame.days = _days_listed(titles)
    excepts = False  # what an earlier table said of shares does not hold under a scale that this one states for itself
    for title in titles:
        measure = _caption_measure(title)
        states_scale = measure.power is not None and (
            bool(measure.currency) or is_caption(title) or "in " in title.lower()
        )
        excepts = excepts or measure.except_shares
        if not measure.kind and (states_scale or (measure.currency and is_caption(title))):
            frame.caption = Measure(
                measure.currency or frame.caption.currency,
                measure.power,
                "",
                excepts if measure.power is not None else excepts or frame.caption.except_shares,
                frame.caption.shares_power if measure.shares_power is None else measure.shares_power,
                measure.of_money,
            )
            frame.source = "table title"
        elif (
            measure.shares_power is not None and measure.power is None and not measure.currency
        ):  # `(shares in millions)`
            frame.caption, frame.source = Measure(kind="shares", shares_power=measure.shares_power), ""
        elif measure.currency and not frame.caption.currency:
            frame.caption = replace(frame.caption, currency=measure.currency)
        frame.year_end = find_year_end(title) or frame.year_end
        said = _LENGTHS.search(title)
        frame.length = _one_of(said[1].lower()) if said else frame.length
        frame.ended = find_ended(title) or frame.ended
    return frame


def _one_of(lengths: str) -> str:
    """One period of those a title names: a `year` of `years`, but `three months` as they are."""
    return lengths if lengths.endswith(("months", "weeks")) else lengths.removesuffix("s")


_LISTED = re.compile(
    rf"\b(?:{MONTH_WORD})\.? [0-9]{{1,2}},? (?:19|20)[0-9]{{2}}\b|\b[0-9]{{1,2}} (?:{MONTH_WORD})\.?,? (?:19|20)[0-9]{{2}}\b",
    re.I,
)


def _days_listed(titles: Sequence[str]) -> dict[int, date]:
    """The days of `Fiscal years ended December 31, 2022, December 25, 2021 and December 26, 2020` by their years.

    Nothing where one day stands alone, or two days are of one year.
    """
    days = [day for title in titles for found in _LISTED.finditer(title[:400]) if (day := read_date(found[0]))]
    listed = {day.year: day for day in dict.fromkeys(days)}
    return listed if len(listed) > 1 and len(listed) == len(set(days)) else {}


def following(frame: Frame) -> Frame:
    """What holds on in tables that stand on their own, as in a long document: all but the scale and the currency."""
    return replace(frame, caption=Measure(), source="")


def _caption_measure(title: str) -> Measure:
    """What a title says of all numbers under it: what its last bracket says of a scale, or else the whole of it."""
    bracket = _LAST_BRACKET.search(title)
    if bracket:
        measure = read_measure(bracket[1])
        if measure.power is not None and not measure.kind:
            return measure
    return read_measure(title)


def read_corner(heading: Heading, frame: Frame) -> None:
    """What the header says over the row labels holds for the whole table: `£m`, `(in millions)`."""
    measure, caption = heading.measure, frame.caption
    noted = _caption_measure(heading.label) if measure.power is None and "(" in heading.label else Measure()
    if noted.power is not None and not noted.kind:  # `Year ended December 31 (Millions, except per share amounts)`
        frame.caption = replace(noted, currency=noted.currency or caption.currency)
        frame.source = "table header"
    elif not measure.kind and (measure.power is not None or is_caption(heading.label)):
        frame.caption = replace(measure, currency=measure.currency or caption.currency)
        frame.source = "table header"
    elif measure.shares_power is not None or (measure.currency and without_units(heading.label) != heading.label):
        said = caption.shares_power if measure.shares_power is None else measure.shares_power
        frame.caption = replace(caption, currency=measure.currency or caption.currency, shares_power=said)
        frame.source = frame.source or "table header"


def read_headings(
    header: Sequence[Row], width: int, frame: Frame, spans: Sequence[Mapping[int, int]] | None = None
) -> list[Heading]:
    """One heading per column; columns without a printed label get one (`Line item` for the first, else `Column 3`).

    `spans`: for each header row, how many columns a merged cell covers, where the file says so.
    """
    if not header:
        return [Heading(f"Column {column + 1}", generated=True) for column in range(width)]
    main = max(range(len(header)), key=lambda index: filled(header[index]))
    parts = [
        _merged_over(row, width, spans[index]) if spans else _spread(row, width, fill=index != main)
        for index, row in enumerate(header)
    ]
    units = [index for index, row in enumerate(header) if all(is_caption(cell) for cell in row if cell.strip())]
    wrapped = [i for i, row in enumerate(header) if i == main or (i not in units and _is_wrapped(row, header[main]))]
    worded = [_joined(parts, column, [i for i in range(len(parts)) if i not in units]) for column in range(width)]
    order = decide_order(
        [cell for row in parts for cell in row if read_date(cell) or read_date(cell, "mdy")], frame.order
    )
    ended = _ENDED.search(worded[0])
    frame.year_end = frame.year_end or find_year_end(worded[0])
    headings = [
        Heading(_joined(parts, column, wrapped), read_column_measure(_joined(parts, column, range(len(parts)))))
        for column in range(width)
    ]
    if any(_YEAR.fullmatch(heading.label) and int(heading.label) not in frame.days for heading in headings):
        frame.days = {}  # days of two years do not date three: `assets as of` them, beside three years of sales
    for column, heading in enumerate(headings):
        said = (
            f"{ended[0]} {worded[column]}" if ended and column and _YEAR.fullmatch(worded[column]) else worded[column]
        )
        _find_period(heading, said, parts[main][column], frame, order.order)
    _drop_comparisons(headings)
    for heading, said in zip(headings, worded, strict=True):
        if heading.period and heading.period.end and not _SAYS_YEAR.search(heading.label) and _SAYS_YEAR.search(said):
            heading.label = said[:MAX_LABEL]  # `August 29,` over `2021`
    _tell_apart(headings, [_joined(parts, column, range(len(parts))) for column in range(width)])
    return headings


def _joined(parts: Sequence[Sequence[str]], column: int, rows: Iterable[int]) -> str:
    return " ".join(dict.fromkeys(parts[row][column] for row in rows if parts[row][column]))


def _is_wrapped(row: Row, main: Row) -> bool:
    """Whether a header row is the other half of the main one (`Amortised` over `Cost`) and no heading over a group."""
    return 2 * filled(row[1:]) > filled(main[1:]) and not all(find_period(cell) for cell in row[1:] if cell.strip())


def _spread(row: Row, width: int, fill: bool) -> list[str]:
    """The cells of a header row, cleaned. A group heading holds for the empty cells to its right, a lone one for all."""
    cells = [" ".join(row[column][:MAX_LABEL].split()) if column < len(row) else "" for column in range(width)]
    said = [cell for cell in cells[1:] if cell]
    if not fill or cells[0] or not said:
        return cells
    if len(said) == 1:
        return ["", *said * (width - 1)]
    for column in range(1, width):
        cells[column] = cells[column] or (cells[column - 1] if column > 1 else "")
    return cells


def _merged_over(row: Row, width: int, spans: Mapping[int, int]) -> list[str]:
    """The cells of a header row in a file that says over which columns each of them stands."""
    cells = [" ".join(row[column][:MAX_LABEL].split()) if column < len(row) else "" for column in range(width)]
    for column, count in spans.items():
        for other in range(column + 1, min(column + count, width)):
            cells[other] = cells[other] or cells[column]
    return cells


def _find_period(heading: Heading, said: str, main: str, frame: Frame, order: Order) -> None:
    found = find_period(said, frame.year_end, order) or find_period(main, frame.year_end, order)
    period, heading.words = found or (None, main)
    if period is not None:
        heading.period = _placed(period, frame)


def _placed(period: Period, frame: Frame) -> Period:
    """A period of a heading as the titles place it: they say how long it is, on which days it ends, when years end."""
    if _YEAR.fullmatch(period.label):
        return _year_placed(period, frame)
    if period.kind == "instant" and frame.length and period.end:
        return read_period(f"{frame.length} ended {period.end.isoformat()}", frame.year_end) or period
    return period


def _year_placed(period: Period, frame: Frame) -> Period:
    """What a bare year means: the part of it that the title names, up to the day it names, or a fiscal year."""
    if frame.ended and frame.length:  # `2024` under `Three months ended June 30,`
        month, last = frame.ended
        part = read_period(f"{frame.length} ended {period.label}-{month:02}-{last:02}")
        if part is not None:
            return part
    if frame.year_end:  # `2024` in statements for years that end in March
        fiscal = read_period(f"FY{period.label}", frame.year_end)
        period = replace(period, start=fiscal.start, end=fiscal.end) if fiscal else period
    day = frame.days.get(period.end.year) if period.end else None
    if day is None:
        return period
    made = read_period(f"{frame.length} ended {day.isoformat()}") if frame.length else None
    return replace(made, label=period.label) if made else Period(period.label, "instant", None, day)


def _drop_comparisons(headings: Sequence[Heading]) -> None:
    """A column of changes beside columns of amounts belongs to no period; where all are changes, each has its own."""
    compared = [bool(heading.period and COMPARISON.search(heading.words)) for heading in headings]
    if any(heading.period and not change for heading, change in zip(headings, compared, strict=True)):
        for heading, change in zip(headings, compared, strict=True):
            heading.period = None if change else heading.period


def _tell_apart(headings: list[Heading], joined: Sequence[str]) -> None:
    """Labels are addresses: no two columns of a table share one, and none is empty."""
    counts = Counter(heading.label.casefold() for heading in headings)
    for heading, whole in zip(headings, joined, strict=True):
        if heading.label and counts[heading.label.casefold()] > 1:
            heading.label = whole[:MAX_LABEL]
    uses: Counter[str] = Counter()
    for column, heading in enumerate(headings):
        if not heading.label:
            heading.label, heading.generated = ("Line item" if column == 0 else f"Column {column + 1}"), True
        label = heading.label
        while uses[heading.label.casefold()]:
            uses[label.casefold()] += 1
            heading.label = f"{label} ({uses[label.casefold()]})"
        uses[heading.label.casefold()] += 1
