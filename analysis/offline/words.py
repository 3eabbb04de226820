"""Words: a question cut up, and how names and small numbers are put into prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tools.labels import FILLERS, Token, clean, tokens

MAX_QUESTION = 2_000  # characters that are read; a longer message is pasted text, not a longer question

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety".split()


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
