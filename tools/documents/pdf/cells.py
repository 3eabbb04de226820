"""Printed numbers on a line: which words make a cell, and which of them stand at its end, where columns are.

A figure is often set in pieces: `$` at the left edge of its column, digits, a parenthesis or `%` a little further on. Here
they become one cell. Nothing is known of columns yet; a number inside a label (`allowances of $95`) is a cell like any other
until the columns of the table say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.documents.pdf.words import Line, Word, joined

CLEAR = 0.9  # of a line's height: a gap that no space between words has
_NUMBER = re.compile(
    r"[(\[]*(?:[-–−+]|US\$|C\$|[$€£¥])*[(]*(?:[-–−])?(?:(?:[0-9]{1,3}(?:,[0-9]{2,3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)(?:[%x×]|bps?|bn|[MmBk])?[)\]]*%?"
    r"(?:\([a-z0-9]{1,2}\)|[*†‡]{1,2})?"
)
_DASH = re.compile(r"(?:US\$|[$€£¥])?\(?[-–—−]{1,3}\)?%?")
_EMPTY = re.compile(r"(?:n/?a|n/?m|n\.m\.|nmf|\*{1,3}|\.{2,3})", re.I)
_BEFORE = re.compile(r"(?:US\$|C\$|[$€£¥]|\(|\(\$|[$]\()")
_AFTER = re.compile(r"\)?%?\)?|pts?|bps|%\)|x")
_YEAR = re.compile(r"\(?(?:FY)?(?:19|20)[0-9]{2}[EA]?\)?")


@dataclass(slots=True)
class Cell:
    """One printed figure, dash or `n/a`: its words, and `edge`, the right edge of its digits."""

    words: list[Word]
    edge: float

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @property
    def text(self) -> str:
        return joined([word for word in self.words if not word.raised])

    @property
    def is_year(self) -> bool:
        return len(self.words) == 1 and _YEAR.fullmatch(self.words[0].text) is not None

    @property
    def is_figure(self) -> bool:
        """Whether it has digits, which a dash has not."""
        return any("0" <= sign <= "9" for word in self.words for sign in word.text)


def is_numeric(text: str) -> bool:
    """Whether a word is a printed number, or stands where one would."""
    return bool(_NUMBER.fullmatch(text) or _DASH.fullmatch(text) or _EMPTY.fullmatch(text))


def cells_of(words: Sequence[Word]) -> list[Cell]:
    """All cells of a line, from left to right."""
    found: list[Cell] = []
    pending: list[Word] = []
    last = -1
    for index, word in enumerate(words):
        if is_numeric(word.text) and not word.raised:
            found.append(Cell([*pending, word], _edge(word)))
            pending, last = [], index
        elif word.raised:
            if last == index - 1 and found:
                found[-1].words.append(word)
                last = index
        elif _BEFORE.fullmatch(word.text):
            pending = [word]
        else:
            pending = []
            near = found and last == index - 1 and word.left - found[-1].right < 1.3 * word.height
            if near and word.text and _AFTER.fullmatch(word.text):
                found[-1].words.append(word)
                last = index
    return found


def _edge(word: Word) -> float:
    """The right edge of the digits: what closes a bracket or says percent hangs over."""
    digits = word.text.rstrip(")]%*†‡")
    hanging = len(word.text) - len(digits) if digits else 0
    return word.right - 0.8 * hanging * (word.right - word.left) / len(word.text)


def trailing_cells(line: Line) -> list[Cell]:
    """The cells a line ends with, where a clear gap sets them apart from the words before; none where it ends in words.

    A line of numbers alone has all of them.
    """
    cells = cells_of(line.words)
    if not cells:
        return []
    found: list[Cell] = []
    end = len(line.words)
    for cell in reversed(cells):
        if cell.words[-1] is not line.words[end - 1]:
            break
        found.append(cell)
        end -= len(cell.words)
    found.reverse()
    while found and end > 0 and found[0].left - line.words[end - 1].right < CLEAR * line.height:
        end += len(found[0].words)  # a number that follows its words as words do is one of them
        del found[0]
    return found


def chunks_of(words: Sequence[Word], clear: float) -> list[list[Word]]:
    """Runs of words without a gap of `clear` points between them."""
    found: list[list[Word]] = []
    right = 0.0
    for word in words:
        if found and word.left - right < clear:
            found[-1].append(word)
        else:
            found.append([word])
            right = word.right
        right = max(right, word.right)
    return found
