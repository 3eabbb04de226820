"""Limits: numbers the question gives for rows to be above or below, "over 500", "at least £1.5m"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from analysis.offline.asks import Filter
from analysis.offline.words import Question
from tools.units import POWERS
from tools.values import plain

_WORDS = {
    "over": ">",
    "above": ">",
    "more than": ">",
    "greater than": ">",
    "larger than": ">",
    "higher than": ">",
    "exceeding": ">",
    "at least": ">=",
    "under": "<",
    "below": "<",
    "less than": "<",
    "smaller than": "<",
    "lower than": "<",
    "at most": "<=",
    "up to": "<=",
}
_LIMIT = re.compile(
    rf"\b(?P<words>{'|'.join(_WORDS)}) (?:[£$€¥] ?)?(?P<number>\d[\d,]*(?:\.\d+)?) ?"
    r"(?P<scale>k|m|bn|tn|thousand|million|billion)?\b"
    r"(?P<percent> ?%| percent)?(?! (?:years|quarters|months|weeks|days))"
)
_SCALES = {"thousand": 3, "million": 6, "billion": 9, **POWERS}


@dataclass(frozen=True, slots=True)
class Limit:
    """A comparison with a number the question gives, in base units."""

    op: str
    amount: Decimal
    words: str

    def filter(self, column: str) -> Filter:
        """The condition on a column."""
        text = plain(self.amount)
        value: int | float = int(text) if text.isdecimal() else float(text)
        return Filter({"column": column, "op": self.op, "value": value}, f"with {column} {self.words}")


def read_limits(question: Question, names: frozenset[int]) -> tuple[tuple[Limit, ...], frozenset[int]]:
    """The limits, and the positions of their words. A year is a period and no limit, unless a currency or comma says so."""
    found, used = [], set[int]()
    for match in _LIMIT.finditer(question.text.casefold()):
        touched = question.between(match.start(), match.end())
        if touched & names or (re.fullmatch(r"(?:19|20)\d\d", match["number"]) and not re.search(r"[£$€¥]", match[0])):
            continue
        amount = Decimal(match["number"].replace(",", "")).scaleb(_SCALES.get(match["scale"] or "", 0))
        if match["percent"]:
            amount = amount.scaleb(-2)
        found.append(Limit(_WORDS[match["words"]], amount, match[0].strip()))
        used |= touched
    return tuple(found), frozenset(used)
