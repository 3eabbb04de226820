"""A column of texts to a typed column: dates, months, numbers with their unit and scale, or words.

The decision is made per column and by evidence: nine cells in ten must fit. A number that names something (an invoice, a
year, a telephone) stays text, because nobody wants its sum. Repeated texts share one string and one Decimal, which is
what keeps a ledger of 100,000 rows small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tools.documents.dates import decide_order, read_date
from tools.documents.document import Column
from tools.documents.headings import Frame, Heading
from tools.documents.numbers import Evidence, is_blank, read_number, weigh
from tools.documents.periods import read_period
from tools.documents.rules import apply_unit_column, column_rule, fill, is_count_word, is_money_word
from tools.documents.stored import Printed, Typed

SAMPLE = 400
WEIGHED = 2_000
_SHARE = 0.9
_SHARE_OF_NUMBERS = 0.8
_EXAMPLES = 3

_IDENTIFIER = re.compile(
    r"(?:^|[\s_.-])(?:id|ids|no\.?|nr\.?|num|number|#|code|ref|reference|phone|telephone|tel|mobile|fax|zip|postcode|"
    r"post(?:al)? code|plz|sku|ean|isin|upc|gtin|cusip|sedol|vat no|iban|account|acct|konto|index|cik|fips|naics|sic)\W*$"
    r"|^(?:#|invoice|order|customer|client|supplier|vendor|employee|ticket|transaction|store|branch|row|line|unnamed: ?[0-9]+)$",
    re.I,
)
_CALENDAR_PART = re.compile(
    r"(?:^|[\s_.-])(?:year|yr|fy|jahr|ann[ée]e|month|monat|quarter|qtr|week|weekday|period|season)$|^(?:year|fy|month)\b",
    re.I,
)
_DATED = re.compile(r"date|datum|day|\btag\b|fecha|\bdt\b|period", re.I)
_BEGINS_NUMBER = frozenset("0123456789+-−–($£€¥.")
_WHOLE = re.compile(r"[0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(slots=True)
class Cells:
    """One column's texts, what repeats stored once. `distinct` holds them in order of first appearance, `printed` those
    that say something, `sample` up to 400 of these, spread over the whole column, because files are often sorted.
    """

    texts: list[str]
    distinct: list[str]
    printed: list[str]
    sample: list[str]

    @staticmethod
    def of(texts: Iterable[str]) -> Cells:
        pool: dict[str, str] = {}
        shared = [pool.setdefault(text, text) for text in texts]
        distinct = list(pool)
        printed = [text for text in distinct if not is_blank(text)]
        return Cells(shared, distinct, printed, spread(printed, SAMPLE))


def spread(texts: list[str], most: int) -> list[str]:
    """At most `most` of the texts, at even steps."""
    return texts[:: (len(texts) - 1) // most + 1] if texts else texts


def evidence_of(columns: Sequence[Cells]) -> Evidence:
    """What all columns together say about the decimal mark."""
    total = Evidence()
    for cells in columns:
        total.add(weigh(spread(cells.printed, WEIGHED)))
    return total


def decimal_mark(cells: Cells, frame: Frame) -> str:
    return weigh(spread(cells.printed, WEIGHED)).decimal(frame.decimal)


def type_column(key: str, heading: Heading, cells: Cells, frame: Frame, units: Sequence[str] = ()) -> Column:
    """The typed column of a table of records. `units`: the cells of a currency column beside it, which rule row by row."""
    sample = cells.sample
    column = Column(key, heading.label, "text", cells.texts)
    if not sample:
        return column
    return (
        _date_column(column, cells, sample, frame, heading)
        or _month_column(column, cells, sample)
        or _number_column(column, cells, sample, frame, heading, units)
        or column
    )


def _share(sample: Sequence[str], fits: Iterable[object]) -> float:
    return sum(1 for fit in fits if fit) / len(sample)


def _date_column(column: Column, cells: Cells, sample: Sequence[str], frame: Frame, heading: Heading) -> Column | None:
    compact = bool(_DATED.search(heading.label))
    if _share(sample, ((read_date(t, "dmy", compact) or read_date(t, "mdy", compact)) for t in sample)) < _SHARE:
        return None
    decided = decide_order([text for text in cells.texts if text], frame.order)
    read: dict[str, date | None] = {text: read_date(text, decided.order, compact) for text in cells.distinct}
    missed = [text for text in cells.printed if read[text] is None]
    if len(missed) > (1 - _SHARE) * len(cells.printed):
        return None
    if decided.needed and not decided.sure:
        words = "day/month/year" if decided.order == "dmy" else "month/day/year"
        frame.notes.append(f"the dates in {heading.label!r} can be read two ways; they were taken as {words}")
    note_unread(frame, heading, cells, missed, "dates")
    column.kind, column.dates = "date", [read[text] for text in cells.texts]
    return column


def _month_column(column: Column, cells: Cells, sample: Sequence[str]) -> Column | None:
    """Months (`2024-03`, `Mar 2024`) are dates of their first day, so that they sort and group."""
    if not all((p := read_period(text)) and p.kind == "month" and p.start and not text.isdecimal() for text in sample):
        return None
    periods = {text: read_period(text) for text in cells.distinct}
    if not all((period := periods[text]) and period.kind == "month" for text in cells.printed):
        return None
    column.kind = "date"
    column.dates = [period.start if (period := periods[text]) else None for text in cells.texts]
    return column


def _number_column(
    column: Column, cells: Cells, sample: Sequence[str], frame: Frame, heading: Heading, units: Sequence[str]
) -> Column | None:
    if _share(sample, (read_number(t, ".") or read_number(t, ",") for t in sample)) < _SHARE_OF_NUMBERS / 2:
        return None
    if is_identifier(heading, cells):
        return None
    read = read_numbers(cells, decimal_mark(cells, frame), frame.stored)
    numbers = [number for number in read.values() if number]
    printed = cells.printed
    enough = 0.5 if is_money_word(heading.label) else _SHARE_OF_NUMBERS
    if not numbers or len(numbers) < enough * len(printed):
        return None
    note_unread(frame, heading, cells, [text for text in printed if read[text] is None], "numbers")
    rule = column_rule(heading, numbers, frame)
    fill(column, read, rule)
    if units and rule.scale is None and not heading.measure.kind and not is_count_word(heading.label):
        apply_unit_column(column, units, read)
    return column


def read_numbers(cells: Cells, mark: str, stored: bool = False) -> dict[str, Printed | None]:
    """Every distinct cell as a number under the column's decimal mark; None where it is blank or not understood.

    `stored`: the file tells numbers from words. Words that look like numbers (`10001` for a postcode, `2025` for a year)
    are then taken for what they are, unless most words of the column do: such a column was typed in as text.
    """
    read = {text: None if is_blank(text) else read_number(text, mark) for text in cells.distinct}
    if stored:
        words = [text for text in cells.printed if type(text) is not Typed]
        alike = [text for text in words if read[text] and not _YEAR.fullmatch(text)]
        if 2 * len(alike) < len(words) or not alike:
            read.update(dict.fromkeys(words))
    return read


def holds_numbers(cells: Cells, stored: bool) -> int:
    """How many of the sampled cells can be read as numbers, whatever the decimal mark."""
    sample = cells.sample[:200]
    fits = [text for text in sample if read_number(text, ".") or read_number(text, ",")]
    if not stored:
        return len(fits)
    words = [text for text in sample if type(text) is not Typed]
    alike = [text for text in fits if type(text) is not Typed and not _YEAR.fullmatch(text)]
    return (
        len(fits) - sum(type(text) is not Typed for text in fits) + (len(alike) if 2 * len(alike) >= len(words) else 0)
    )


def is_identifier(heading: Heading, cells: Cells) -> bool:
    """Whether a column of digits names things: by its label, by leading zeros, or because it only numbers the rows."""
    printed = [text.strip() for text in cells.printed]
    if not all(_WHOLE.fullmatch(text) for text in printed):
        return all(text[0] == "+" and len(text) > 8 for text in printed) if printed else False
    if heading.measure.kind in ("count", "shares") and not heading.label.casefold().endswith("number"):
        return False
    if _IDENTIFIER.search(heading.label) or (heading.period is None and _CALENDAR_PART.search(heading.label)):
        return True
    if any(len(text) > 1 and text[0] == "0" for text in printed):
        return True
    if any(len(text) > 30 and type(text) is not Typed for text in printed):
        return True
    if all(_YEAR.fullmatch(text) for text in printed) and (heading.generated or _follow_each_other(printed)):
        return True
    return heading.generated and _numbers_rows([text.strip() for text in cells.texts])


def _follow_each_other(years: Sequence[str]) -> bool:
    """Whether years run one after the other, as those of a schedule do and amounts do not."""
    steps = {int(after) - int(before) for before, after in pairwise(years)}
    return len(years) > 2 and steps in ({1}, {-1})


def _numbers_rows(texts: Sequence[str]) -> bool:
    return (
        len(texts) > 2 and texts[0] in ("0", "1") and texts == [str(int(texts[0]) + row) for row in range(len(texts))]
    )


def note_unread(frame: Frame, heading: Heading, cells: Cells, missed: Sequence[str], what: str) -> None:
    """Tells people which cells hold something that was left out rather than guessed. Where the file tells numbers from
    words, only words that begin like a number are worth it.
    """
    if frame.stored:
        missed = [text for text in missed if text.strip()[:1] in _BEGINS_NUMBER]
    if missed:
        examples = ", ".join(repr(text.strip()[:30]) for text in missed[:_EXAMPLES])
        wanted = set(missed)
        count = sum(1 for text in cells.texts if text in wanted)
        plural = f"{count:,} cells were" if count > 1 else "1 cell was"
        frame.notes.append(f"in {heading.label!r} {plural} not read as {what}: {examples}")
