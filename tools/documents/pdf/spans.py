"""Over which columns the pieces of a header line stand.

A piece ends where its column ends, or is centred over what it is about: `Three months ended June 30,` over four columns of
figures belongs to the run of columns whose middle is nearest to its own. Columns reach to the middle of the white between
them, because the words over narrow figures are often wider than these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.documents.pdf.cells import is_numeric
from tools.documents.pdf.rows import Columns
from tools.documents.pdf.words import Word, joined

_CUT = 0.5  # of a line's height: a gap wider than between words, at which a piece over two columns is two pieces
_COVERED = 0.35
_DURATION = re.compile(
    r"\b(?:ended|ending|months|weeks|years?|quarters?|millions|thousands|as (?:of|at)|increase|decrease|unaudited)\b",
    re.I,
)
Piece = Sequence[Word]


def cut(pieces: Sequence[list[Word]], columns: Columns) -> list[list[Word]]:
    """Pieces that hold the headings of several columns set close together (`2022 2021`), cut between the columns."""
    found: list[list[Word]] = []
    for piece in pieces:
        found.append([piece[0]])
        for word in piece[1:]:
            before = found[-1]
            apart = _territory(before, columns) != _territory([word], columns)
            wide = word.left - _right(before) >= _CUT * columns.height
            numbers = apart and is_numeric(word.text) and is_numeric(before[-1].text)
            both_end = numbers and _ends_column(before, columns) and _ends_column([word], columns)
            if (apart and wide) or both_end:
                found.append([word])
            else:
                before.append(word)
    return found


def spread(stub: Sequence[Word], pieces: Sequence[Piece], columns: Columns) -> dict[int, tuple[str, int]]:
    """A header row: text by first column, 0 being that of the labels, with the number of columns under it."""
    found: dict[int, tuple[str, int]] = {}
    if stub:
        found[0] = (_text(stub), 1)
    pieces = _without_idle(pieces, columns)
    under = [_under(piece, columns) for piece in pieces]
    for number, piece in enumerate(pieces):
        low = max((max(run) for run in under[:number]), default=-1) + 1
        high = min((min(run) for run in under[number + 1 :]), default=len(columns.edges)) - 1
        first, last = _run(piece, under[number], low, high, columns)
        text = _text(piece)
        if len(pieces) == 1 and first == last and _DURATION.search(text) and _is_middle(piece, columns):
            first, last = 0, len(columns.edges) - 1
        if first + 1 in found:
            text = f"{found[first + 1][0]} {text}"
        found[first + 1] = (text, last - first + 1)
    return found


def _without_idle(pieces: Sequence[Piece], columns: Columns) -> list[Piece]:
    """The pieces without those over columns in which no line has a figure: they touch none, and theirs has another."""
    touching = [bool(_covered(piece, columns)) for piece in pieces]
    taken = {
        column for piece, touches in zip(pieces, touching, strict=True) if touches for column in _under(piece, columns)
    }
    return [
        piece
        for piece, touches in zip(pieces, touching, strict=True)
        if touches or _territory(piece, columns) not in taken
    ]


def _text(words: Sequence[Word]) -> str:
    return joined([word for word in words if not word.raised])


def _right(piece: Piece) -> float:
    return max(word.right for word in piece)


def _middle(piece: Piece) -> float:
    return (piece[0].left + _right(piece)) / 2


def _territory(piece: Piece, columns: Columns) -> int:
    """The column in whose reach the middle of a piece lies."""
    middle = _middle(piece)
    borders = [(columns.rights[at] + columns.lefts[at + 1]) / 2 for at in range(len(columns.edges) - 1)]
    return sum(1 for border in borders if middle > border)


def _ends_column(piece: Piece, columns: Columns) -> bool:
    return any(abs(_right(piece) - edge) < 1.2 * columns.height for edge in columns.edges)


def _under(piece: Piece, columns: Columns) -> list[int]:
    """The columns under a piece: those whose figures it covers well, else the one in whose reach it lies."""
    return _covered(piece, columns) or [_territory(piece, columns)]


def _covered(piece: Piece, columns: Columns) -> list[int]:
    left, right = piece[0].left, _right(piece)
    found: list[int] = []
    for column, (start, end) in enumerate(zip(columns.lefts, columns.rights, strict=True)):
        covered = min(right, end) - max(left, start)
        if covered > _COVERED * min(right - left, end - start):
            found.append(column)
    return found


def _run(piece: Piece, under: Sequence[int], low: int, high: int, columns: Columns) -> tuple[int, int]:
    """The run of columns a piece stands over, between `low` and `high`, which its neighbours leave it."""
    first, last = max(min(under), low), min(max(under), high)
    if first > last:
        return min(under), max(under)
    ends = [at for at, edge in enumerate(columns.rights) if abs(_right(piece) - edge) < 0.6 * columns.height]
    if len(under) == 1 and under[0] in ends:
        return first, last
    middle = _middle(piece)

    def off(run: tuple[int, int]) -> float:
        return abs((columns.lefts[run[0]] + columns.rights[run[1]]) / 2 - middle)

    runs = [(a, b) for a in range(low, first + 1) for b in range(last, high + 1)]
    best = min(runs, key=lambda run: (off(run), run[1] - run[0]))
    gain = off((first, last)) - off(best)
    width = _right(piece) - piece[0].left
    return best if gain > max(4.0, 0.15 * width / len(under)) else (first, last)


def _is_middle(piece: Piece, columns: Columns) -> bool:
    """Whether a piece stands in the middle of all columns, which of three is also the middle of the second."""
    return abs((columns.lefts[0] + columns.rights[-1]) / 2 - _middle(piece)) < 1.5 * columns.height
