"""The plan of a reckoned answer: work the figure out, say it first, then what it was worked out from."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import metric
from analysis.offline.catalogue import Sheet
from analysis.offline.frame import Figure, Frame
from analysis.offline.line_reading import is_expense
from analysis.offline.reckoning.binding import bind
from analysis.offline.reckoning.board import board_of, years_said
from analysis.offline.reckoning.forms import Form
from analysis.offline.reckoning.sentences import FROM_TEXT, text_sum
from analysis.offline.reckoning.sums import Operand, Sum
from analysis.offline.script import Call, Part
from analysis.offline.subjects import is_outflow
from analysis.offline.telling import show
from analysis.offline.words import Question, listed, name, opening
from tools.labels import label_stems

MOST_ROWS = 120
MOST_TABLES = 6
MOST_SHOWN = 12
MOST_SENTENCES = 10
LEAST_CONFIDENCE = 0.45
Looked = Generator[tuple[Call, ...], Sequence[ToolAnswer], Sum | None]

_EXPRESSIONS = {
    "growth": "({0} - {1}) / {1}",
    "change": "{0} - {1}",
    "gap": "{0} - {1}",
    "distance": "abs({0} - {1})",
    "cagr": "cagr({0}, {1}, {2})",
    "share": "{0} / {1}",
    "ratio": "{0} / {1}",
}


def reckon(form: Form, question: Question, sheets: Sequence[Sheet]) -> Looked:
    """What the question asks to be worked out over these tables; None where it cannot be told surely enough."""
    chosen = _likely(question, sheets)
    found = None
    if chosen:
        answers = yield tuple(_cells_of(sheet) for sheet in chosen)
        frames = [(s.address, Frame.of(a)) for s, a in zip(chosen, answers, strict=True) if not a.is_error]
        found = bind(form, question, board_of(frames))
    if found and found.confidence >= LEAST_CONFIDENCE:
        return found
    return (yield from _from_text(form, question))


def _from_text(form: Form, question: Question) -> Looked:
    """The same from a sentence, where no table tells it."""
    if form.operation not in FROM_TEXT or not years_said(question.text):
        return None
    (answer,) = yield (Call("find", {"query": question.text[:300], "limit": MOST_SENTENCES}),)
    return text_sum(form, question, answer)


def _cells_of(sheet: Sheet) -> Call:
    """All cells of a table; of a statement whose columns are quarters and half-years, those of the kind it has most."""
    asked: dict[str, object] = {"table": sheet.address, "limit": MOST_ROWS}
    labels = [column.label for column in sheet.periods]
    numbers = [column for column in sheet.fields if column.kind == "number"]
    if sheet.is_statement and sheet.timed and not sheet.turned_by and len(labels) < len(numbers):
        asked["periods"] = labels
    return Call("query_data", asked)


def _likely(question: Question, sheets: Sequence[Sheet]) -> list[Sheet]:
    """The small tables that name most of the question's words, in the order of the document."""
    small = [sheet for sheet in sheets if 0 < sheet.row_count <= MOST_ROWS]
    if len(small) <= MOST_TABLES:
        return small
    said = {token.stem for token in question.tokens}
    named = {
        s.address: len(
            said & {stem for label in (s.title, *s.lines, *(f.label for f in s.fields)) for stem in label_stems(label)}
        )
        for s in small
    }
    best = sorted(small, key=lambda sheet: -named[sheet.address])[:MOST_TABLES]
    return [sheet for sheet in small if sheet in best and named[sheet.address]]


def reckoned_answer(found: Sum) -> Part:
    """The answer, finding first. Refuses where the tools do not give the figure."""
    operation, operands = found.operation, found.operands
    if operation == "lookup":
        yield _looked_up(operands)
        if len(operands) == 1:
            yield from show([metric(_called(operands[0]), operands[0].cell.figure)])
        return
    if operation in ("highest", "lowest", "when_highest", "when_lowest"):
        yield _extreme(operation, operands)
        return
    if operation == "growth" and not _grows(operands):
        found = Sum("change", operands, found.confidence)
    figure = yield from _worked_out(found)
    yield _told(found, figure)
    yield from show([metric(opening(_subject(found)), figure), _table(found, figure)])


def _worked_out(found: Sum) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], Figure]:
    ids = [operand.cell.figure.value_id for operand in found.operands]
    if found.operation in ("average", "sum"):
        expression = f"{found.operation}({', '.join(ids)})"
    else:
        first, *under = ids
        base = under[0] if len(under) == 1 else f"sum({', '.join(under)})"
        years = (found.operands[0].cell.year or 0) - (found.operands[-1].cell.year or 0)
        part = f"abs({first})" if found.operation == "share" and _spent(found.operands[0]) else first
        expression = _EXPRESSIONS[found.operation].format(part, base, years)
    asked: dict[str, object] = {"name": opening(_subject(found))[:120], "expression": expression}
    if found.operation == "ratio" and len({operand.cell.figure.unit for operand in found.operands}) == 1:
        asked["unit"] = "multiple"
    (answer,) = yield (Call("calculate", {"calculations": [asked]}),)
    figures = [cell for row in Frame.of(answer).rows for cell in row if isinstance(cell, Figure)]
    return figures[-1]


def _table(found: Sum, figure: Figure) -> Call | None:
    """What the figure was made of, and the figure: a row over time for an average or a total, else line by line."""
    if len(found.operands) > MOST_SHOWN:
        return None
    if found.operation not in ("average", "sum"):
        parts = [[_called(operand)[:120], operand.cell.figure.value_id] for operand in found.operands]
        rows = [*parts, [opening(_subject(found))[:120], figure.value_id]]
        return Call("create_table", {"title": opening(_subject(found))[:120], "columns": ["", "Figure"], "rows": rows})
    heads = [operand.cell.label or _when(operand) for operand in found.operands]
    cells = [operand.cell.figure.value_id for operand in found.operands]
    title = opening(_subject(found))[:120]
    columns, row = ["", *heads, opening(found.operation)], [found.operands[0].line.label[:120], *cells, figure.value_id]
    return Call("create_table", {"title": title, "columns": columns, "rows": [row]})


def _spent(part: Operand) -> bool:
    """A cost or a payment that is printed as a negative figure: its size is the share."""
    label = part.line.label
    return part.cell.figure.amount < 0 and (is_expense(label) or is_outflow(label))


def _grows(operands: Sequence[Operand]) -> bool:
    """Growth has a meaning from a base above zero, and between two losses or two outflows, as the growth of their size."""
    later, earlier = (operand.cell.figure.amount for operand in operands)
    return earlier > 0 or (earlier < 0 and later < 0)


def _subject(found: Sum) -> str:
    """What the figure is called."""
    first, last = found.operands[0], found.operands[-1]
    words = {
        "growth": f"growth of {first.line.label}",
        "cagr": f"compound annual growth of {first.line.label}",
        "change": f"change in {first.line.label}",
        "gap": f"{first.line.label} less {last.line.label}",
        "distance": f"difference in {first.line.label}"
        if first.line is last.line
        else f"difference between {first.line.label} and {last.line.label}",
        "share": f"{first.line.label} as a share of {last.line.label}",
        "ratio": f"{first.line.label} to {last.line.label}",
        "average": f"average {first.line.label}",
        "sum": f"total {first.line.label}",
    }
    return " ".join(words[found.operation].split())


def _told(found: Sum, figure: Figure) -> str:
    first, last = found.operands[0], found.operands[-1]
    a, b = first.cell.figure.cite(), last.cell.figure.cite()
    if found.operation == "share" and len(found.operands) > 2:
        return f"*{name(first.line.label)}* was {figure.cite()} of all {len(found.operands) - 1} rows together: {a} of their sum."
    line, other = f"*{name(first.line.label)}*", f"*{name(last.line.label)}*"
    if found.operation == "growth" and first.cell.figure.amount < 0:
        line += ", a negative figure,"
    if found.operation in ("growth", "change"):
        span = f"{_when(last)} to {_when(first)}".strip()
        moved = "rose" if figure.amount > 0 else "fell" if figure.amount < 0 else "did not change"
        by = f" by {figure.cite('abs')}" if figure.amount else f" ({figure.cite()})"
        return f"{line} {moved}{by} from {span}: from {b} to {a}."
    if found.operation == "cagr":
        moved = "grew" if figure.amount >= 0 else "shrank"
        return f"{line} {moved} by {figure.cite('abs')} a year, compounded, from {_when(last)} to {_when(first)}: from {b} to {a}."
    if found.operation == "share":
        line += ", a negative figure in the file," if _spent(first) else ""
        return f"{line} was {figure.cite()} of {other}{_in(first)}: {a} of {b}."
    if found.operation == "ratio":
        return f"The ratio of {line} to {other} was {figure.cite('2')}{_in(first)}: {a} to {b}."
    if found.operation == "distance" and first.line is last.line:
        return f"The difference in {line} was {figure.cite()}: {a}{_in(first)} and {b}{_in(last)}."
    if found.operation == "distance":
        return f"The difference between {line} and {other} was {figure.cite()}{_in(first)}: {a} and {b}."
    if found.operation == "gap":
        more = "more" if figure.amount >= 0 else "less"
        return f"{line} was {figure.cite('abs')} {more} than {other}{_in(first)}: {a} and {b}."
    cited = listed([f"{each.cell.figure.cite()}{_in(each)}" for each in found.operands[:12]])
    verb = "averaged" if found.operation == "average" else "came to"
    return f"{line} {verb} {figure.cite()}: {cited}."


def _looked_up(operands: Sequence[Operand]) -> str:
    figures = listed([f"{each.cell.figure.cite()}{_in(each)}" for each in operands])
    return f"*{name(operands[0].line.label)}* was {figures}."


def _extreme(operation: str, operands: Sequence[Operand]) -> str:
    high = operation.endswith("highest")
    best = (max if high else min)(operands, key=lambda each: each.cell.figure.amount)
    line, word = f"*{name(best.line.label)}*", "highest" if high else "lowest"
    rest = listed([f"{each.cell.figure.cite()}{_in(each)}" for each in operands if each is not best][:8])
    return f"{line} was {word}{_in(best)}, at {best.cell.figure.cite()}; it was {rest}."


def _called(operand: Operand) -> str:
    return " ".join(f"{operand.line.label}{_in(operand)}".split())


def _when(operand: Operand) -> str:
    return str(operand.cell.year) if operand.cell.year is not None else ""


def _in(operand: Operand) -> str:
    return f" in {operand.cell.year}" if operand.cell.year is not None else ""
