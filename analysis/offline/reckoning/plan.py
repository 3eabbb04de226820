"""The plan of a reckoned answer: look at the cells, work the figure out, say it first."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.offline.catalogue import Sheet
from analysis.offline.frame import Frame
from analysis.offline.reckoning.binding import Sum, bind
from analysis.offline.reckoning.board import board_of
from analysis.offline.reckoning.forms import form_of
from analysis.offline.script import Call
from analysis.offline.words import Question

MOST_ROWS = 120
MOST_TABLES = 4


def look_calls(sheets: Sequence[Sheet]) -> tuple[Call, ...]:
    """The queries that bring the cells of a few small tables."""
    small = [sheet for sheet in sheets if 0 < sheet.row_count <= MOST_ROWS][:MOST_TABLES]
    return tuple(Call("query_data", {"table": sheet.address, "limit": MOST_ROWS}) for sheet in small)


def reckon(question: str, frames: Sequence[tuple[str, Frame]]) -> Sum | None:
    """What the question asks to be worked out over these tables, None where it cannot be told."""
    form = form_of(question)
    return bind(form, Question.of(question), board_of(frames)) if form else None
