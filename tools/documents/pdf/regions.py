"""Where tables stand on a page: runs of lines that end in figures under each other.

A line belongs to a table when a clear gap sets its figures apart from its words. Lines of words between such lines are
headings or wrapped labels and belong to the table too; a line of prose, which runs on under the columns, ends it, and so
does a row of years under rows of figures, with which the next table begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.documents.pdf.cells import CLEAR, Cell, cells_of, chunks_of, trailing_cells
from tools.documents.pdf.words import Line

MAX_LINES_BETWEEN = 6
_FAR = 5.0  # line heights of white that no table has inside


@dataclass(slots=True)
class Region:
    """A table on a page: its first and last line with figures, by their index among the page's lines, and `edges`, the
    right edges of its columns from left to right. `cells` by line are those that stand in a column.
    """

    first: int
    last: int
    edges: list[float] = field(default_factory=list)
    zone: float = 0.0


def find_regions(lines: Sequence[Line]) -> list[Region]:
    """The tables of a page, from top to bottom."""
    cells = [trailing_cells(line) for line in lines]
    found: list[Region] = []
    current: list[int] = []
    for index, line in enumerate(lines):
        if not cells[index] or _is_page_number(line, cells[index]):
            continue
        if current and _breaks(lines, cells, current, index):
            found += _region(lines, cells, current)
            current = []
        current.append(index)
    found += _region(lines, cells, current) if current else []
    for number, region in enumerate(found):
        _grow(lines, region, found[number - 1].last + 1 if number else 0)
    return found


def _grow(lines: Sequence[Line], region: Region, floor: int) -> None:
    """Takes in lines right above whose label leaves their figures no clear gap, once it is known where columns end."""
    while region.first > floor:
        line, below = lines[region.first - 1], lines[region.first]
        aligned = [cell for cell in cells_of(line.words) if column_at(cell.edge, region.edges, line.height) is not None]
        amounts = [
            cell for cell in aligned if cell.is_figure and not cell.is_year and cell.left > region.zone - line.height
        ]
        at_end = bool(amounts) and amounts[-1].words[-1] is line.words[-1]
        if not at_end or below.top - line.bottom > line.height or line.words[0].left > region.zone:
            return
        region.first -= 1


def _is_page_number(line: Line, cells: Sequence[Cell]) -> bool:
    """A lone whole number of up to three digits says which page this is, or is too little to be a table."""
    return len(line.words) == 1 and len(cells) == 1 and len(line.words[0].text) <= 3


def _breaks(lines: Sequence[Line], cells: Sequence[Sequence[Cell]], current: Sequence[int], index: int) -> bool:
    """Whether a new table begins at line `index`."""
    last = current[-1]
    line = lines[index]
    if index - last - 1 > MAX_LINES_BETWEEN:
        return True
    stops = [lines[at] for at in range(last + 1, index)]
    left = min(_lefts(lines, cells, current))
    if any(is_prose(stop, left) or _heads_columns(stop, left) for stop in stops):
        return True
    previous = lines[last]
    for at in range(last + 1, index + 1):
        if lines[at].top - previous.bottom > _FAR * line.height:
            return True
        previous = lines[at]
    if _is_header(line, cells[index], left) and not all(_is_header(lines[at], cells[at], left) for at in current):
        return True
    edges = [cell.edge for at in current for cell in cells[at]]
    meets = any(abs(cell.edge - edge) < 0.8 * line.height for cell in cells[index] for edge in edges)
    return not meets and (len(current) > 1 or bool(stops))


def _lefts(lines: Sequence[Line], cells: Sequence[Sequence[Cell]], rows: Sequence[int]) -> list[float]:
    """How far left figures stand, not counting a year that stands alone and may be the heading of rows."""
    margin = _margin(lines, cells, rows)
    own = [_without_label(lines[at], cells[at], margin) for at in rows]
    amounts = [cell.left for found in own for cell in found if not (cell.is_year and len(found) == 1)]
    return amounts or [cell.left for at in rows for cell in cells[at]]


def _margin(lines: Sequence[Line], cells: Sequence[Sequence[Cell]], rows: Sequence[int]) -> float:
    """Where labels begin; far off the page where no row has one."""
    labelled = [at for at in rows if lines[at].words[0] is not cells[at][0].words[0]]
    return min((lines[at].left for at in labelled), default=-1e9)


def _without_label(line: Line, cells: Sequence[Cell], margin: float) -> Sequence[Cell]:
    """The cells without a first one that stands where labels do: a year, or the end of a label that was wrapped."""
    if len(cells) < 2 or cells[0].left > margin + 4 * line.height:
        return cells
    apart = cells[1].left - cells[0].right > 6 * line.height
    return cells[1:] if apart or cells[0].left < margin + 1.5 * line.height else cells


def is_prose(line: Line, zone: float) -> bool:
    """Whether a line is running text: many words without a clear gap, reaching in under the columns that begin at `zone`."""
    if len(line.words) < 6 or line.right < zone + 1.5 * line.height:
        return False
    longest = max(chunks_of(line.words, 1.6 * line.height), key=len)
    reach = longest[-1].right - longest[0].left
    under = longest[0].left < zone < longest[-1].right
    return len(longest) >= 6 and reach > 18 * line.height and under


def _heads_columns(line: Line, zone: float) -> bool:
    """Whether words without a figure stand over several columns, as only those of a header do."""
    chunks = chunks_of(line.words, CLEAR * line.height)
    return sum(1 for chunk in chunks if chunk[-1].right > zone and chunk[0].left > zone - 4 * line.height) > 1


def _is_header(line: Line, cells: Sequence[Cell], zone: float) -> bool:
    """A row of nothing but years over the columns that begin at `zone`, whatever stands before them."""
    years = [cell for cell in cells if cell.is_year]
    return len(years) == len(cells) and (len(years) > 1 or len(line.words) == 1) and years[-1].right > zone


def _region(lines: Sequence[Line], cells: Sequence[Sequence[Cell]], rows: Sequence[int]) -> list[Region]:
    """The region of these rows with its columns; none where they make no table: fewer than two rows with figures."""
    data = [at for at in rows if any(cell.is_figure and not cell.is_year for cell in cells[at])]
    if len(data) < 2:
        return []
    kept = [cell for at in data for cell in _without_label(lines[at], cells[at], _margin(lines, cells, rows))]
    height = sorted(lines[at].height for at in rows)[len(rows) // 2]
    edges = _cluster(kept, height, len(data))
    if not edges:
        return []
    aligned = [cell for cell in kept if column_at(cell.edge, edges, height) is not None]
    zone = min(cell.left for cell in aligned)
    return [Region(rows[0], rows[-1], edges, zone)]


def _cluster(cells: Sequence[Cell], height: float, rows: int) -> list[float]:
    """The right edges at which cells end, those that too few cells share left out."""
    groups: list[list[float]] = []
    for edge in sorted(cell.edge for cell in cells):
        if groups and edge - groups[-1][-1] < 0.55 * height:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    least = max(2, rows // 12) if rows > 3 else 1
    return [group[len(group) // 2] for group in groups if len(group) >= least]


def column_at(edge: float, edges: Sequence[float], height: float) -> int | None:
    """The column whose right edge this is."""
    nearest = min(range(len(edges)), key=lambda column: abs(edges[column] - edge))
    return nearest if abs(edges[nearest] - edge) < 0.8 * height else None


__all__ = ["CLEAR", "Region", "column_at", "find_regions", "is_prose"]
