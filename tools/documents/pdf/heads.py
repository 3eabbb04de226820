"""What stands over the columns of a table: its header lines, over which columns each of their words stands, and its titles.

A header line's words are centred over what they are about, or end where it ends. `Three months ended June 30,` over four
columns of figures belongs to the run of columns whose middle is nearest to its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.documents.pdf.cells import CLEAR, chunks_of, is_numeric
from tools.documents.pdf.regions import is_prose
from tools.documents.pdf.rows import Columns
from tools.documents.pdf.words import Line, Word, joined

MAX_HEADER_LINES = 8
MAX_TITLE_LINES = 8
_DURATION = re.compile(
    r"\b(?:ended|ending|months|weeks|years?|quarters?|millions|thousands|as (?:of|at)|increase|decrease|unaudited)\b",
    re.I,
)
_TITLE_GAP = 4.0  # line heights of white between a table and the words that are its title


@dataclass(slots=True)
class Head:
    """Header rows from the top: each a text by first column (0 is the label column) with the number of columns it spans.
    `titles` and `labels`: the indexes of the lines that name the table, and of those between the header and the first
    figures, which are headings of rows. `first`: the index of the topmost header line.
    """

    rows: list[dict[int, tuple[str, int]]] = field(default_factory=list)
    titles: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    first: int = 0


def read_head(lines: Sequence[Line], data: int, floor: int, columns: Columns) -> Head:
    """The head over line `data`, the first with figures, not above line `floor`."""
    head = Head(first=data)
    waiting: list[int] = []
    below = lines[data]
    for index in range(data - 1, max(floor, data - MAX_HEADER_LINES) - 1, -1):
        line = lines[index]
        if below.top - line.bottom > (1.7 if head.rows else 2.6) * line.height:
            break
        if is_header_line(line, columns):
            head.labels = waiting + head.labels
            waiting = []
            head.rows.insert(0, _spread(line, columns))
            head.first = index
        elif not head.rows and line.right <= columns.zone + line.height:
            waiting.insert(0, index)
        else:
            break
        below = line
    head.titles = _titles(lines, head.first, floor, columns)
    return head


def is_header_line(line: Line, columns: Columns) -> bool:
    """Whether a line's words stand over columns, each piece over some of them, beside at most a stub on the left."""
    chunks = chunks_of(line.words, CLEAR * line.height)
    over = [chunk for chunk in chunks if _is_over(chunk, columns)]
    if not over or is_prose(line, columns.zone):
        return False
    if any(_is_amount(word.text) for chunk in over for word in chunk):
        return False
    rest = [chunk for chunk in chunks if chunk not in over]
    return all(chunk[-1].right <= columns.zone + 2 * line.height for chunk in rest)


def _is_amount(text: str) -> bool:
    """Whether a word is a figure that no header has: `1,234`, `$5`, `(12)`, and no day, year or number of weeks."""
    bare = text.strip("()")
    return any("0" <= sign <= "9" for sign in bare) and is_numeric(text) and not (bare.isdecimal() and "(" not in text)


def _is_over(chunk: Sequence[Word], columns: Columns) -> bool:
    left, right = chunk[0].left, max(word.right for word in chunk)
    first, last = columns.lefts[0], columns.rights[-1]
    middle = (left + right) / 2
    slack = columns.height
    if not (first - slack <= middle <= last + slack):
        return False
    return left >= first - max(2 * slack, 0.45 * (right - left)) and right <= last + 3 * slack


def _spread(line: Line, columns: Columns) -> dict[int, tuple[str, int]]:
    chunks = chunks_of(line.words, CLEAR * line.height)
    stub = [word for chunk in chunks if not _is_over(chunk, columns) for word in chunk]
    over = [chunk for chunk in chunks if _is_over(chunk, columns)]
    return _assign(stub, _split_over(over, columns), columns)


def _split_over(chunks: Sequence[list[Word]], columns: Columns) -> list[list[Word]]:
    """Pieces that run over several columns word by word (`2022 2021` set close together) are cut between the columns."""
    found: list[list[Word]] = []
    for chunk in chunks:
        at = [_nearest(word, columns) for word in chunk]
        if len(chunk) > 1 and len(set(at)) == len(at) and all(_ends_in(word, columns) for word in chunk):
            found += [[word] for word in chunk]
        else:
            found.append(chunk)
    return found


def _nearest(word: Word, columns: Columns) -> int:
    return min(range(len(columns.edges)), key=lambda column: abs(columns.edges[column] - word.right))


def _ends_in(word: Word, columns: Columns) -> bool:
    return abs(columns.edges[_nearest(word, columns)] - word.right) < 1.2 * columns.height


def _assign(stub: Sequence[Word], chunks: Sequence[Sequence[Word]], columns: Columns) -> dict[int, tuple[str, int]]:
    found: dict[int, tuple[str, int]] = {}
    if stub:
        found[0] = (joined([word for word in stub if not word.raised]), 1)
    spans = list(zip(columns.lefts, columns.rights, strict=True))
    touched = [_touched(chunk, spans) for chunk in chunks]
    for number, chunk in enumerate(chunks):
        low = max((max(columns_) for columns_ in touched[:number]), default=-1) + 1
        high = min((min(columns_) for columns_ in touched[number + 1 :]), default=len(spans)) - 1
        text = joined([word for word in chunk if not word.raised])
        first, last = _centred(chunk, touched[number], low, high, spans)
        if len(chunks) == 1 and first == last and _DURATION.search(text) and _is_middle(chunk, spans, columns.height):
            first, last = 0, len(spans) - 1
        if first + 1 in found:
            text = f"{found[first + 1][0]} {text}"
        found[first + 1] = (text, last - first + 1)
    return found


def _touched(chunk: Sequence[Word], spans: Sequence[tuple[float, float]]) -> list[int]:
    """The columns under a piece; the nearest where there is none."""
    left, right = chunk[0].left, max(word.right for word in chunk)
    under = [column for column, span in enumerate(spans) if min(right, span[1]) - max(left, span[0]) > 0]
    middle = (left + right) / 2
    return under or [min(range(len(spans)), key=lambda column: abs(sum(spans[column]) / 2 - middle))]


def _centred(
    chunk: Sequence[Word], under: Sequence[int], low: int, high: int, spans: Sequence[tuple[float, float]]
) -> tuple[int, int]:
    """The run of columns around those under a piece, between `low` and `high`, whose middle is nearest to the piece's."""
    left, right = chunk[0].left, max(word.right for word in chunk)
    middle = (left + right) / 2
    first, last = max(min(under), low), min(max(under), high)
    if first > last:
        return min(under), max(under)

    def off(run: tuple[int, int]) -> float:
        return abs((spans[run[0]][0] + spans[run[1]][1]) / 2 - middle)

    runs = [(a, b) for a in range(low, first + 1) for b in range(last, high + 1)]
    best = min(runs, key=lambda run: (off(run), run[1] - run[0]))
    own = (first, last)
    gain = off(own) - off(best)
    return best if gain > 0.5 * (right - left) / max(1, len(under)) * 0.3 and gain > 4 else own


def _is_middle(chunk: Sequence[Word], spans: Sequence[tuple[float, float]], height: float) -> bool:
    """Whether a piece stands in the middle of all columns, which of three is also the middle of the second."""
    middle = (chunk[0].left + max(word.right for word in chunk)) / 2
    return abs((spans[0][0] + spans[-1][1]) / 2 - middle) < 1.5 * height


def _titles(lines: Sequence[Line], first: int, floor: int, columns: Columns) -> list[int]:
    """The lines above a table that name it, nearest last: short ones, until white space or prose."""
    found: list[int] = []
    below = lines[first]
    for index in range(first - 1, max(floor, first - MAX_TITLE_LINES) - 1, -1):
        line = lines[index]
        if below.top - line.bottom > _TITLE_GAP * line.height:
            break
        if is_prose(line, columns.zone) and (line.right - line.left > 40 * line.height or line.text.endswith(".")):
            break
        found.insert(0, index)
        below = line
    return found
