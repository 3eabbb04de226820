"""Figures in prose: amounts with their currency, scale and unit, and where they stand; years, dates and counters are none.

    "rent expense was $231 million, $205 million and $210 million for 2012, 2011 and 2010, respectively"
                      ------------  ------------     ------------

What a word or a sign beside the digits says belongs to the figure. Where only the last of several says it ("$1.2 and
$3.4 billion"), the ones before take it over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from tools.documents.currencies import currency_of

_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "bn": 9, "m": 6, "k": 3}
_FIGURE = re.compile(
    r"(?P<sign>(?<![\w%])[-−]\s?|\(\s?)?"
    r"(?:(?P<currency>US\$|C\$|A\$|[$£€¥]|\b(?:USD|GBP|EUR|JPY|CHF|CAD|AUD)\b)\s?)?(?P<inner>\()?"
    r"(?P<digits>(?<![\w.,/])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,/])\d+(?:\.\d+)?|(?<![\w.,/\d])\.\d+)"
    r"(?P<close>\s?\))?"
    r"(?:\s?(?P<percent>%|per ?cent\b|percentage points?\b)|\s?(?P<points>basis points?\b|bps?\b)"
    r"|(?:[ -]?(?P<scale>thousand|million|billion|trillion|mn|bn)|(?P<letter>[mkx]))\b)?"
    r"(?:\s(?P<noun>shares|days))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE_BEFORE = re.compile(rf"\b{_MONTH}\s$", re.IGNORECASE)
_DATE_AFTER = re.compile(rf"\s(?:{_MONTH}|st\b|nd\b|rd\b|th\b)", re.IGNORECASE)
_COUNTER_BEFORE = re.compile(
    r"\b(?:notes?|items?|pages?|sections?|parts?|exhibits?|level|tier|step|phase|chapter|table|form|rule|article|no\.?|fiscal|fy|q)\s?$",
    re.IGNORECASE,
)
_RANGE_AFTER = re.compile(r"\s?[-–]\s?[$£€]?\d[\d,.]*\s?(?:%|percent|thousand|million|billion|trillion|bn|m\b)")
_LETTER_AFTER = re.compile(r"[-–]?[A-Za-z]|[-–/]\d|:\d")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text: `start` and `end` are offsets in characters, `amount` is in base units, `unit` as in a value."""

    start: int
    end: int
    printed: str
    amount: Decimal
    unit: str
    power: int = 0


def figures_in(text: str) -> list[Figure]:
    """The figures of a text, in order.

    >>> [(str(f.amount), f.unit) for f in figures_in("Debt was $1.2 and $3.4 billion in 2023 and 2022, up 5%.")]
    [('1.2E+9', 'USD'), ('3.4E+9', 'USD'), ('0.05', 'ratio')]
    """
    return _shared(list(_found(text)), text)


def _found(text: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        if _is_figure(match, text):
            yield _figure(match)


def _is_figure(match: re.Match[str], text: str) -> bool:
    digits, before = match["digits"], text[: match.start("digits")]
    after = text[match.end("digits") :]
    marked = match["currency"] or match["percent"] or match["points"] or match["scale"] or match["letter"]
    if marked or _RANGE_AFTER.match(after):
        return True
    if _YEAR.fullmatch(digits) and not match["noun"]:
        return False
    return not (
        _DATE_BEFORE.search(before)
        or _DATE_AFTER.match(after)
        or _COUNTER_BEFORE.search(before)
        or _LETTER_AFTER.match(after)
    )


def _figure(match: re.Match[str]) -> Figure:
    amount = Decimal(match["digits"].replace(",", ""))
    bracketed = ((match["sign"] or "").startswith("(") or match["inner"]) and match["close"]
    if bracketed or (match["sign"] or "").startswith(("-", "−")):
        amount = -amount
    power = _SCALES.get((match["scale"] or match["letter"] or "").casefold(), 0)
    unit = currency_of(match["currency"]) if match["currency"] else (match["noun"] or "count").casefold()
    if (match["letter"] or "") in ("x", "X"):
        unit = "multiple"
    if match["percent"] or match["points"]:
        amount, unit = amount.scaleb(-2 if match["percent"] else -4), "ratio"
    start = match.start() if bracketed or not (match["sign"] or "").startswith("(") else match.end("sign")
    end = match.end() if bracketed or not match["close"] else match.start("close")
    printed = match.string[start:end].strip()
    start += len(match.string[start:end]) - len(match.string[start:end].lstrip())
    return Figure(start, start + len(printed), printed, amount.scaleb(power), unit, power)


def _shared(found: list[Figure], text: str) -> list[Figure]:
    """Figures that stand in a row before one that says currency or scale take them over."""
    for at in range(len(found) - 2, -1, -1):
        one, after = found[at], found[at + 1]
        between = text[one.end : after.start]
        if not re.fullmatch(r"\s?(?:,|and|or|to|-|–|, and)\s?\s?", between):
            continue
        if one.power == 0 and after.power and one.unit in (after.unit, "count"):
            one = replace(one, amount=one.amount.scaleb(after.power), power=after.power)
        if one.unit == "count" and after.unit != "count" and not re.search(r"\w", one.printed.strip("0123456789.,() ")):
            one = replace(one, unit=after.unit, amount=one.amount.scaleb(-2) if after.unit == "ratio" else one.amount)
        found[at] = one
    return found
