"""Why a question to statements cannot be answered, and which ones could be asked instead."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.offline.asks import Unsure
from analysis.offline.catalogue import Sheet
from analysis.offline.naming import Mention
from analysis.offline.periods import Chosen
from analysis.offline.statement_hearing import Heard
from analysis.offline.subjects import (
    Unmade,
)
from analysis.offline.words import listed, name


def forbidden(heard: Heard) -> Unsure | None:
    """A forecast or advice was asked for, which rules do not give."""
    subject = next((m.label for m in heard.mentions), "revenue")
    if heard.cues.has("forecast"):
        return Unsure(
            "I do not forecast; I only compute from what the file holds.", (f"How did {subject} develop?",), known=True
        )
    if heard.cues.has("advice"):
        return Unsure(
            "I give no advice and no judgement of value; I can show what the file holds.",
            (f"How did {subject} develop?",),
            known=True,
        )
    return None


def ambiguous(heard: Heard, mention: Mention) -> Unsure:
    """Words that two lines have an equal claim to."""
    said = name(heard.question.said(mention.used))
    choices = [mention.label, *mention.rivals]
    shown = listed([f"*{name(choice)}*" for choice in choices], "or")
    instead = tuple(f"How did {choice} develop?" for choice in choices)
    return Unsure(f"“{said}” could mean {shown}. Which one?", instead, known=True)


def not_here(heard: Heard) -> Unsure:
    """Words that nothing in the document is called by."""
    words = listed([f"“{name(word)}”" for word in heard.left.words], "or")
    found = [f"How did {m.label} develop?" for m in heard.mentions]
    also = (
        f", though it has {listed([f'*{name(m.label)}*' for m in heard.mentions if m.kind == 'line'])}"
        if any(m.kind == "line" for m in heard.mentions)
        else ""
    )
    return Unsure(f"Nothing in {name(heard.book.document)} is called {words}{also}.", tuple(found))


def no_period(heard: Heard, sheet: Sheet, chosen: Chosen) -> Unsure:
    """A period the document does not cover."""
    labels = [f.label for f in sheet.periods]
    span = f"{name(labels[0])} to {name(labels[-1])}" if len(labels) > 1 else name(labels[0])
    said = listed([name(label) for label in chosen.missing]) or name(heard.wish.said)
    instead = tuple(f"What was {m.label} in {labels[-1]}?" for m in heard.mentions if m.kind == "line")
    return Unsure(f"{name(heard.book.document)} covers {span}; it has nothing for {said}.", instead, known=True)


def without_subject(heard: Heard, unmade: Sequence[Unmade]) -> Unsure:
    """No line could be told from the question."""
    refusal = forbidden(heard)
    if refusal and not heard.left.words:
        return refusal
    if unmade:
        return Unsure(
            " ".join(made.reason for made in unmade), tuple(q for made in unmade for q in made.instead), known=True
        )
    if heard.left.words:
        return not_here(heard)
    return Unsure("I could not tell which line you mean.")


# -- questions about all lines -----------------------------------------------------------------------------------------
