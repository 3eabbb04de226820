"""Plans for records over time: one figure a day, week, month, quarter or year."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import frame_table, metric
from analysis.offline.asks import LedgerAsk
from analysis.offline.frame import Figure, Frame
from analysis.offline.gathering import change_op
from analysis.offline.ledger_words import title_of
from analysis.offline.script import Call, Part
from analysis.offline.telling import WHY, show
from analysis.offline.time_words import best_bucket, change_name, course_of, cut_off, is_share, over_time_words

OVERALL = "Overall"


def shown_over_time(ask: LedgerAsk, plain: Frame) -> Part:
    """The answer from a result whose groups are steps of time."""
    frame, overall = yield from _with_changes(ask, plain)
    yield over_time_words(ask, frame, overall)
    title = title_of(ask)
    failed = yield from show([_time_metric(ask, frame), _time_chart(ask, frame, title), frame_table(frame, title)])
    yield " ".join(filter(None, [*failed, WHY if ask.why else ""]))


def _with_changes(
    ask: LedgerAsk, frame: Frame
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], tuple[Frame, Figure | None]]:
    """The result with the change from step to step, and the change from the first whole step to the last."""
    measure, left_out = ask.measures[0], cut_off(ask, frame)
    figures = frame.figures(measure.name)
    op = change_op(figures, is_share(ask))
    whole = [n for n, figure in enumerate(figures) if figure and n not in left_out]
    if not op:
        return frame, None
    step = {"op": op, "column": measure.name, "name": change_name(ask, op)}
    calls = [Call("query_data", {"table": frame.address, "derive": [step], "limit": 200})]
    if len(whole) > 2:
        first, last = whole[0], whole[-1]
        ends = {"column": frame.labels[0], "op": "in", "value": [frame.words()[n] for n in (first, last)]}
        over = {
            "op": change_op([figures[first], figures[last]], is_share(ask)),
            "column": measure.name,
            "name": OVERALL,
        }
        calls.append(Call("query_data", {"table": frame.address, "where": [ends], "derive": [over]}))
    answers = yield tuple(calls)
    changed = frame if answers[0].is_error else Frame.of(answers[0])
    overall = None if len(answers) < 2 or answers[1].is_error else Frame.of(answers[1]).figures(OVERALL)[-1]
    return changed, overall


def _time_metric(ask: LedgerAsk, frame: Frame) -> Call | None:
    """The latest bucket against the one before it; the best one, where that was asked for."""
    measure = ask.measures[0]
    known = course_of(ask, frame, measure, None).known
    if not known:
        return None
    if ask.direction and not ask.changes:
        point = best_bucket(known, ask.direction == "low")
        return metric(f"{measure.name}, {point.label}", point.figure) if point.figure else None
    last, before = known[-1], known[-2] if len(known) > 1 else None
    if not last.figure:
        return None
    against = before.figure if before else None
    return metric(f"{measure.name}, {last.label}", last.figure, against, before.label if before else "")


def _time_chart(ask: LedgerAsk, frame: Frame, title: str) -> Call | None:
    if len(frame.rows) < 2:
        return None
    kind = ask.looks.kind if ask.looks.kind in ("bar", "line") else "bar" if len(frame.rows) <= 12 else "line"
    units = [frame.unit(m.name) for m in ask.measures]
    drawn = [m.name for m, unit in zip(ask.measures, units, strict=True) if unit == units[0]]
    return Call(
        "create_chart", {"kind": kind, "title": title, "table": frame.address, "x": frame.labels[0], "y": drawn}
    )
