"""Characters to words, and words to printed lines.

A word is a run of characters on one line without a gap between them; spaces in the file are often missing or wrong, so
gaps decide, and a space decides only where it leaves one. A line is what stands side by side. Small raised characters
(footnote marks) join the line they belong to and say that they are raised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.documents.pdf.glyphs import Glyph

_GAP_WITHOUT_SPACE = 0.16  # of the height of a character
_GAP_WITH_SPACE = 0.04
_FRACTION = re.compile(r"[0-9]{1,2}[/⁄][0-9]{1,2}")
_RAISED = 0.82  # of the usual height of a line, above which a character is no footnote mark


@dataclass(slots=True)
class Word:
    """A word with its box in points. `raised`: printed small and high, as the mark of a footnote is."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    raised: bool = False

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(slots=True)
class Line:
    """Words that stand side by side, from left to right. The box is that of the words which are not raised."""

    words: list[Word]
    top: float
    bottom: float

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def text(self) -> str:
        """The words with spaces between; a raised mark follows its word without one."""
        return joined(self.words)


def joined(words: Sequence[Word]) -> str:
    """Words as text."""
    pieces: list[str] = []
    for word in words:
        if pieces and not word.raised:
            pieces.append(" ")
        pieces.append(word.text)
    return "".join(pieces)


def words_of(glyphs: Sequence[Glyph]) -> list[Word]:
    """The words in the order of the file."""
    found: list[Word] = []
    word: Word | None = None
    spaced = False
    for text, left, top, right, bottom in glyphs:
        if text == " ":
            spaced = True
            continue
        if word is not None:
            height = word.bottom - word.top
            gap = left - word.right
            middle = (top + bottom) / 2
            wide = gap > height * (_GAP_WITH_SPACE if spaced else _GAP_WITHOUT_SPACE)
            same_size = abs((bottom - top) - height) < 0.12 * height
            if not wide and gap > -0.5 * height and word.top < middle < word.bottom and same_size:
                if gap < -0.3 * height and word.text[-1] == text:
                    continue  # bold by printing twice
                word.text += text
                word.right = max(word.right, right)
                spaced = False
                continue
        word = Word(text, left, top, right, bottom)
        found.append(word)
        spaced = False
    return found


def lines_of(words: Sequence[Word]) -> list[Line]:
    """The printed lines, from top to bottom. A word joins the line which its height overlaps by half or more."""
    lines: list[Line] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.left)):
        line = next((line for line in reversed(lines[-4:]) if _stands_in(word, line)), None)
        if line is None:
            lines.append(Line([word], word.top, word.bottom))
            continue
        line.words.append(word)
        if word.height > 1.2 * line.height or (word.height > line.height / 1.2 and word.height >= line.height):
            line.top, line.bottom = word.top, word.bottom
    for line in lines:
        line.words.sort(key=lambda word: (word.left, word.right))
        _mend(line)
        _mark_raised(line)
        _mend_fractions(line)
    lines.sort(key=lambda line: line.top + line.bottom)
    return lines


def _stands_in(word: Word, line: Line) -> bool:
    overlap = min(word.bottom, line.bottom) - max(word.top, line.top)
    return overlap >= 0.5 * min(word.height, line.height)


def _mend(line: Line) -> None:
    """Puts back a last letter that is set apart from its word (`Incom e`), which no English word is."""
    words = line.words
    for at in range(len(words) - 1, 0, -1):
        word, before = words[at], words[at - 1]
        lone = len(word.text) == 1 and word.text.islower() and word.text not in "aox"
        if lone and len(before.text) > 2 and before.text.isalpha() and word.left - before.right < 0.2 * word.height:
            before.text, before.right = before.text + word.text, word.right
            del words[at]


def _mark_raised(line: Line) -> None:
    for word in line.words:
        small = word.height < _RAISED * line.height
        word.raised = small and word.bottom < line.bottom - 0.1 * line.height and len(word.text) <= 6


def _mend_fractions(line: Line) -> None:
    """Puts fractions set in small digits together (`2`, `/`, `3`): a raised number before a stroke is no footnote mark."""
    words = line.words
    for at in range(len(words) - 1, 0, -1):
        if _FRACTION.fullmatch(words[at].text) and words[at].raised:
            words[at].raised = False
        parts = words[at - 1 : at + 2]
        if len(parts) == 3 and parts[0].raised and _FRACTION.fullmatch("".join(word.text for word in parts)):
            parts[0].text, parts[0].right, parts[0].raised = "".join(word.text for word in parts), parts[2].right, False
            after = words[at + 2] if at + 2 < len(words) else None
            if after is not None and after.text == "¢" and after.left - parts[0].right < 0.2 * after.height:
                parts[0].text, parts[0].right = parts[0].text + after.text, after.right
                del words[at + 2]
            del words[at : at + 2]
