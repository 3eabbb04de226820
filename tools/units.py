"""Units, and how an exact amount becomes words.

A unit is a plain string: an ISO 4217 code, `shares`, `ratio` (shown as % or bp), `multiple`, `days`, `count` (a plain
number, no unit stated) or `<ISO>/share`. Rounding is half away from zero, as in published accounts, and a minus is a
true minus sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "INR": "₹", "KRW": "₩"}
CURRENCIES = frozenset(
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KWD MAD MXN MYR NGN "
    "NOK NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD VND XXX ZAR".split()
)
PLAIN_UNITS = frozenset({"shares", "ratio", "multiple", "days", "count"})
POWERS = {"": 0, "k": 3, "m": 6, "bn": 9, "tn": 12}
SCALE_WORDS = {0: "", 3: "thousand", 6: "million", 9: "billion", 12: "trillion"}

POINTS = " pp"  # closes the words of a difference between ratios, whose unit is still ratio

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


class DisplayError(ValueError):
    """A display format that is not known; the text says which words are."""


@dataclass(frozen=True, slots=True)
class Display:
    """How to word an amount: `decimals`, a `scale` word, `signed` (+/-), `magnitude` (no sign), `basis_points`, `exact`,
    `points` (a difference between two ratios, in percentage points)."""

    decimals: int | None = None
    scale: str | None = None
    signed: bool = False
    magnitude: bool = False
    basis_points: bool = False
    exact: bool = False
    points: bool = False

    @staticmethod
    def parse(words: str) -> Display:
        """The format of a reference: words joined by commas, from `0`-`6`, `k m bn tn`, `+`, `abs`, `bp`, `pp`, `%`, `exact`."""
        found = Display()
        for word in filter(None, (part.strip() for part in words.split(","))):
            found = found._with(word)
        return found

    def _with(self, word: str) -> Display:
        changes: dict[str, object]
        if word.isdecimal() and len(word) == 1 and int(word) <= 6:
            changes = {"decimals": int(word)}
        elif word in POWERS:
            changes = {"scale": word}
        elif word in _SWITCHES:
            changes = _SWITCHES[word]
        else:
            raise DisplayError(f"unknown format {word!r}; use 0 to 6, k, m, bn, tn, +, abs, bp, pp, % or exact")
        values = {name: getattr(self, name) for name in self.__slots__} | changes
        return Display(**values)


_SWITCHES: dict[str, dict[str, object]] = {
    "+": {"signed": True},
    "abs": {"magnitude": True},
    "bp": {"basis_points": True},
    "pp": {"points": True},
    "%": {},
    "exact": {"exact": True},
}


def is_unit(unit: str) -> bool:
    """Whether the string names a unit of ours."""
    head, slash, tail = unit.partition("/")
    return unit in PLAIN_UNITS or (head in CURRENCIES and (not slash or tail == "share"))


def is_money(unit: str) -> bool:
    """Whether the unit is a currency (not a currency per share)."""
    return unit in CURRENCIES


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Half away from zero, to `decimals` places."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_WIDE)


def grouped(amount: Decimal, decimals: int) -> str:
    """The rounded magnitude with thousands separators, without sign."""
    return f"{abs(rounded(amount, decimals)):,.{decimals}f}"


def show(amount: Decimal, unit: str, display: Display | None = None) -> str:
    """The amount in words, as it stands in prose.

    >>> show(Decimal("61904000"), "GBP"), show(Decimal("0.12307"), "ratio"), show(Decimal("-950.5"), "USD")
    ('£61.9m', '12.3%', '−$950.50')
    """
    wording = display or Display()
    body = _body(amount, unit, wording)
    if not any(digit in body for digit in "123456789"):
        return body  # what rounds to nothing has no sign
    if amount < 0 and not wording.magnitude:
        return "−" + body
    return "+" + body if wording.signed and amount > 0 else body


def reworded(amount: Decimal, unit: str, shown: str, words: str) -> str:
    """A value that is `shown` so, under the display words of a reference; percentage points never become percent.

    Refuses unknown words with a DisplayError.

    >>> reworded(Decimal("-0.0123"), "ratio", "−1.2 pp", "abs,2"), reworded(Decimal("-0.0123"), "ratio", "−1.2%", "abs,2")
    ('1.23 pp', '1.23%')
    """
    if not words.strip():
        return shown
    display = Display.parse(words)
    told = show(amount, unit, display)
    if unit == "ratio" and shown.endswith(POINTS) and not (display.basis_points or display.points):
        return told.removesuffix("%") + POINTS
    return told


def _body(amount: Decimal, unit: str, wording: Display) -> str:
    currency, per_share, _ = unit.partition("/")
    if unit == "ratio":
        return _ratio(amount, wording)
    if unit == "multiple":
        return grouped(amount, 1 if wording.decimals is None else wording.decimals) + "x"
    if currency in CURRENCIES:
        text = SYMBOLS.get(currency, "" if currency == "XXX" else currency + " ")
        number = _number(amount, wording, money=True)
        return f"{text}{number}" + (" per share" if per_share else "")
    number = _number(amount, wording, money=False)
    if unit in ("shares", "days"):
        singular = number == "1"
        return f"{number} {unit[:-1] if singular else unit}"
    return number


def _ratio(amount: Decimal, wording: Display) -> str:
    if wording.basis_points:
        return grouped(amount * 10_000, wording.decimals or 0) + " bp"
    if wording.points:
        return grouped(amount * 100, 1 if wording.decimals is None else wording.decimals) + " percentage points"
    if wording.exact:
        return grouped(amount * 100, max(0, _places(amount) - 2)) + "%"
    decimals = wording.decimals
    if decimals is None:
        decimals = 1 if abs(amount) >= Decimal("0.001") or amount == 0 else 2
    return grouped(amount * 100, decimals) + "%"


def _number(amount: Decimal, wording: Display, money: bool) -> str:
    if wording.exact:
        places = _places(amount)
        return grouped(amount, 2 if money and places == 1 else places)  # 10.1 in money is 10.10
    scale = wording.scale if wording.scale is not None else _natural_scale(amount, money)
    scaled = amount.scaleb(-POWERS[scale], context=_WIDE)
    decimals = wording.decimals
    if decimals is None:
        decimals = 1 if scale else _natural_decimals(scaled, money)
    return grouped(scaled, decimals) + scale


def _natural_scale(amount: Decimal, scaled: bool) -> str:
    """Millions and billions are worded so for money; a count keeps its digits until they stop being readable."""
    size = abs(amount)
    if size >= Decimal("999.95e6"):
        return "bn" if size < Decimal("999.95e9") else "tn"
    if size >= Decimal("1e6") and scaled:
        return "m"
    return ""


def _natural_decimals(amount: Decimal, money: bool) -> int:
    places = _places(amount)
    if places == 0 or abs(amount) >= 100_000:
        return 0
    return 2 if money else min(places, 2 if abs(amount) >= 1 else 4)


def _places(amount: Decimal) -> int:
    exponent = amount.normalize(_WIDE).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def show_cell(amount: Decimal, unit: str, power: int = 0, decimals: int | None = None) -> str:
    """The amount as a table cell: unit and scale are in the header, so only digits, separators and sign remain.

    `power` is the table's scale (3 for thousands). A ratio keeps its %, a multiple its x, because columns mix them.
    """
    if unit in ("ratio", "multiple"):
        return show(amount, unit, Display(decimals=decimals))
    scaled = amount.scaleb(-power, context=_WIDE)
    places = decimals if decimals is not None else min(_places(scaled), 2)
    text = grouped(scaled, places)
    return "−" + text if amount < 0 and re.search(r"[1-9]", text) else text


def cell_scale(amounts: list[Decimal]) -> int:
    """The power a column of money is best printed in: 3 when everything is round thousands and large, 6 for millions."""
    present = [abs(amount) for amount in amounts if amount]
    if not present or min(present) < 1000:
        return 0
    if max(present) >= Decimal("1e8") and all(amount % 1_000_000 == 0 for amount in present):
        return 6
    if max(present) >= Decimal("1e6") and all(amount % 1000 == 0 for amount in present):
        return 3
    return 0


def unit_words(unit: str, power: int = 0) -> str:
    """The unit for a header: `GBP thousand`, `%`, `GBP per share`."""
    words = {"ratio": "%", "count": "", "multiple": "x"}.get(unit, unit.replace("/share", " per share"))
    return " ".join(filter(None, (words, SCALE_WORDS.get(power, ""))))
