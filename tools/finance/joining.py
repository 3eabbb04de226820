"""Joins: figures of another table set beside each row, by what both call it: a label, a code, a period.

Each row finds one row of the other table at most. Where it would find several, its own figures would be repeated and
every later sum would count them twice, so that is refused with what to do instead. Words match in any case and
punctuation, but for signs that tell codes apart. Periods match when they are the same stretch of time, or, where one
table has only the ends of periods (a balance sheet), when they end on the same day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.documents.periods import read_period
from tools.finance.deriving import row_name
from tools.finance.frames import Frame, FrameColumn
from tools.finance.lineage import spread
from tools.finance.periods import INSTANTS, moment
from tools.finance.words import counted, for_model, listed, normal
from tools.refusals import ToolError
from tools.values import Period, plain

Keep = Literal["all", "matching"]
Key = tuple[object, ...]
_MOST_EXAMPLES = 3
_SPACING = re.compile(r"[\s_.,:;'\"’()\[\]]+")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


@dataclass(frozen=True, slots=True)
class On:
    """A pair of columns that must agree: `mine` in the frame, `theirs` in the other table."""

    mine: str
    theirs: str


def join(frame: Frame, other: Frame, on: Sequence[On], keep: Keep, wanted: Sequence[str] | None) -> None:
    """Set the wanted columns of `other` beside the rows of `frame`. Refuses when nothing or too much would match."""
    pairs = [(frame.column(each.mine), other.column(each.theirs)) for each in on]
    mine, theirs = _agreed(frame, other, pairs)
    found = _found(frame, other, mine, theirs)
    rows = [row for row in frame.rows if row in found]
    if not rows:
        raise ToolError(
            "no_match", f"no row of {frame.address} matches one of {other.address}: {_seen(pairs, frame, other)}"
        )
    _say(frame, other, found, rows, mine, keep)
    if keep == "matching":
        frame.rows = rows
    at = [found.get(row) for row in range(frame.size())]
    for column in _wanted(other, wanted, [column for _, column in pairs]):
        frame.columns.append(spread(column, at, _free_name(frame, other, column.label)))


def _agreed(
    frame: Frame, other: Frame, pairs: Sequence[tuple[FrameColumn, FrameColumn]]
) -> tuple[dict[int, Key], dict[int, Key]]:
    """The keys of both sides, read in a way that both sides can be read in. Rows with an empty key have none."""
    sides = [_readings(frame, other, one, their) for one, their in pairs]
    return _keys(frame.rows, [one for one, _ in sides]), _keys(other.rows, [their for _, their in sides])


Reading = Callable[[int], object]


def _readings(frame: Frame, other: Frame, mine: FrameColumn, theirs: FrameColumn) -> tuple[Reading, Reading]:
    if "period" not in (mine.kind, theirs.kind):
        return _said(mine), _said(theirs)
    ends_only = _only_ends(frame, mine) or _only_ends(other, theirs)
    one, their = _dated(mine, ends_only), _dated(theirs, ends_only)
    if {one(row) for row in frame.rows} & {their(row) for row in other.rows} - {None}:
        return one, their
    return _said(mine), _said(theirs)


def _said(column: FrameColumn) -> Reading:
    """A cell as words in one form; numbers as plain decimals."""
    if column.kind == "number":
        amounts = column.amounts
        return lambda row: None if (amount := amounts[row]) is None else plain(amount)
    forms: dict[str, str | None] = {}

    def reading(row: int) -> str | None:
        word = column.word(row)
        if word not in forms:
            forms[word] = _form(word) or None
        return forms[word]

    return reading


def _form(word: str) -> str:
    """Case, spacing and punctuation taken away, but no sign that may tell two codes apart: AA+ is not AA-."""
    return _SPACING.sub(" ", _HYPHEN.sub(" ", word.casefold())).strip()


def _period(column: FrameColumn, row: int) -> Period | None:
    if column.kind == "period":
        return column.period_at(row)
    amount = column.amounts[row] if column.kind == "number" else None
    return read_period(plain(amount) if amount is not None else column.word(row))


def _dated(column: FrameColumn, ends_only: bool) -> Reading:
    stretches: dict[str, object] = {}

    def reading(row: int) -> object:
        if column.dates:
            day = column.dates[row]
            return None if day is None else (day if ends_only else (day, day))
        word = column.word(row)
        if word not in stretches:
            period = _period(column, row)
            stretch = moment(period) if period else None
            stretches[word] = stretch[0] if stretch and ends_only else stretch
        return stretches[word]

    return reading


def _only_ends(frame: Frame, column: FrameColumn) -> bool:
    if column.dates or column.kind != "period":
        return bool(column.dates)
    periods = [period for row in frame.rows if (period := column.period_at(row))]
    return bool(periods) and all(period.kind in INSTANTS for period in periods)


def _keys(rows: Sequence[int], readings: Sequence[Reading]) -> dict[int, Key]:
    if len(readings) == 1:
        only = readings[0]
        return {row: (key,) for row in rows if (key := only(row)) is not None}
    keys = ((row, tuple(reading(row) for reading in readings)) for row in rows)
    return {row: key for row, key in keys if None not in key}


def _found(frame: Frame, other: Frame, mine: dict[int, Key], theirs: dict[int, Key]) -> dict[int, int]:
    """For each row of the frame that has one, its row of the other table."""
    place: dict[Key, int] = {}
    twice: dict[Key, int] = {}
    for row, key in theirs.items():
        if key in place:
            twice.setdefault(key, place[key])
        place[key] = row
    several = next((twice[key] for key in mine.values() if key in twice), None)
    if several is not None:
        _refuse_several(frame, other, mine, theirs, several)
    return {row: place[key] for row, key in mine.items() if key in place}


def _refuse_several(frame: Frame, other: Frame, mine: dict[int, Key], theirs: dict[int, Key], example: int) -> None:
    times = Counter(theirs.values())[theirs[example]]
    named = for_model(other.row_words(example) or (other.columns[0].word(example) if other.columns else ""), 60)
    also = max(Counter(mine.values()).values()) > 1
    way = "group one of them by it first" if also else f"start from {other.address} and join {frame.address} to it"
    raise ToolError(
        "many_to_many" if also else "several_matches",
        f'{counted(times, "row")} of {other.address} match one row of {frame.address} ("{named}"), whose figures would be '
        f"repeated; {way}, or join on more columns",
    )


def _seen(pairs: Sequence[tuple[FrameColumn, FrameColumn]], frame: Frame, other: Frame) -> str:
    mine, theirs = pairs[0]

    def some(column: FrameColumn, rows: Sequence[int]) -> str:
        words = list(dict.fromkeys(_shown(column, row) for row in rows[:2_000]))
        return f'"{for_model(column.label, 60)}" has {listed(words, 8)}'

    return f"{some(mine, list(frame.rows))}; {some(theirs, list(other.rows))}"


def _shown(column: FrameColumn, row: int) -> str:
    amount = column.amounts[row] if column.kind == "number" else None
    return plain(amount) if amount is not None else column.word(row)


def _say(
    frame: Frame, other: Frame, found: dict[int, int], rows: Sequence[int], mine: dict[int, Key], keep: Keep
) -> None:
    """What did not match, and what stands there more than once: a reader of the result must know both."""
    missing = len(frame.rows) - len(rows)
    if missing:
        without = (row for row in frame.rows if row not in found)
        names = list(
            dict.fromkeys(filter(None, (row_name(frame, row) for row, _ in zip(without, range(200), strict=False))))
        )
        some = f" ({', '.join(names[:_MOST_EXAMPLES])})" if names else ""
        what = "left out" if keep == "matching" else "left empty"
        frame.notes.append(f"{counted(missing, 'row')} without a match in {other.address} {what}{some}")
    unused = len(other.rows) - len({found[row] for row in rows})
    if unused:
        frame.notes.append(f"{counted(unused, 'row')} of {other.address} match no row of {frame.address}")
    most = max(Counter(found[row] for row in rows).values())
    if most > 1:
        frame.notes.append(
            f"a figure of {other.address} stands beside up to {most:,} rows, so their sum would repeat it"
        )


def _wanted(other: Frame, wanted: Sequence[str] | None, keys: Sequence[FrameColumn]) -> list[FrameColumn]:
    if wanted:
        return list(dict.fromkeys(other.column(name) for name in wanted))
    return [column for column in other.columns if column not in keys]


def _free_name(frame: Frame, other: Frame, label: str) -> str:
    """The label; where the frame has it already, with what tells the tables apart."""
    taken = {normal(column.label) for column in frame.columns}
    if normal(label) not in taken:
        return label
    own = normal(frame.title), normal(frame.source_note)
    said = next(
        (words for words in (other.title, other.source_note) if words and normal(words) not in own), other.address
    )
    names = [
        f"{label} ({said})",
        f"{label} ({other.address})",
        *(f"{label} ({other.address}, {n})" for n in range(2, 99)),
    ]
    return next(name for name in names if normal(name) not in taken)
