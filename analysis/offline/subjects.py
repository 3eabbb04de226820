"""Subjects: lines of a document's statements, and what can be made of them (margins, returns, working capital).

A `Book` is all the statements of one document; a line stands in one of its sheets. What is made of two lines needs both
in one sheet, because a query reads one table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.offline.asks import Subject
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import DIFFERENCES, Difference, Ratio, made_of
from analysis.offline.words import name
from tools.concepts import concept_of
from tools.labels import label_stems

_STOCKS = frozenset(
    (
        "cash, receivables, inventories, current assets, property, intangible assets, goodwill, non-current assets, total assets, "
        "payables, current liabilities, non-current liabilities, total liabilities, debt, net debt, equity, retained earnings, "
        "share capital, employees, shares"
    ).split(", ")
)
_PER_UNIT = frozenset({"earnings per share", "diluted earnings per share", "dividend per share"})
_RATIO_WORDS = frozenset({"%", "margin", "ratio", "rate", "percent", "percentage", "yield"})


@dataclass(frozen=True, slots=True)
class Book:
    """The statements of one document, in its order."""

    document: str
    sheets: tuple[Sheet, ...]
    primary: bool = False  # these are the document's primary statements, and it has more tables than these

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, each once. A heading (`Operating activities:`) gives way to the line with figures it stands for."""
        filled = {line for sheet in self.sheets for line in sheet.lines if line not in sheet.headings}
        meant = {found.concept for line in filled if (found := concept_of(line))}
        return tuple(
            dict.fromkeys(
                line
                for sheet in self.sheets
                for line in sheet.lines
                if line in filled or not ((found := concept_of(line)) and found.concept in meant)
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the document calls itself: words that narrow nothing."""
        stem = self.document.rpartition(".")[0] or self.document
        return (stem, *(sheet.title for sheet in self.sheets), *(note for sheet in self.sheets for note in sheet.notes))

    def sheet_of(self, label: str) -> Sheet:
        """The first sheet that has the line, one with figures for it before others."""
        holding = [sheet for sheet in self.sheets if label in sheet.lines]
        return next((sheet for sheet in holding if label not in sheet.headings), holding[0])

    def line_for(self, concept: str) -> str | None:
        """The line that goes by the concept's most usual name."""
        found = [
            (meant.loose, meant.rank, order, label)
            for order, label in enumerate(self.lines)
            if (meant := concept_of(label)) and meant.concept == concept
        ]
        return min(found)[3] if found else None


@dataclass(frozen=True, slots=True)
class Unmade:
    """Something that cannot be made of this document's lines, and why."""

    reason: str
    instead: tuple[str, ...] = ()


def line_subject(book: Book, label: str, preferred: Sheet | None = None) -> tuple[Sheet, Subject]:
    """A line as a subject, in the preferred sheet where that has it."""
    sheet = preferred if preferred and label in preferred.lines else book.sheet_of(label)
    meant = concept_of(label)
    concept = meant.concept if meant else ""
    stems = set(label_stems(label))
    return sheet, Subject(
        label,
        (label,),
        share=bool(stems & _RATIO_WORDS) or "%" in label,
        stock=concept in _STOCKS or concept in _PER_UNIT,
    )


_SPENT = frozenset(
    "cost expense paid payment purchase purchases tax taxation dividend repayment capex expenditure depreciation amortisation "
    "interest charge wage salary research marketing administrative administration overhead used impairment acquisition "
    "addition buyback repurchase".split()
)
_EARNED = frozenset("profit income earnings margin revenue sale gain loss ebitda ebit before".split())


def is_outflow(label: str) -> bool:
    """Whether a line is a cost or a payment by its name, so that a minus before it says no more than that.

    >>> is_outflow("Tax paid"), is_outflow("Cost of sales"), is_outflow("Operating loss"), is_outflow("Profit before tax")
    (True, True, False, False)
    """
    if " less " in label:  # what is left of one line after another may be a loss
        return False
    stems = set(label_stems(label.partition(" as a share of ")[0]))
    return bool(stems & _SPENT) and (not stems & _EARNED or "cost" in stems)


def made_subject(book: Book, wanted: str) -> tuple[Sheet, Subject] | Unmade:
    """A ratio or a difference over the lines of one sheet; else the reason why not."""
    made = made_of(wanted)
    for sheet in book.sheets:
        subject = _within(Book(book.document, (sheet,)), made)
        if subject:
            return sheet, subject
    return Unmade(*_why_not(book, made))


def _within(book: Book, made: Ratio | Difference) -> Subject | None:
    if isinstance(made, Difference):
        return _difference(book, made)
    under = book.line_for(made.under)
    over = _line_or_difference(book, made.over)
    if not under or not over:
        return None
    step: Mapping[str, Any] = {"op": "ratio", "column": over.name, "against": under, "name": made.name}
    needs = tuple(dict.fromkeys((*over.needs, under)))
    method = f"{wording_of(made.name)} is *{name(over.name)}* over *{name(under)}*"
    return Subject(made.name, needs, (*over.derive, step), share=True, method=method)


def _difference(book: Book, made: Difference) -> Subject | None:
    whole, less = book.line_for(made.whole), book.line_for(made.less)
    if not whole or not less:
        return None
    step = {"op": "difference", "column": whole, "against": less, "name": made.name}
    method = f"{wording_of(made.name)} is *{name(whole)}* less *{name(less)}*"
    return Subject(made.name, (whole, less), (step,), stock=made.concept != "gross profit", method=method)


def quotient_subject(over: Subject, under: Subject, words: str = "as a share of") -> Subject:
    """One line over another in the same sheet; `words` stand between their names: `as a share of`, `per`."""
    title = f"{over.name} {words} {_small(under.name)}"
    step = {"op": "ratio", "column": over.name, "against": under.name, "name": title}
    return _joined(over, under, title, step, share=words != "per")


def _small(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def measured_in(subject: Subject) -> str:
    """What kind of figure a subject is, as far as its name tells: `ratio`, `per share`, `employees`, `shares`, `amount`."""
    meant = concept_of(subject.name)
    concept = meant.concept if meant else ""
    if subject.share or concept in _PER_UNIT:
        return "ratio" if subject.share else "per share"
    return concept if concept in ("employees", "shares") else "amount"


def is_multiple(over: Subject, under: Subject) -> bool:
    """Whether one balance over another reads as a multiple (2.9x): neither is the whole that the other is a part of."""
    meant = concept_of(under.name)
    return over.stock and under.stock and (not meant or meant.concept != "total assets")


def multiple_refused(book: Book, wanted: str) -> Unmade | None:
    """Why a ratio that reads as a multiple (2.9x) is not shown: the tools make percentages. None for any other."""
    made = made_of(wanted)
    if not isinstance(made, Ratio) or made.shown != "multiple":
        return None
    if isinstance(made_subject(book, wanted), Unmade):
        return None
    over, under = (book.line_for(concept) for concept in (made.over, made.under))
    if not over or not under:
        return None
    shown = _small(made.name)
    reason = (
        f"I cannot show the {shown}: it is a multiple, *{name(over)}* over *{name(under)}*, and I only show quotients as "
        "percentages. I can show both figures."
    )
    return Unmade(reason, (f"Compare {over} and {under}", f"How did {over} develop?"))


def gap_subject(whole: Subject, less: Subject) -> Subject:
    """One line less another in the same sheet."""
    title = f"{whole.name} less {_small(less.name)}"
    step = {"op": "difference", "column": whole.name, "against": less.name, "name": title}
    return _joined(whole, less, title, step, share=whole.share)


def _joined(one: Subject, other: Subject, title: str, step: Mapping[str, Any], share: bool) -> Subject:
    needs = tuple(dict.fromkeys((*one.needs, *other.needs)))
    derive = [*one.derive, *(own for own in other.derive if own not in one.derive), step]
    return Subject(title, needs, tuple(derive), share=share, stock=one.stock)


def _line_or_difference(book: Book, concept: str) -> Subject | None:
    label = book.line_for(concept)
    if label:
        return Subject(label, (label,))
    made = next((made for made in DIFFERENCES if made.concept == concept), None)
    return _difference(book, made) if made else None


def wording_of(title: str) -> str:
    """A made-up name at the start of a sentence."""
    return name(title[:1].upper() + title[1:])


def _why_not(book: Book, made: Ratio | Difference) -> tuple[str, tuple[str, ...]]:
    parts = (made.over, made.under) if isinstance(made, Ratio) else (made.whole, made.less)
    present = [label for concept in parts if (label := book.line_for(concept))]
    shown = made.name if made.name[:2].isupper() else made.name.lower()
    if len(present) == 2:
        first, second = (name(label) for label in present)
        reason = (
            f"I cannot work out the {shown}: *{first}* and *{second}* stand in different tables of the file, "
            "and I do not compute across tables."
        )
    else:
        missing = [concept for concept in parts if not book.line_for(concept)]
        reason = f"I cannot work out the {shown}: the file has no line for {' or '.join(missing)}."
    return reason, tuple(f"How did {label} develop?" for label in present)


def available(book: Book, names: Sequence[str]) -> list[str]:
    """Those of the named ratios that can be made here."""
    return [wanted for wanted in names if not isinstance(made_subject(book, wanted), Unmade)]
