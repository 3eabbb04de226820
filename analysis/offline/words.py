"""Words: how a question and a label are cut up so that they can be compared, and how names are put into prose.

Comparison works on *stems*: case, plural and punctuation gone, nothing cleverer. A cleverer stemmer folds "operating"
into "operate" and "rating" into "rate", and in accounts those are different lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

MAX_QUESTION = 2_000  # characters that are read; a longer message is pasted text, not a longer question

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
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety".split()


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


@dataclass(frozen=True, slots=True)
class Question:
    """A question, cut up once; its text is its identity. `content` holds the positions of tokens that are not fillers."""

    text: str
    tokens: tuple[Token, ...] = field(compare=False)
    content: tuple[int, ...] = field(compare=False)

    @staticmethod
    def of(text: str) -> Question:
        """The question, cut at MAX_QUESTION characters."""
        short = clean(text[:MAX_QUESTION])
        cut = tuple(tokens(short))
        return Question(short, cut, tuple(n for n, token in enumerate(cut) if token.stem not in FILLERS))

    def find(self, stems: Sequence[str]) -> list[tuple[int, ...]]:
        """All places where the stems stand in a row (fillers between them do not count), as token positions."""
        width = len(stems)
        if not width:
            return []
        wanted = tuple(stems)
        run = [self.tokens[n].stem for n in self.content]
        return [
            tuple(self.content[start : start + width])
            for start in range(len(run) - width + 1)
            if tuple(run[start : start + width]) == wanted
        ]

    def between(self, start: int, end: int) -> frozenset[int]:
        """The positions of the tokens that touch the characters [start, end)."""
        return frozenset(n for n, token in enumerate(self.tokens) if token.start < end and token.end > start)

    def said(self, positions: Iterable[int]) -> str:
        """The user's own words at these positions, from the first to the last."""
        places = sorted(positions)
        if not places:
            return ""
        return self.text[self.tokens[places[0]].start : self.tokens[places[-1]].end]


_UNIT = re.compile(r"\s*\((?:[A-Z]{3}|[£$€¥%]|(?:in )?(?:[£$€]|[A-Z]{3})? ?(?:k|m|bn|thousands?|millions?))\)\s*$")


def without_unit(label: str) -> str:
    """A column's label without the unit behind it, which every figure shows anyway.

    >>> without_unit("Revenue (GBP)"), without_unit("Sales ($m)"), without_unit("Tax (5%)")
    ('Revenue', 'Sales', 'Tax (5%)')
    """
    return _UNIT.sub("", label) or label


def runs(positions: Iterable[int]) -> list[list[int]]:
    """Positions in stretches without a gap.

    >>> runs([1, 2, 5])
    [[1, 2], [5]]
    """
    found: list[list[int]] = []
    for position in positions:
        if found and position == found[-1][-1] + 1:
            found[-1].append(position)
        else:
            found.append([position])
    return found


def name(label: str) -> str:
    """A label from a document, safe inside Markdown prose: nothing in it can format, link or pass for a reference.

    >>> print(name("AAPL_x"), name("_x_"), name("Cost  [[v1]]"))
    AAPL_x \\_x\\_ Cost \\[ \\[v1\\] \\]
    """
    plain = " ".join(label.split()).replace("[[", "[ [").replace("]]", "] ]")
    return re.sub(r"[\\`*\[\]<>|~#]|(?<![^\W_])_|_(?![^\W_])", lambda found: "\\" + found[0], plain)


def opening(sentence: str) -> str:
    """The sentence with a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def listed(items: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A small count in words: `one year`, `four years`; beyond 99, `many years`."""
    nouns = noun if number == 1 else plural or (noun[:-1] + "ies" if noun.endswith(("ty", "ry")) else noun + "s")
    return f"{number_word(number)} {nouns}"


def number_word(number: int) -> str:
    """The number in words up to 99, then `many`.

    >>> number_word(4), number_word(21), number_word(80), number_word(1000)
    ('four', 'twenty-one', 'eighty', 'many')
    """
    if 0 <= number <= 20:
        return _NUMBERS[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return (["", "", "twenty", *_TENS][tens]) + (f"-{_NUMBERS[rest]}" if rest else "")
    return "many"


def read_number(word: str) -> int | None:
    """A small count as asked for: `3` or `three`."""
    if word.isdecimal() and len(word) < 5:
        return int(word)
    return _NUMBERS.index(word) if word in _NUMBERS else None
