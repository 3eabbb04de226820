"""Parts: "what percentage of X is Y", in the three ways tables put a part beside its whole.

Both may be lines. Or the whole is a column and the part one of its rows ("of the shares purchased, in October"). Or the
part is a stretch of time in a table of what falls due when ("of total payments, due after 2009"). Each way is tried and
the surest is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from analysis.offline.reckoning.board import Cell, Line, years_said
from analysis.offline.reckoning.forms import Form
from analysis.offline.reckoning.matching import Match, Matcher, canonical
from analysis.offline.reckoning.sums import Operand, Sum, goes_with, paired, sureness
from analysis.offline.reckoning.times import Times

LEAST_WHOLE = 0.6  # below this a whole that is called a total is looked for beside the part
_DUE = frozenset(
    "due payable expire mature matures maturing occur paid settle set thereafter after before remaining beyond later".split()
)
_NUMBERS = {
    word: str(number) for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_BUCKETS = (
    (re.compile(r"(\d+)\s*(?:-|–|to|through)\s*(\d+)\s*years?"), "{0}-{1}"),
    (
        re.compile(
            r"(?:after|more than|over|beyond|greater than|in excess of)\s*(\d+)\s*years?|(\d+)\s*years? and (?:after|beyond)"
        ),
        ">{0}",
    ),
    (re.compile(r"(?:less than|within|under|up to|in the next|next|<)\s*(\d+)\s*years?"), "<{0}"),
)


def share(form: Form, matcher: Matcher, times: Times) -> Sum | None:
    """The surest way to read a share; None where there is none."""
    found = [_of_lines(form, matcher, times), _of_a_column(form, matcher, times), _of_time(form, matcher)]
    return max((each for each in found if each), key=lambda each: each.confidence, default=None)


def _of_lines(form: Form, matcher: Matcher, times: Times) -> Sum | None:
    """A part over its whole; a whole that nothing names is the total of the part's own column."""
    whole = matcher.telling(form.phrases[1])
    one, other = (matcher.meant(phrase) for phrase in form.phrases)
    one = _under_heading(form.phrases[0], other, matcher) or one
    if one is None:
        return None
    if other is None or other.line is one.line or (other.score < LEAST_WHOLE and "total" in whole):
        totals = [line for line in beside(matcher.lines, one.line) if line.is_total and line is not one.line]
        if len(totals) != 1:
            return None
        other = Match(totals[0], 0.8, 0.5)
    if one.line.is_total and not other.line.is_total:  # "the percentage of audit fees in total fees"
        one, other = other, one
    return paired("share", times, one, other)


def _under_heading(part: str, whole: Match | None, matcher: Matcher) -> Match | None:
    """ "What share of net sales did services bring in": the line of the whole's own name under the heading that is said."""
    said = set(matcher.telling(part))
    if whole is None or whole.score < LEAST_WHOLE or not said:
        return None
    own = whole.line.row_stems
    found = [
        line
        for line in matcher.lines
        if line is not whole.line
        and line.row_stems[-len(own) :] == own
        and line.column_stems == whole.line.column_stems
        and said == set(map(canonical, line.row_stems[: -len(own)]))
    ]
    return Match(found[0], 0.9, 0.5) if len(found) == 1 and own else None


def beside(lines: Iterable[Line], line: Line) -> list[Line]:
    """The lines of the same column of the same table."""
    return [each for each in lines if each.table == line.table and each.column_stems == line.column_stems]


def _of_a_column(form: Form, matcher: Matcher, times: Times) -> Sum | None:
    """The part names a row and the whole a column: the row's figure over the column's total, or over its sum."""
    part, whole = (matcher.telling(phrase) for phrase in form.phrases)
    row, column = matcher.best_row(part), matcher.best_column(whole)
    if row is None or column is None or not row.line.row_stems or row.line.is_total:
        return None
    cells = [line for line in beside(matcher.lines, column.line) if len(line.cells) == 1 and line.row_stems]
    own = [line for line in cells if line.row_stems == row.line.row_stems]
    totals = [line for line in cells if "total" in line.row_stems]
    if len(own) != 1 or len(totals) > 1:
        return None
    under = totals or cells
    sure = min(sureness(row), sureness(column)) * (1.0 if totals else 0.8)
    if len(under) < 1 or not all(
        goes_with("share", own[0].cells[0].figure.unit, line.cells[0].figure.unit) for line in under
    ):
        return None
    return Sum("share", tuple(Operand(line, line.cells[0]) for line in [own[0], *under]), sure)


def _of_time(form: Form, matcher: Matcher) -> Sum | None:
    """What falls due in a year, after it, or in a bucket of years, over the total of its column or row."""
    part, whole = form.phrases
    totals = [line for line in matcher.lines if line.is_total]
    best = matcher.best(matcher.telling(whole), totals)
    if best is None:
        return None
    if bucket := bucket_of(part):
        return _in_a_bucket(bucket, best, matcher.lines)
    if set(matcher.telling(part)) - _DUE:
        return None
    found = _in_a_year(part, best.line, matcher.lines)
    whole_cell = best.line.cells[0] if len(best.line.cells) == 1 else None
    if found is None or whole_cell is None:
        return None
    line, cell = found
    return Sum("share", (Operand(line, cell), Operand(best.line, whole_cell)), 0.5 + best.score / 2)


def _in_a_year(part: str, total: Line, lines: Sequence[Line]) -> tuple[Line, Cell] | None:
    column = beside(lines, total)
    yearly = next((line for line in column if not line.row_stems and len(line.years) > 1), None)
    years = years_said(part)
    if yearly is None:
        return None
    if re.search(r"\b(?:after|beyond|thereafter|later)\b", part):
        later = [line for line in column if {"thereafter", "after", "later"} & set(line.row_stems)]
        reaches = not years or years[-1] == yearly.years[-1]
        return (later[0], later[0].cells[0]) if len(later) == 1 and reaches else None
    cell = yearly.at(years[0]) if len(years) == 1 else None
    return (yearly, cell) if cell else None


def _in_a_bucket(bucket: str, total: Match, lines: Sequence[Line]) -> Sum | None:
    row = [
        line for line in lines if line.table == total.line.table and line.row == total.line.row and len(line.cells) == 1
    ]
    part = [line for line in row if bucket_of(line.column) == bucket]
    whole = [line for line in row if "total" in line.column_stems]
    if len(part) != 1 or len(whole) != 1:
        return None
    return Sum("share", tuple(Operand(line, line.cells[0]) for line in (part[0], whole[0])), 0.5 + total.score / 2)


def bucket_of(text: str) -> str:
    """A stretch of years from now on, in one spelling.

    >>> bucket_of("After 5 years"), bucket_of("from after five years"), bucket_of("Less than 1 Year"), bucket_of("1-3 Years")
    ('>5', '>5', '<1', '1-3')
    """
    low = re.sub(r"[a-z]+", lambda found: _NUMBERS.get(found[0], found[0]), text.casefold())
    for pattern, spelled in _BUCKETS:
        found = pattern.search(low)
        if found:
            return spelled.format(*[group for group in found.groups() if group])
    return ""
