"""Inline XBRL: the contexts and units a filing declares, and the facts it tags in its text.

A fact says nearly everything about its figure: the concept, the period, the unit and the power of ten. The sign it does not
say: a tag's sign is that of its concept (payments are positive, and interest that is printed as a cost may be tagged
negative), while lines are added up as they are printed. So the sign of a cell is the printed one, always.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tools.documents.numbers import shifted
from tools.documents.periods import period_between, read_period
from tools.units import CURRENCIES
from tools.values import Period

MAX_CONTEXTS = 200_000
_MAX_SCALE = 30
_NUMBER = re.compile(r"[0-9]{1,34}(?:\.[0-9]{1,20})?")
_WORDS = {
    "no": 0, "none": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """Whom and when a fact is about: `apart` where it is about a part of the company (a segment, a class of shares)."""

    period: Period | None
    apart: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A tagged figure: `size` is its unsigned amount in base units, `power` the power of ten its text is in."""

    concept: str
    size: Decimal
    unit: str
    power: int
    context: Context
    identity: str


class Facts:
    """What a filing declares, by id; empty for a page without tags."""

    def __init__(self, root: Any) -> None:
        self._contexts: dict[str, Context] = {}
        self._units: dict[str, str] = {}
        for number, node in enumerate(root.iter("xbrli:context", "context")):
            if number < MAX_CONTEXTS and node.get("id"):
                self._contexts[node.get("id")] = _context(node)
        for node in root.iter("xbrli:unit", "unit"):
            if node.get("id"):
                self._units[node.get("id")] = _unit(node)

    def read(self, node: Any) -> Fact | None:
        """The fact of an `ix:nonFraction` element; None where it is empty, of an unknown form or without a declared context."""
        context = self._contexts.get(node.get("contextref", ""))
        unit = self._units.get(node.get("unitref", ""), "count")
        amount = _amount("".join(node.itertext()), node.get("format", ""))
        try:
            power = int(node.get("scale") or 0)
        except ValueError:
            return None
        if amount is None or context is None or abs(power) > _MAX_SCALE:
            return None
        if unit == "count" and power == -2:
            unit = "ratio"
        return Fact(
            concept=node.get("name", ""),
            size=shifted(amount, power),
            unit=unit,
            power=power,
            context=context,
            identity=node.get("id", ""),
        )


def _amount(text: str, form: str) -> Decimal | None:
    bare = " ".join(text.replace("\u00a0", " ").split())
    kind = form.rpartition(":")[2]
    if kind.startswith("fixed-zero") or kind in ("zerodash", "numdash"):
        return Decimal(0)
    if kind.startswith("numwords"):
        word = _WORDS.get(bare.casefold())
        return None if word is None else Decimal(word)
    if "comma-decimal" in kind or kind == "numcommadecimal":
        bare = bare.replace(".", "").replace(" ", "").replace(",", ".")
    else:
        bare = bare.replace(",", "").replace(" ", "")
    return Decimal(bare) if _NUMBER.fullmatch(bare) else None


def _context(node: Any) -> Context:
    found: dict[str, str] = {}
    apart = False
    for child in node.iter():
        if isinstance(child.tag, str):
            name = child.tag.rpartition(":")[2]
            if name in ("startdate", "enddate", "instant"):
                found[name] = (child.text or "").strip()[:10]
            apart = apart or name in ("explicitmember", "typedmember")
    return Context(_period(found), apart)


def _period(found: Mapping[str, str]) -> Period | None:
    try:
        if "instant" in found:
            return read_period(f"as at {date.fromisoformat(found['instant']).isoformat()}")
        return period_between(date.fromisoformat(found["startdate"]), date.fromisoformat(found["enddate"]))
    except (ValueError, KeyError):
        return None


def _unit(node: Any) -> str:
    measures = [(child.text or "").strip().rpartition(":")[2] for child in node.iter("xbrli:measure", "measure")]
    parts = [_measure(name) for name in measures[:2]]
    if len(parts) == 2 and parts[1] == "shares" and parts[0] in CURRENCIES:
        return f"{parts[0]}/share"
    return parts[0] if len(parts) == 1 else "count"


def _measure(name: str) -> str:
    if name.upper() in CURRENCIES:
        return name.upper()
    return "shares" if name.casefold() == "shares" else "count"
