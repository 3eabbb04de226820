"""Rows of cells to blocks: where a table begins, which rows are its header, what stands above and below it.

A file made by people is a page: a company's name, "in thousands", a blank line, two header rows, lines with section
headings between them, another blank line, a second statement, a footnote. A file made by a program is one header and
100,000 records. Both are read by the same question: *which columns hold numbers*, asked of the rows themselves. The
header is the row above the first numbers that has words over those columns; what is above it is title, what has only
one cell and no number is a heading or a note.

Works on any grid of texts; row indexes come back. What we dislike: these are rules of thumb in an order that matters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tools.documents.currencies import CODE_PATTERN, SIGN_PATTERN
from tools.documents.measures import is_caption
from tools.documents.numbers import MAX_CELL, is_blank, read_number
from tools.documents.periods import read_period
from tools.documents.stored import Typed

HEAD_ROWS = 60
MAX_HEADER_ROWS = 5
MAX_BLOCKS = 200
MAX_SEGMENTS = 1_000
_MAX_ROWS_TO_SPLIT = 20_000

Row = Sequence[str]

_META = re.compile(
    r"(?:.*:|(?:company|entity|client|account|currency|report|period|date|from|to|as of|prepared by|generated|unit|units|"
    r"source|scale|created|exported|run date|report date|version))\s*$",
    re.I,
)
_QUALIFIER = re.compile(
    r"(?>\b(?:re-?stated|(?:un)?audited|actual|budget|forecast|plan|estimate|pro[- ]?forma|notes?|reported)\b|[0-9]{1,2}\b|\W)++",
    re.I,
)
_YEAR_WITH_UNIT = re.compile(
    rf"(?:FY ?)?(?:19|20)[0-9]{{2}}\s*[(\[]?(?:{SIGN_PATTERN}|{CODE_PATTERN})\W{{0,3}}"
    rf"(?:000s?|[mkb]|mn|bn|mio\.?|millions?|thousands?)?\W?|{CODE_PATTERN} ?(?:19|20)[0-9]{{2}}"
)
_YEAR_SHOWN = re.compile(r"[A-Z]{0,3} ?(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])?[A-Z]?")
_BARE_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(slots=True)
class Block:
    """One table in a grid, as row indexes: `titles` above it, `header` rows (none to five), `body`, `notes` below it."""

    titles: list[int] = field(default_factory=list)
    header: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    repeated: int = 0


def extent(row: Row) -> int:
    """The number of cells up to the last one that holds something."""
    return next((index for index in range(len(row), 0, -1) if row[index - 1].strip()), 0)


def filled(row: Row) -> int:
    """The number of cells that hold something."""
    return sum(1 for cell in row if cell and not cell.isspace())


def cell_kind(cell: str) -> str:
    """`` for blank, `period`, `number` or `text`: what a cell would be taken for without knowing its column."""
    if is_blank(cell):
        return ""
    if type(cell) is Typed:
        return _typed_kind(cell)
    bare = cell.strip()
    if len(bare) > 2 * MAX_CELL:
        return "text"
    if is_period(bare):
        return "period"
    number = read_number(bare, ".") or read_number(bare, ",")
    return "number" if number and (number.unit or not number.power) else "text"  # `3M` heads a column of rates


def _typed_kind(cell: Typed) -> str:
    """A stored number is a period only where it is shown as a bare year or month (`2024`, `FY2024`), a stored day always."""
    whole = cell.number is None or (not cell.number.unit and _YEAR_SHOWN.fullmatch(cell))
    return "period" if whole and is_period(cell) else "number" if cell.number else "text"


def is_period(cell: str) -> bool:
    """Whether a cell names a period, alone or with a unit: `2024 £m` heads a column and is no amount of £2,024m."""
    return read_period(cell) is not None or _YEAR_WITH_UNIT.fullmatch(cell) is not None


def find_blocks(rows: Sequence[Row]) -> list[Block]:
    """The tables of a grid, in order. A grid without one gives an empty list."""
    segments = _merged(_segments(rows))
    narrow = all(extent(row) <= 1 for row in rows)
    blocks: list[Block] = []
    waiting: list[int] = []
    heads = [_find_head(rows, segment, narrow) for segment in segments]
    for index, (segment, head) in enumerate(zip(segments, heads, strict=True)):
        if _is_preface(rows, segment, head, segments[index + 1 : index + 2], narrow):
            waiting += segment
        elif head.header or not blocks:
            if len(blocks) >= MAX_BLOCKS:
                blocks[-1].body += segment
                continue
            blocks += _split(rows, segment, head, waiting)
            waiting = []
        elif all(_is_remark(rows[row]) for row in segment[:HEAD_ROWS]):
            waiting += segment
        else:
            blocks[-1].body += waiting + list(segment)
            waiting = []
    if blocks:
        blocks[-1].notes += waiting
    blocks = _with_rows(blocks)
    for block in blocks:
        if len(segments) == MAX_SEGMENTS:
            block.body = [index for index in block.body if filled(rows[index])]
        _move_trailing_notes(rows, block, narrow)
    return _with_rows(blocks)


def _with_rows(blocks: Sequence[Block]) -> list[Block]:
    """The blocks that have a body; the words of the others become notes of the one before."""
    kept: list[Block] = []
    for block in blocks:
        if block.body:
            kept.append(block)
        elif kept:
            kept[-1].notes += [*block.titles, *block.header, *block.notes]
    return kept


def _is_remark(row: Row) -> bool:
    """`Rows exported: | 240` under a table is about it and not of it."""
    return filled(row) == 2 and len(row) > 2 and row[0].strip().endswith(":")


def _segments(rows: Sequence[Row]) -> list[range]:
    """Runs of rows between blank ones."""
    found: list[range] = []
    start = -1
    for index, row in enumerate(rows):
        if any(map(str.strip, row)):
            start = index if start < 0 else start
        elif start >= 0:
            found.append(range(start, index))
            start = -1
    if start >= 0:
        found.append(range(start, len(rows)))
    return found


def _merged(segments: list[range]) -> list[range]:
    """Nobody's page has a thousand parts; what looks so is one table with blank lines in it."""
    if len(segments) <= MAX_SEGMENTS:
        return segments
    return [*segments[: MAX_SEGMENTS - 1], range(segments[MAX_SEGMENTS - 1].start, segments[-1].stop)]


@dataclass(slots=True)
class _Head:
    """What the top of a segment looks like: title rows before `body_at`, header rows, the columns that hold numbers."""

    titles: list[int]
    header: list[int]
    body_at: int
    numeric: set[int]
    width: int


def _find_head(rows: Sequence[Row], segment: range, narrow: bool) -> _Head:
    top = list(segment[:HEAD_ROWS])
    kinds = {index: [cell_kind(cell) for cell in rows[index]] for index in top}
    width = max((extent(rows[index]) for index in top), default=0)
    first = _first_data_row(top, kinds)
    if first is None:
        return _head_of_words(rows, top, kinds, width, narrow)
    below = [index for index in top if index >= first]
    numeric = {column for index in below for column, kind in enumerate(kinds[index]) if kind == "number"}
    above = [index for index in top if index < first]
    main = _main_header(rows, above, kinds, numeric)
    if main is None and _counts_up(rows[first], kinds[first]) and len(below) > 1:
        main, first = first, below[1]
    if main is None:
        titles = _leading_titles(rows, above, narrow)
        return _Head(titles, [], (titles[-1] + 1) if titles else segment.start, numeric, width)
    header = _with_neighbours(rows, main, [i for i in top if i < max(first, main + 1)], kinds, numeric)
    titles = [index for index in top if index < header[0]]
    return _Head(titles, header, header[-1] + 1, numeric, width)


def _first_data_row(top: Sequence[int], kinds: dict[int, list[str]]) -> int | None:
    return next((index for index in top if "number" in kinds[index]), None)


def _head_of_words(
    rows: Sequence[Row], top: Sequence[int], kinds: dict[int, list[str]], width: int, narrow: bool
) -> _Head:
    """A segment without plain numbers: its first full row is the header when the rows below look different or are words."""
    wide = [index for index in top if filled(rows[index]) >= max(1 if narrow else 2, (width + 1) // 2)]
    if not wide or (width < 2 and not narrow):
        return _Head(list(top), [], top[-1] + 1, set(), width)
    head, below = wide[0], [index for index in top if index > wide[0]]
    usual = {c: Counter(kinds[i][c] for i in below if c < len(kinds[i])).most_common(1) for c in range(width)}
    same_kind = any(
        kind == "period" and usual.get(column) and usual[column][0][0] == "period"
        for column, kind in enumerate(kinds[head])
    )
    if same_kind and below and not _is_run_of_years(rows[head]):
        return _Head([i for i in top if i < head], [], head, set(), width)
    return _Head([i for i in top if i < head], [head], head + 1, set(), width)


def _is_run_of_years(row: Row) -> bool:
    """Whether the cells name years one after the other, which values that happen to look like years do not."""
    years = [int(cell.strip()) for cell in row if _BARE_YEAR.fullmatch(cell.strip())]
    steps = {after - before for before, after in pairwise(years)}
    return len(years) > 1 and steps in ({1}, {-1})


def _main_header(
    rows: Sequence[Row], above: Sequence[int], kinds: dict[int, list[str]], numeric: set[int]
) -> int | None:
    """The row above the numbers that has the most words over their columns; of several the topmost."""
    counts = {index: _over(kinds[index], numeric) for index in above}
    most = max(counts.values(), default=0)
    if most == 0:
        return None
    fullest = [index for index in above if counts[index] == most]
    plain = [index for index in fullest if not (filled(rows[index]) == 2 and _META.fullmatch(rows[index][0].strip()))]
    dated = [
        index
        for index in plain
        if most > 1 and all(kinds[index][c] == "period" for c in numeric if c < len(kinds[index]))
    ]
    labelled = [index for index in plain if len(fullest) > 1 and kinds[index][0]]  # groups stand over it
    return next(iter(dated or labelled or plain or fullest))


def _over(kinds: Sequence[str], numeric: set[int]) -> int:
    return sum(1 for column in numeric if column < len(kinds) and kinds[column] in ("text", "period"))


def _with_neighbours(
    rows: Sequence[Row], main: int, near: Sequence[int], kinds: dict[int, list[str]], numeric: set[int]
) -> list[int]:
    """The main header row with group headings above it (`Group`, `Company`) and unit rows below it (`£m`, `Restated`)."""
    header = [main]
    for index in range(main - 1, main - MAX_HEADER_ROWS, -1):
        if index not in near or not _is_group_row(rows[index], kinds[index]):
            break
        header.insert(0, index)
    for index in range(main + 1, main + MAX_HEADER_ROWS):
        if index not in near or not _is_unit_row(rows[index], kinds[index], numeric):
            break
        header.append(index)
    return header


def _is_group_row(row: Row, kinds: Sequence[str]) -> bool:
    return not kinds[0] and any(kind in ("text", "period") for kind in kinds[1:])


def _is_unit_row(row: Row, kinds: Sequence[str], numeric: set[int]) -> bool:
    """Units, qualifiers or the rest of a wrapped heading under the main header row, and no line of words."""
    over = [row[column].strip() for column in sorted(numeric) if column < len(row) and kinds[column]]
    if not over or "number" in kinds:
        return False
    if all(is_caption(cell) or _QUALIFIER.fullmatch(cell) for cell in over):
        return True
    return (not kinds[0] or is_caption(row[0].strip())) and (
        len(over) == len(numeric) or all(is_period(cell) for cell in over)
    )


def _leading_titles(rows: Sequence[Row], above: Sequence[int], narrow: bool) -> list[int]:
    titles: list[int] = []
    for index in above:
        if narrow or filled(rows[index]) > 1 or not rows[index][0].strip():
            break
        titles.append(index)
    return titles


def _counts_up(row: Row, kinds: Sequence[str]) -> bool:
    """Whether the cells are 0, 1, 2, ... or 1, 2, 3, ...: the header a program writes over nameless columns."""
    numbers = [cell.strip() for cell, kind in zip(row, kinds, strict=True) if kind == "number"]
    if len(numbers) < 3 or kinds[0] == "number" or not all(cell.isdecimal() and len(cell) < 5 for cell in numbers):
        return False
    first = int(numbers[0])
    return first in (0, 1) and [int(cell) for cell in numbers] == list(range(first, first + len(numbers)))


def _is_preface(rows: Sequence[Row], segment: range, head: _Head, after: Sequence[range], narrow: bool) -> bool:
    """Whether a segment is words about the table that follows: single cells, or `Currency: | GBP` pairs."""
    if narrow:
        return False
    if not head.header and head.body_at > segment[-1]:
        return True
    if not after or len(segment) > HEAD_ROWS or any(filled(rows[index]) > 2 for index in segment):
        return False
    if not head.numeric and all(filled(rows[i]) < 2 or _META.fullmatch(rows[i][0].strip()) for i in segment):
        return True
    return not head.header and max(extent(rows[index]) for index in after[0][:HEAD_ROWS]) > 2


def _split(rows: Sequence[Row], segment: range, head: _Head, waiting: list[int]) -> list[Block]:
    """The blocks of a segment that starts with a header: one, or more where a later row repeats a header of periods."""
    block = Block(waiting + head.titles, head.header)
    blocks = [block]
    labels = [list(rows[index]) for index in head.header]
    main = max(head.header, key=lambda index: filled(rows[index]), default=-1)
    dated = main >= 0 and len(segment) <= _MAX_ROWS_TO_SPLIT and _is_period_row(rows[main], head.numeric)
    for index in range(head.body_at, segment.stop):
        row = rows[index]
        if row in labels and not (block.body and filled(rows[block.body[-1]]) == 1):
            block.repeated += 1  # the header again, at the top of a printed page
        elif dated and len(blocks) < MAX_BLOCKS and _is_period_row(row, head.numeric) and _starts_anew(row, rows[main]):
            block = Block(_take_titles(rows, block), [index])
            blocks.append(block)
        else:
            block.body.append(index)
    return blocks


def _is_period_row(row: Row, numeric: set[int]) -> bool:
    cells = [row[column].strip() for column in numeric if column < len(row) and not is_blank(row[column])]
    return bool(cells) and 2 * len(cells) >= len(numeric) and all(is_period(cell) for cell in cells)


def _starts_anew(row: Row, header: Row) -> bool:
    """A row of bare years may be data (`Year founded`), unless it has no label or repeats the header's years; so may a
    single day (`Period end date`) under a header of several.
    """
    cells = [cell.strip() for cell in row[1:] if cell.strip()]
    if len(cells) == 1 and row[0].strip() and filled(header[1:]) > 1:
        return False
    if not row[0].strip() or cells == [cell.strip() for cell in header[1:] if cell.strip()]:
        return True
    return cell_kind(row[0]) == "text" and not any(_BARE_YEAR.fullmatch(cell) for cell in cells)


def _take_titles(rows: Sequence[Row], block: Block) -> list[int]:
    """Takes the single-cell rows off the end of a block's body: they are the next block's titles."""
    titles: list[int] = []
    while block.body and len(titles) < 5 and filled(rows[block.body[-1]]) == 1 and extent(rows[block.body[-1]]) == 1:
        titles.insert(0, block.body.pop())
    return titles


def _move_trailing_notes(rows: Sequence[Row], block: Block, narrow: bool) -> None:
    """A heading with nothing under it is a note: `Source: annual report`, `* restated`."""
    while not narrow and block.body:
        last = rows[block.body[-1]]
        if extent(last) != 1 or cell_kind(last[0]) == "number":
            return
        block.notes.insert(0, block.body.pop())
