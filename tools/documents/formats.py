"""Number formats of spreadsheets: what they say about a stored number, and how they show it.

A format is the sheet's own word on a cell: `0.0%` makes a ratio, `[$£-809]#,##0` pounds, `0.0x` a multiple, and
`0.0,,"m"` shows a full amount in millions where `0.0"m"` stands beside a number that is typed in millions. Literal text
is read by the same kernel as printed numbers, so `"£"0"m"` means here what `£12m` means in a CSV.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from tools.documents.dates import MONTH_NAMES
from tools.documents.numbers import WIDE, read_number, shifted
from tools.documents.stored import Printed, Typed
from tools.values import plain

MAX_FORMAT = 255
_MAX_DECIMALS = 30
_UNTOLD = frozenset(("", "General", "@"))
_PLAIN = 10**15

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[\$(?P<symbol>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+,*)|(?P<exponent>E[+-])|(?P<general>General)|(?P<percent>%)"
    r"|(?P<date>[yYmMdDhHsS]+|AM/PM|A/P)|(?P<at>@)|(?P<other>.)",
    re.S | re.I,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.I)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One format, read. `unit` and `factor` turn a stored number into an amount; `own_power` is the scale it is shown in.

    `before`, `after`: literal text around the digits; `decimals` None where the format leaves them open (`General`);
    `divisor`: the power of ten it is shown divided by. `dated`: the date parts it shows, `` for a number format.
    """

    unit: str = ""
    factor: Decimal = Decimal(1)
    own_power: int = 0
    before: str = ""
    after: str = ""
    decimals: int | None = None
    grouped: bool = False
    divisor: int = 0
    in_brackets: bool = False
    dated: str = ""

    def number(self, stored: Decimal) -> Printed:
        """The stored number as an amount in base units, with what the format says of it."""
        amount = stored if self.factor == 1 else WIDE.multiply(stored, self.factor)
        return Printed(amount if amount else amount.copy_abs(), self.unit, self.own_power)

    def show(self, stored: Decimal) -> str:
        """The number as the sheet shows it."""
        if self.decimals is None:
            digits = plain(shifted(stored.copy_abs(), -self.divisor))
        else:
            step = Decimal(1).scaleb(-self.decimals)
            size = shifted(stored.copy_abs(), -self.divisor)
            wide = size.adjusted() + self.decimals > 70  # more digits than anybody shows
            digits = format(size if wide else size.quantize(step, ROUND_HALF_UP, context=WIDE), "f")
        if self.grouped:
            whole, point, rest = digits.partition(".")
            digits = f"{int(whole or 0):,}{point}{rest}"
        shown = f"{self.before}{digits}{self.after}"
        if stored >= 0 or not any("1" <= sign <= "9" for sign in digits):
            return shown
        return f"({shown})" if self.in_brackets else f"-{shown}"

    def show_day(self, moment: date | datetime) -> str:
        """A date as far as the format shows it: a year, a month, a day, with the time where there is one."""
        if self.dated == "y":
            return f"{self.before}{moment.year:04d}{self.after}"
        if self.dated == "ym":
            return f"{MONTH_NAMES[moment.month - 1]} {moment.year:04d}"
        if self.dated != "ymd" and isinstance(moment, datetime) and (moment.hour or moment.minute or moment.second):
            return moment.strftime(f"{moment.year:04d}-%m-%d %H:%M:%S")
        return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"


GENERAL = NumberFormat()


@lru_cache(maxsize=2048)
def read_format(code: str) -> NumberFormat:
    """What a number format says. An unreadable or absurdly long one says nothing, as `General` does.

    >>> read_format("0.0%").unit, read_format("[$£-809]#,##0").unit, read_format('0.0,,"m"').own_power
    ('ratio', 'GBP', 6)
    """
    if code in _UNTOLD or len(code) > MAX_FORMAT:
        return GENERAL
    sections = _sections(code)
    first = sections[0]
    if first.dated:
        return NumberFormat(before=first.before, after=first.after, dated=first.dated)
    if not first.digits and not first.general:
        return GENERAL
    in_brackets = len(sections) > 1 and "(" in sections[1].before
    return _of(first, in_brackets)


@dataclass(slots=True)
class _Section:
    """One section of a format: positive; negative; zero; text."""

    before: str = ""
    after: str = ""
    digits: str = ""
    symbol: str = ""
    percent: bool = False
    general: bool = False
    scientific: bool = False
    dated: str = ""


def _sections(code: str) -> list[_Section]:
    sections = [_Section()]
    dates: list[str] = []
    for found in _TOKEN.finditer(code):
        section = sections[-1]
        if found["other"] == ";":
            sections.append(_Section())
        elif found["digits"]:
            section.digits += found["digits"]
        elif found["date"] and not section.digits and not section.general:
            dates += found["date"].lower() if len(sections) == 1 else ""
        elif found["bracket"] and _ELAPSED.fullmatch(found["bracket"]):
            dates += "h"
        elif found["percent"]:
            section.percent = True
        elif found["exponent"]:
            section.scientific = True
        elif found["general"]:
            section.general = True
        else:
            _add_literal(section, found)
    if dates:
        parts = set(dates)
        known = "y" if parts == {"y"} else "ym" if parts == {"y", "m"} else "ymdh" if parts & {"h", "s"} else "ymd"
        sections[0].dated = known
    return sections


def _add_literal(section: _Section, found: re.Match[str]) -> None:
    literal = found["quoted"] or found["escaped"] or found["symbol"] or found["other"] or ""
    if found["date"]:
        literal = found["date"]
    section.symbol = section.symbol or (found["symbol"] or "").strip()
    if section.digits or section.general:
        section.after += literal
    else:
        section.before += literal


def _of(section: _Section, in_brackets: bool) -> NumberFormat:
    before, after = " ".join(section.before.split()), section.after.rstrip()
    whole, _, rest = section.digits.partition(".")
    thousands = len(section.digits) - len(section.digits.rstrip(","))
    divisor = 3 * thousands
    decimals = None if section.general or section.scientific else min(len(rest.rstrip(",")), _MAX_DECIMALS)
    grouped = "," in whole.rstrip(",") and not section.general
    if section.percent:
        return NumberFormat(
            "ratio", before=before, after=f"{after.strip()}%", decimals=decimals, divisor=-2, in_brackets=in_brackets
        )
    said = _said(before, after) or (read_number(f"{section.symbol}1") if section.symbol else None)
    unit, power = (said.unit, said.power) if said else ("", 0)
    factor = Decimal(1)
    if divisor:
        power = power or divisor  # the stored number is whole and only shown in thousands
    elif said:
        factor = said.amount.copy_abs()
    return NumberFormat(unit, factor, power, before, after, decimals, grouped, divisor, in_brackets)


def _said(before: str, after: str) -> Printed | None:
    """What literal text around digits means, read as if it were printed around a one."""
    if not (before or after.strip()):
        return None
    return read_number(f"{before.strip()}1{after}") or read_number(f"{before.strip()}1{after.strip()}")


def typed_number(stored: int | float, code: str) -> Typed | None:
    """A stored number as a cell: exact to the shortest decimal that stands for the float. None where it is no number."""
    if code in _UNTOLD and -_PLAIN < stored < _PLAIN:
        text = str(int(stored)) if stored == int(stored) else repr(stored)
        if "e" not in text:  # the commonest cells, made without ceremony
            return Typed(text, Printed(Decimal(text)))
    exact = Decimal(repr(stored)) if isinstance(stored, float) else Decimal(stored)
    if not exact.is_finite() or abs(exact.adjusted()) > 60:
        return None
    exact = Decimal(plain(exact))
    form = read_format(code)
    if form.dated:
        form = GENERAL
    return Typed(form.show(exact), form.number(exact))


def typed_day(moment: date | datetime, code: str) -> Typed:
    """A stored date or moment as a cell."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return Typed(read_format(code).show_day(moment), day=day)
