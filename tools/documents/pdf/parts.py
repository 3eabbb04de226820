"""A page to its parts: text set in two columns is read column by column, each as if it were a page of its own.

Two columns show as a strip of white in the middle of the page that many lines in a row leave free, with words to its right
that begin at one margin. The figures of a table do not begin at a margin, they end at one; so tables stay whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tools.documents.pdf.cells import chunks_of
from tools.documents.pdf.words import Line, Word, lines_of

_LEAST_LINES = 8
_STRIP = 5.0  # points of white between two columns, at least
_MIDDLE = (0.36, 0.64)
_MARGIN = 2.5
_PROSE_WORDS = 5


def parts_of(words: Sequence[Word]) -> list[list[Line]]:
    """The lines of each part, from top to bottom and the left column before the right."""
    lines = lines_of(words)
    strip = _strip(lines)
    if strip is None:
        return [lines] if lines else []
    found: list[list[Line]] = []
    above = 0
    for first, last in _runs(lines, strip):
        found.append(lines[above:first])
        inside = [word for line in lines[first : last + 1] for word in line.words]
        found.append(lines_of([word for word in inside if word.right <= strip]))
        found.append(lines_of([word for word in inside if word.right > strip]))
        above = last + 1
    found.append(lines[above:])
    return [part for part in found if part]


def _strip(lines: Sequence[Line]) -> float | None:
    """Where the white strip between two columns stands, if there is one."""
    if len(lines) < _LEAST_LINES:
        return None
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    free: Counter[int] = Counter()
    for line in lines:
        for before, after in _gaps(line):
            low = max(before + 1, left + _MIDDLE[0] * (right - left))
            high = min(after - 1, left + _MIDDLE[1] * (right - left))
            free.update(range(int(low) + 1, int(high) + 1))
    if not free:
        return None
    most = max(free.values())
    if most < _LEAST_LINES:
        return None
    best = [at for at, count in free.items() if count >= most - 1]
    strip = float(sorted(best)[len(best) // 2])
    return strip if any(True for _ in _runs(lines, strip)) else None


def _gaps(line: Line) -> list[tuple[float, float]]:
    """The white between the words of a line, where it is wide."""
    found: list[tuple[float, float]] = []
    reach = line.words[0].right
    for word in line.words[1:]:
        if word.left - reach >= _STRIP:
            found.append((reach, word.left))
        reach = max(reach, word.right)
    return found


def _runs(lines: Sequence[Line], strip: float) -> list[tuple[int, int]]:
    """Runs of lines that leave the strip free and are text in two columns there."""
    found: list[tuple[int, int]] = []
    start = -1
    for index, line in enumerate([*lines, None]):
        crosses = line is None or any(word.left < strip - 1 and word.right > strip + 1 for word in line.words)
        if not crosses and start < 0:
            start = index
        elif crosses and start >= 0:
            if _is_in_columns(lines[start:index], strip):
                found.append((start, index - 1))
            start = -1
    return found


def _is_in_columns(lines: Sequence[Line], strip: float) -> bool:
    sides = [
        ([word for word in line.words if word.right <= strip], [word for word in line.words if word.right > strip])
        for line in lines
    ]
    both = [pair for pair in sides if pair[0] and pair[1]]
    if len(both) < _LEAST_LINES - 2:
        return False
    starts = [right[0] for _, right in sides if right]
    margins = Counter(round(word.left / _MARGIN) for word in starts if any(map(str.isalpha, word.text)))
    margin = margins.most_common(1)
    aligned = sum(margins[margin[0][0] + step] for step in (-1, 0, 1)) if margin else 0
    if aligned < 0.45 * len(starts):
        return False
    prose = [sum(1 for pair in sides if _is_prose(pair[side])) for side in (0, 1)]
    return max(prose) >= 5 and sum(prose) >= 0.3 * len(lines)


def _is_prose(words: Sequence[Word]) -> bool:
    if len(words) < _PROSE_WORDS:
        return False
    longest = max(chunks_of(words, 1.2 * words[0].height), key=len)
    return len(longest) >= _PROSE_WORDS and sum(1 for word in longest if word.text[0].isalpha()) >= _PROSE_WORDS - 1
