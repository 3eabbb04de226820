"""What stands over the columns of a table: its header lines, and the headings of rows between them and the figures.

A header line has pieces over the columns, none of which is an amount, and at most a stub on the left (`In millions`). It is
looked for upwards from the first figures, through row headings (`Assets`), until white space or a line that is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tools.documents.pdf.cells import CLEAR, chunks_of, is_numeric
from tools.documents.pdf.regions import is_prose
from tools.documents.pdf.rows import Columns
from tools.documents.pdf.spans import cut, spread
from tools.documents.pdf.words import Line, Word

MAX_HEADER_LINES = 8


@dataclass(slots=True)
class Head:
    """Header rows from the top: each a text by first column (0 is the label column) with the number of columns it spans.
    `labels`: the indexes of lines between the header and the first figures, which are headings of rows. `first`: the
    index of the topmost header line.
    """

    rows: list[dict[int, tuple[str, int]]] = field(default_factory=list)
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
            head.rows.insert(0, spread(*_pieces(line, columns), columns))
            head.first = index
        elif not head.rows and line.right <= columns.zone + line.height:
            waiting.insert(0, index)
        else:
            break
        below = line
    _spread_over_repeats(head.rows, len(columns.edges))
    return head


def _spread_over_repeats(rows: list[dict[int, tuple[str, int]]], width: int) -> None:
    """Headings that stand over one column of each group, over all of it: `2022  2021` over `Shares Amount Shares Amount`,
    `Three months ended  Nine months ended` over `July 1, June 25, Change` twice.
    """
    for row, below in pairwise(rows):
        pieces = {column: text for column, (text, _) in row.items() if column}
        if len(pieces) < 2 or width % len(pieces):
            continue
        group = width // len(pieces)
        names = [below.get(column, ("", 1))[0] for column in range(1, width + 1)]
        own = names[:group]
        repeats = len(set(own)) == group > 1 and sum(map(bool, own)) > 1 and names == own * len(pieces)
        if repeats and [(column - 1) // group for column in sorted(pieces)] == list(range(len(pieces))):
            stub = {0: row[0]} if 0 in row else {}
            ordered = [pieces[column] for column in sorted(pieces)]
            row.clear()
            row.update(stub | {1 + group * at: (text, group) for at, text in enumerate(ordered)})


def is_header_line(line: Line, columns: Columns) -> bool:
    """Whether a line's words stand over columns, each piece over some of them, beside at most a stub on the left."""
    stub, over = _pieces(line, columns)
    if not over or is_prose(line, columns.zone) or _is_title(line, columns):
        return False
    if any(_is_amount(word.text) for piece in over for word in piece):
        return False
    return all(word.right <= columns.zone + 2 * line.height for word in stub)


def _is_title(line: Line, columns: Columns) -> bool:
    """Whether a line is one run of words in the middle of the whole table rather than of its columns."""
    if len(chunks_of(line.words, CLEAR * line.height)) > 1:
        return False
    middle = (line.left + line.right) / 2
    of_table = (columns.margin + columns.rights[-1]) / 2
    of_columns = (columns.lefts[0] + columns.rights[-1]) / 2
    return abs(middle - of_table) < 1.2 * columns.height and abs(middle - of_columns) > 2 * columns.height


def _pieces(line: Line, columns: Columns) -> tuple[list[Word], list[list[Word]]]:
    """The words of a line left of the columns, and the pieces over them."""
    chunks = chunks_of(line.words, CLEAR * line.height)
    over = [chunk for chunk in chunks if _is_over(chunk, columns)]
    return [word for chunk in chunks if chunk not in over for word in chunk], cut(over, columns)


def _is_amount(text: str) -> bool:
    """Whether a word is a figure that no header has: `1,234`, `$5`, `4.5%`, and no day, year, number of weeks or `(1)`."""
    return is_numeric(text) and any("0" <= sign <= "9" for sign in text) and any(sign in ",.$€£¥%" for sign in text)


def _is_over(chunk: Sequence[Word], columns: Columns) -> bool:
    left, right = chunk[0].left, max(word.right for word in chunk)
    first, last = columns.lefts[0], columns.rights[-1]
    middle = (left + right) / 2
    slack = columns.height
    if columns.label_right + slack / 2 < left:
        return right > first - slack
    if not (first - slack <= middle <= last + slack):
        return False
    if any(abs(right - edge) < 0.6 * slack for edge in (*columns.edges, *columns.rights)) and right - left < 12 * slack:
        return True
    return left >= first - max(2 * slack, 0.45 * (right - left)) and right <= last + 3 * slack
