"""Currency signs, codes and names, as they are printed beside numbers."""

from __future__ import annotations

import re

from tools.units import CURRENCIES

SIGNS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "R$": "BRL", "MX$": "MXN", "NT$": "TWD", "CN¥": "CNY", "JP¥": "JPY", "$": "USD", "£": "GBP", "€": "EUR",
    "¥": "JPY", "￥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND",
    "zł": "PLN", "Kč": "CZK", "Rs.": "INR", "Rs": "INR", "RMB": "CNY", "Fr.": "CHF", "SFr.": "CHF",
}  # fmt: skip
NAMES = {
    "dollars": "USD", "dollar": "USD", "pounds sterling": "GBP", "sterling": "GBP", "pounds": "GBP", "euros": "EUR",
    "euro": "EUR", "yen": "JPY", "rupees": "INR", "swiss francs": "CHF", "renminbi": "CNY", "yuan": "CNY",
    "canadian dollars": "CAD", "australian dollars": "AUD", "us dollars": "USD", "u.s. dollars": "USD",
}  # fmt: skip
_SHARED = {"$": frozenset("USD CAD AUD NZD HKD SGD TWD MXN CLP COP ARS".split()), "¥": frozenset("JPY CNY".split())}


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


CODE_PATTERN = f"(?-i:{_alternatives(sorted(CURRENCIES))})"
SIGN_PATTERN = f"(?-i:{_alternatives(list(SIGNS))})"
NAME_PATTERN = f"(?:{_alternatives(list(NAMES))})"


def currency_of(words: str) -> str:
    """The ISO 4217 code of a sign, a code or a name, or `` where it is none of them."""
    words = words.strip()
    if words in CURRENCIES:
        return words
    return SIGNS.get(words) or NAMES.get(" ".join(words.casefold().split()), "")


def settle(read: str, stated: str) -> str:
    """The currency of a cell that shows `read` where the words around it state `stated`: a bare $ in a CAD table is CAD."""
    for family in _SHARED.values():
        if read in family and stated in family:
            return stated
    return read or stated
