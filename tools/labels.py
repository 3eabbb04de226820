"""Labels and phrases as stems: how the words of a line, a heading or a question are cut up so that they can be compared.

Comparison works on *stems*: case, plural and punctuation gone, nothing cleverer. A cleverer stemmer folds "operating"
into "operate" and "rating" into "rate", and in accounts those are different lines.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

FILLERS = frozenset("a an and at by for from in into of on or our s the their its to with & per as".split())
_IRREGULAR = {
    "women": "female",
    "woman": "female",
    "ladies": "female",
    "men": "male",
    "man": "male",
    "people": "person",
    "revenues": "revenue",
    "earnings": "earnings",
    "gas": "gas",
    "sold": "sell",
    "selling": "sell",
    "sells": "sell",
    "expenses": "expense",
    "expenditures": "expenditure",
    "amortization": "amortisation",
    "indices": "index",
    "axes": "axis",
    "analyses": "analysis",
    "labor": "labour",
    "capitalized": "capitalised",
}
_TOKEN = re.compile(r"[^\W\d_]&[^\W\d_](?:&[^\W\d_])?(?![^\W_])|[^\W\d_]{2}&[^\W\d_](?![^\W_])|[^\W_]+|&")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_POSSESSIVE = re.compile(r"[’'](?:s|re|ve|d|ll|m)\b|(?<=s)[’'](?=\s|$)", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the question: as written, its stem, and where it stands (characters, end exclusive)."""

    text: str
    stem: str
    start: int
    end: int


def clean(text: str) -> str:
    """Text as it is compared: one kind of apostrophe and space, no possessives (kept in length, so places stay true)."""
    plain = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    return _POSSESSIVE.sub(lambda found: " " * len(found[0]), plain)


def tokens(text: str) -> list[Token]:
    """The words of a question, in order."""
    prepared = clean(text)
    return [
        Token(found[0], stem(found[0]), found.start(), found.end())
        for found in _TOKEN.finditer(prepared)
        if found[0] != "&"
    ]


def stem(word: str) -> str:
    """The word without case and plural.

    >>> stem("Companies"), stem("Boxes"), stem("Gross"), stem("Cities"), stem("Members")
    ('company', 'box', 'gross', 'city', 'member')
    """
    low = word.casefold()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if len(low) <= 3 or not low.isalpha():
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return low[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-1]
    return low


@lru_cache(maxsize=8_192)
def label_stems(label: str) -> tuple[str, ...]:
    """What of a label must be said to mean it: its stems without brackets, fillers and note numbers.

    >>> label_stems("Profit (loss) for the year"), label_stems("grossProfit"), label_stems("AAPL.Close")
    (('profit', 'year'), ('gross', 'profit'), ('aapl', 'close'))
    """
    bare = _BRACKETS.sub(" ", label)
    found = _stems(bare) or _stems(label) or [token.stem for token in tokens(label)]
    return tuple(found)


def phrase_stems(phrase: str) -> tuple[str, ...]:
    """A phrase of the synonym table as stems, fillers dropped."""
    return tuple(_stems(phrase))


def _stems(text: str) -> list[str]:
    parts = _CAMEL.sub(" ", text).replace("_", " ")
    return [token.stem for token in tokens(parts) if token.stem not in FILLERS]
