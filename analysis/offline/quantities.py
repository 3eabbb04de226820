"""Units, pieces, volumes: a question that counts them is not answered with money, although it says "sold"."""

from __future__ import annotations

from analysis.offline.asks import Unsure
from analysis.offline.naming import MONEY_WORD, Mention
from analysis.offline.words import Question, name
from tools.concepts import concept_of
from tools.labels import label_stems

_SAID = frozenset({"units", "pieces", "quantity", "quantities", "volume", "volumes", "qty"})
_CALLED = frozenset({"unit", "piece", "quantity", "volume", "qty"})


def is_quantity(label: str) -> bool:
    """Whether a column counts things by its name.

    >>> is_quantity("Quantity"), is_quantity("Units sold"), is_quantity("Unit price"), is_quantity("Revenue")
    (True, True, False, False)
    """
    meant, stems = concept_of(label), set(label_stems(label))
    if meant:
        return meant.concept == "quantity"
    return bool(_CALLED & stems) and not {"price", "cost", "value"} & stems


def units_not_money(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """In "sold the most units" the verb is no column of money: what is counted is the quantity."""
    counted = any(m.kind == "measure" and is_quantity(m.label) for m in mentions)
    return tuple(m for m in mentions if not (counted and m.kind == "measure" and m.order == MONEY_WORD))


def no_quantity(question: Question, mentions: tuple[Mention, ...], document: str) -> Unsure | None:
    """ "Units" of a table that counts none: its money would be another answer."""
    taken = {n for mention in mentions for n in mention.used}
    said = [t.text for n, t in enumerate(question.tokens) if n not in taken and t.text.casefold() in _SAID]
    if not said or any(m.kind == "measure" and is_quantity(m.label) for m in mentions):
        return None
    return Unsure(f"{name(document)} has no column of “{name(said[0])}” that I can tell.", (), known=True)
