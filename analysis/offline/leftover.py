"""What of a question is left when names, periods and cues are taken out: the words the analyst did not understand.

They decide whether it answers. "Revenue in Germany" must not be answered with revenue when nothing in the file is
called Germany; "revenue, for the board meeting" may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.offline.cues import HARMLESS
from analysis.offline.words import Question, runs
from tools.labels import FILLERS, label_stems

MOST_UNKNOWN = 4  # from so many words on, and with so little else understood, it is another question
LEAST_COVERAGE = 0.34
_NARROWING = frozenset(
    "in for from of at within per by excluding without outside via under through except only during".split()
)
_CONTRACTED = frozenset("don doesn didn isn wasn aren weren couldn wouldn t ll re ve m d".split())


@dataclass(frozen=True, slots=True)
class Leftover:
    """Words not understood. `narrowing` when they seem to narrow the question to a part of the figures. `coverage` is
    the share of telling words that was understood (1 when there were none)."""

    words: tuple[str, ...]
    narrowing: bool
    coverage: float


def left_over(
    question: Question, used: Iterable[int], own_names: Iterable[str] = (), named: Iterable[int] = ()
) -> Leftover:
    """What is left of the question. `own_names` are names of the document itself, which narrow nothing; `named` are the
    positions of lines and columns, whose meaning a word beside them may change ("organic revenue").
    """
    names = frozenset(named)
    taken = frozenset(used)
    own = {stem for name in own_names for stem in label_stems(name)}
    telling = [n for n in question.content if _telling(question, n, own)]
    unknown = [n for n in telling if n not in taken]
    unknown_runs = runs(unknown)
    words = tuple(_quoted(question.said(run)) for run in unknown_runs)
    narrowing = any(_narrows(question, run, names) for run in unknown_runs)
    coverage = 1 - len(unknown) / len(telling) if telling else 1.0
    narrowing = narrowing or (len(unknown) >= MOST_UNKNOWN and coverage < LEAST_COVERAGE)
    return Leftover(words, narrowing, coverage)


def _quoted(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:60].rstrip()}…"


def _telling(question: Question, position: int, own: set[str]) -> bool:
    word = question.tokens[position].stem
    return word not in HARMLESS and word not in _CONTRACTED and word not in own


def _narrows(question: Question, run: list[int], names: frozenset[int]) -> bool:
    """After a preposition ("in Germany"), beside a name ("organic revenue"), a name itself ("the Cloud segment"), or the
    quality that is asked for ("how volatile")."""
    token, before = question.tokens[run[0]], run[0] - 1
    if run[-1] + 1 in names or (before in names and not token.stem.endswith(("ed", "ing"))):
        return True
    while before > 0 and question.tokens[before].stem in (FILLERS - _NARROWING):
        before -= 1
    lead = question.tokens[before].text.casefold() if before >= 0 else ""
    return lead in _NARROWING or lead == "how" or (run[0] > 0 and token.text[:1].isupper()) or token.stem.isdigit()
