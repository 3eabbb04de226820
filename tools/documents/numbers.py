"""Printed numbers: what stands in a cell, as an exact decimal.

The same four digits mean different things in London and in Leipzig (`1.234`), and one cell alone often cannot say
which. So reading has two steps: `weigh` collects the evidence of a whole column (or file), and `read_number` then reads
each cell under one decimal mark and refuses what does not fit it. A number that was not understood is left out; it is
never guessed.

The amount is in the cell's own terms: sign applied, percent turned into a ratio, a scale word in the cell (`1.2m`)
multiplied out. Scale that is said elsewhere (a title, a header) is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

from tools.documents.currencies import CODE_PATTERN, SIGN_PATTERN, currency_of
from tools.documents.stored import Printed, Typed

WIDE = Context(prec=80)
MAX_CELL = 60
_MAX_DIGITS = 34
_MAX_EXPONENT = 20

_BLANKS = frozenset(
    "n/a n.a. n.a na #n/a nil none null nan nm n.m. n/m nmf - -- --- – — − ‐ ‑ ― . .. ... … #div/0! #ref! #value! #num! "
    "#name? #null! #n/d k.a. (-) (–) (—)".split()
)
_DASH_OR_PERCENT = frozenset("-–—−_%")
_NO_MONEY = re.compile(rf"(?:{SIGN_PATTERN})?\s*[-–—−_]{{1,3}}\s*%?")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2008": " ", "\t": " "})
_MINUS = frozenset("-−–‐‑﹣-")
_PLAIN = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,14})?")
_PLAIN_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,14})?")
_FOOTNOTE = re.compile(r"(?<=[0-9%)\]−-])\s*(?:\([0-9a-z]{1,2}\)|\[[0-9a-z]{1,3}\]|[*†‡§#]{1,3}|[¹²³⁴⁵⁶⁷⁸⁹]+)$")
_CURRENCY_BEFORE = re.compile(rf"({SIGN_PATTERN}|{CODE_PATTERN}(?![A-Za-z]))\s*")
_CURRENCY_AFTER = re.compile(rf"\s*({SIGN_PATTERN}|(?<![A-Za-z]){CODE_PATTERN})$")
_SCALES = {
    "k": 3, "tsd": 3, "tsd.": 3, "thousand": 3, "m": 6, "mn": 6, "mm": 6, "mio": 6, "mio.": 6, "mill.": 6, "million": 6,
    "millions": 6, "b": 9, "bn": 9, "mrd": 9, "mrd.": 9, "billion": 9, "billions": 9, "tn": 12, "trillion": 12,
    "crore": 7, "lakh": 5,
}  # fmt: skip
_SCALE_AFTER = re.compile(
    r"\s*(?<![a-z])(" + "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True)) + r")$", re.I
)
_SUFFIXES: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"\s*(?:%|％|per ?cent|pct\.?)$", re.I), "ratio", -2),
    (re.compile(r"\s*‰$"), "ratio", -3),
    (re.compile(r"\s*(?:bps?|basis points)$", re.I), "ratio", -4),
    (re.compile(r"(?<=[0-9)])(?:p| ?pence)$"), "GBP", -2),
    (re.compile(r"\s*¢$"), "USD", -2),
    (re.compile(r"(?<=[0-9)])[x×]$"), "multiple", 0),
)
_EXPONENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)[eE]([+-]?[0-9]{1,2})")


def _core(decimal: str, group: str) -> re.Pattern[str]:
    d, g = re.escape(decimal), re.escape(group)
    fraction = f"(?:{d}[0-9]+)?"
    return re.compile(
        rf"[0-9]+{fraction}|{d}[0-9]+"
        rf"|[0-9]{{1,3}}(?:{g}[0-9]{{3}})+{fraction}"  # 1,234,567.8
        rf"|[0-9]{{1,2}}(?:{g}[0-9]{{2}})+{g}[0-9]{{3}}{fraction}"  # 12,34,567.8
        rf"|[0-9]{{1,3}}([ '’])[0-9]{{3}}(?:\1[0-9]{{3}})*{fraction}"  # 1 234 567.8 and 1'234'567.8
    )


_CORES = {".": _core(".", ","), ",": _core(",", ".")}
_NOT_DIGITS = {".": re.compile(r"[^0-9.]"), ",": re.compile(r"[^0-9,]")}


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no number: empty, a dash, `n/a`, a spreadsheet error.

    >>> [is_blank(text) for text in ("", " – ", "N/A", "#DIV/0!", "0")]
    [True, True, True, True, False]
    """
    if not text:
        return True
    if "0" <= text[0] <= "9":
        return False
    bare = text.strip()
    if not bare or (len(bare) <= 8 and bare.casefold() in _BLANKS):
        return True
    return len(bare) <= 6 and bare[-1] in _DASH_OR_PERCENT and _NO_MONEY.fullmatch(bare) is not None


def read_number(text: str, decimal: str = ".") -> Printed | None:
    """The number in a cell under a decimal mark (`.` or `,`), or None where the cell is not exactly one number.

    >>> read_number("(1,234.50)").amount, read_number("12.3%").amount, read_number("1.234,5-", ",").amount
    (Decimal('-1234.50'), Decimal('0.123'), Decimal('-1234.5'))
    """
    if type(text) is Typed:
        return text.number
    if decimal == ".":  # the two commonest forms, read without ceremony
        if _PLAIN.fullmatch(text):
            return Printed(_unsigned_zero(Decimal(text)))
        if _PLAIN_GROUPED.fullmatch(text):
            return Printed(_unsigned_zero(Decimal(text.replace(",", ""))))
    if len(text) > 4 * MAX_CELL:
        return None
    bare = text.translate(_SPACES).strip()
    if not bare or len(bare) > MAX_CELL or not any("0" <= sign <= "9" for sign in bare):
        return None
    return _Peel(_FOOTNOTE.sub("", bare)).read(decimal)


def _unsigned_zero(amount: Decimal) -> Decimal:
    return amount if amount else amount.copy_abs()


def shifted(amount: Decimal, power: int) -> Decimal:
    """amount x 10**power, exactly, whatever the arithmetic context."""
    return amount.scaleb(power, context=WIDE) if power else amount


class _Peel:
    """Takes known signs and words off both ends of a cell until digits are left; each kind may occur once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.minus = self.parens = False
        self.signed = False
        self.currency = self.unit = ""
        self.power = 0
        self.scaled = False

    def read(self, decimal: str) -> Printed | None:
        for _ in range(8):
            if self._is_bare(decimal):
                break
            if not (self._peel_sign() or self._peel_suffix() or self._peel_currency() or self._peel_scale()):
                return None
        amount = _read_core(self.text, decimal)
        if amount is None:
            return None
        if self.minus or self.parens:
            amount = amount.copy_negate()
        unit = self.unit or self.currency
        amount = _unsigned_zero(shifted(amount, self.power))
        return Printed(amount, unit, 0 if unit == "ratio" else self.power)

    def _is_bare(self, decimal: str) -> bool:
        first, last = self.text[:1], self.text[-1:]
        return ("0" <= first <= "9" or first == decimal) and "0" <= last <= "9"

    def _peel_sign(self) -> bool:
        text = self.text
        if not self.signed and text[:1] and (text[0] in _MINUS or text[0] == "+"):
            self.minus, self.text = text[0] != "+", text[1:].lstrip()
        elif not self.signed and not self.scaled and text[-1:] and text[-1] in _MINUS:  # `10-K` is a form
            self.minus, self.text = True, text[:-1].rstrip()
        elif not self.parens and len(text) > 2 and text[0] == "(" and text[-1] == ")":
            self.parens, self.text = True, text[1:-1].strip()
            return True
        else:
            return False
        self.signed = True
        return True

    def _peel_suffix(self) -> bool:
        if self.unit:
            return False
        for pattern, unit, power in _SUFFIXES:
            found = pattern.search(self.text)
            if found and self.currency in ("", unit):
                self.unit, self.power, self.text = unit, self.power + power, self.text[: found.start()]
                return True
        return False

    def _peel_currency(self) -> bool:
        if self.currency or self.unit:
            return False
        found = _CURRENCY_BEFORE.match(self.text)
        if found:
            self.text = self.text[found.end() :]
        else:
            found = _CURRENCY_AFTER.search(self.text)
            if not found:
                return False
            self.text = self.text[: found.start()]
        self.currency = currency_of(found[1])
        return True

    def _peel_scale(self) -> bool:
        found = None if self.scaled or self.unit else _SCALE_AFTER.search(self.text)
        if not found:
            return False
        self.scaled = True
        self.power, self.text = self.power + _SCALES[found[1].casefold()], self.text[: found.start()]
        return True


def _read_core(text: str, decimal: str) -> Decimal | None:
    """Digits with one decimal mark and well-formed groups, or scientific notation."""
    if text == "000":
        return None  # £000 is a caption
    if _CORES[decimal].fullmatch(text):
        digits = _NOT_DIGITS[decimal].sub("", text).replace(",", ".")
        return Decimal(digits) if len(digits) <= _MAX_DIGITS else None
    found = _EXPONENT.fullmatch(text)
    if found and abs(int(found[2])) <= _MAX_EXPONENT and len(found[1]) <= 20:
        other = "," if decimal == "." else "."
        return None if other in found[1] else shifted(Decimal(found[1].replace(",", ".")), int(found[2]))
    return None


@dataclass(slots=True)
class Evidence:
    """What numbers say about their decimal mark. `either` counts those that read well both ways (`1.234`)."""

    point: int = 0
    comma: int = 0
    either_point: int = 0
    either_comma: int = 0

    def decimal(self, fallback: str = ".") -> str:
        """The decimal mark; `fallback` where the numbers leave it open."""
        if self.point == self.comma:
            return fallback
        return "." if self.point > self.comma else ","

    @property
    def is_open(self) -> bool:
        """Whether nothing decides, although numbers with a mark are there."""
        return self.point == self.comma and bool(self.either_point or self.either_comma)

    def add(self, other: Evidence) -> None:
        self.point += other.point
        self.comma += other.comma
        self.either_point += other.either_point
        self.either_comma += other.either_comma


_DIGIT_RUN = re.compile(r"[0-9][0-9.,' ’\u00a0\u202f\u2009]*[0-9]|[.,][0-9]+")


def weigh(texts: Iterable[str]) -> Evidence:
    """The evidence of many cells. Cells that hold more than one run of digits (dates, codes) say nothing.

    >>> weigh(["1.234,50", "7"]).decimal(), weigh(["1,234", "1,234.5"]).decimal()
    (',', '.')
    """
    evidence = Evidence()
    for text in texts:
        if len(text) <= MAX_CELL and ("." in text or "," in text) and type(text) is not Typed:
            _weigh_cell(text, evidence)
    return evidence


def _weigh_cell(text: str, evidence: Evidence) -> None:
    runs = _DIGIT_RUN.findall(_FOOTNOTE.sub("", text.strip()))
    if len(runs) != 1 or any(sign in text for sign in ":/"):
        return
    run = runs[0].replace("’", "'")
    point, comma = run.count("."), run.count(",")
    if point and comma:
        is_point = run.rfind(".") > run.rfind(",")
        if (point if is_point else comma) == 1:
            evidence.point += is_point
            evidence.comma += not is_point
    elif point > 1 or comma > 1:
        if _grouped(run, "." if point else ","):
            evidence.comma += point > 1
            evidence.point += comma > 1
    elif point or comma:
        _weigh_single(run, "." if point else ",", evidence)


def _grouped(run: str, mark: str) -> bool:
    """Whether the mark separates groups as thousands do; `1.2.3` and IP addresses do not."""
    parts = run.split(mark)
    return 1 <= len(parts[0]) <= 3 and len(parts[-1]) == 3 and all(2 <= len(part) <= 3 for part in parts[1:])


def _weigh_single(run: str, mark: str, evidence: Evidence) -> None:
    head, tail = run.split(mark)
    opens = len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0")
    if mark == ".":
        evidence.either_point += opens
        evidence.point += not opens
    else:
        evidence.either_comma += opens
        evidence.comma += not opens
