"""Lines that belong to no table, as paragraphs and headings, and the lines that every page repeats.

A paragraph ends at white space, where the size of the letters changes, or where a line stops well before the margin and
the next begins anew. What stands at the same words on page after page (`Table of Contents`, the company's name, page
numbers) is furniture and no text of the document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.documents.document import Box, Passage
from tools.documents.pdf.words import Line

MAX_CHARS = 6_000
_SEEN_OFTEN = 4
_DIGITS = re.compile(r"[0-9]+")
_ENDS = re.compile(r"[.!?:;]\W{0,2}$")
_BULLET = re.compile(r"^(?:[•▪◦·‣–—*]|\([a-z0-9]{1,3}\)|[0-9]{1,2}[.)])$")


@dataclass(slots=True)
class Paragraph:
    """Text put together from lines; `boxes`: the offset at which each line begins and its box in points."""

    text: str = ""
    boxes: list[tuple[int, Box]] = field(default_factory=list)
    height: float = 0.0
    is_heading: bool = False

    def add(self, line: Line) -> None:
        words = line.text
        if self.text.endswith("-") and len(self.text) > 1 and self.text[-2].isalpha() and words[:1].islower():
            glue = (
                ""  # a compound broken at its hyphen keeps it; what was hyphenated only to break cannot be told apart
            )
        else:
            glue = " " if self.text else ""
        self.boxes.append((len(self.text) + len(glue), (line.left, line.top, line.right, line.bottom)))
        self.text += glue + words
        self.height = max(self.height, line.height)


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """The paragraphs of a page's lines, from top to bottom."""
    if not lines:
        return []
    margin = max(line.right for line in lines)
    found: list[Paragraph] = []
    before: Line | None = None
    for line in lines:
        if before is None or _starts_anew(before, line, margin) or len(found[-1].text) > MAX_CHARS:
            found.append(Paragraph())
        found[-1].add(line)
        before = line
    usual = Counter(round(line.height) for line in lines).most_common(1)[0][0]
    for paragraph in found:
        short = len(paragraph.boxes) <= 2 and len(paragraph.text) <= 120
        paragraph.is_heading = short and not _ENDS.search(paragraph.text) and _is_title(paragraph, usual)
    return found


def _is_title(paragraph: Paragraph, usual: float) -> bool:
    words = [word for word in paragraph.text.split() if word[0].isalpha()]
    if not words:
        return False
    capitals = sum(1 for word in words if word[0].isupper() or len(word) < 4)
    return paragraph.height > usual + 1 or (capitals == len(words) and len(words) <= 12)


def _starts_anew(before: Line, line: Line, margin: float) -> bool:
    gap = line.top - before.bottom
    if gap > 0.75 * line.height or gap < -2 * line.height:
        return True
    if abs(line.height - before.height) > 0.2 * before.height:
        return True
    if _BULLET.match(line.words[0].text) and line.words[0].left <= before.left + 2 * line.height:
        return True
    offset = line.left - before.left
    if abs(offset) > 0.7 * line.height and abs(offset + line.right - before.right) < line.height:
        return True  # titles are set in the middle, each by itself
    if line.words[0].text.startswith("(") and before.right < margin - 6 * line.height:
        return True
    stops_early = before.right < margin - 12 * line.height
    return stops_early and (bool(_ENDS.search(before.text)) or line.words[0].text[:1].isupper())


class Furniture:
    """What pages repeat at their upper and lower edges."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def see(self, paragraph: Paragraph, height: float) -> None:
        """Notes a paragraph if it stands at an edge of its page."""
        top, bottom = paragraph.boxes[0][1][1], paragraph.boxes[-1][1][3]
        if (bottom < 0.09 * height or top > 0.9 * height) and len(paragraph.text) < 200:
            self._seen[_masked(paragraph.text)] += 1

    def without(self, passages: Sequence[Passage]) -> list[Passage]:
        """The passages that are no furniture."""
        often = {words for words, count in self._seen.items() if count >= _SEEN_OFTEN}
        return [passage for passage in passages if _masked(passage.text) not in often]


def _masked(text: str) -> str:
    return _DIGITS.sub("#", text)
