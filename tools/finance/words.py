"""Words that come from documents and models, made safe to pass on, and matched to what is there.

Document text is data. Before it reaches the model its double brackets are broken up, so that nobody can plant a value
reference in a cell; before it enters a formula its `~1` is broken up, because those are ids that will be renumbered.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from tools.values import LOCAL_ID

_BRACKETS = re.compile(r"\[(?=\[)")
_LOCAL = re.compile(r"~(?=\d)")
_INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[\W_]+")


def tame(text: str, limit: int = 200) -> str:
    """One printable line of at most `limit` characters; what would be taken for a local id (`~3`) is broken up."""
    if not text.isprintable():
        text = _INVISIBLE.sub(" ", text)
    line = _SPACES.sub(" ", text).strip()
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return "~ " + line[1:] if line.startswith("~") and LOCAL_ID.fullmatch(line) else line


def for_model(text: str, limit: int = 200) -> str:
    """`tame`, and no `[[` left: a reference in a document's text is not a reference."""
    return _BRACKETS.sub("[ ", tame(text, limit))


def for_formula(text: str, limit: int = 80) -> str:
    """`tame`, and no local id anywhere in it."""
    return _LOCAL.sub("~ ", tame(text, limit))


def normal(text: str) -> str:
    """Case, punctuation and spacing taken away: `Cost of sales (GBP)` and `cost_of_sales gbp` are equal."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def nearest(wanted: str, names: Iterable[str]) -> str:
    """The name that resembles `wanted` most; empty where none does."""
    by_form = {normal(name): name for name in names}
    found = difflib.get_close_matches(normal(wanted), by_form, n=1, cutoff=0.5)
    if found:
        return by_form[found[0]]
    parts = set(normal(wanted).split())
    return next((name for form, name in by_form.items() if parts and parts & set(form.split())), "")


def listed(names: Sequence[str], limit: int = 30) -> str:
    """Names for an error text: quoted, joined, cut with a count of the rest."""
    shown = ", ".join(f'"{for_model(name, 60)}"' for name in names[:limit])
    rest = len(names) - limit
    return (shown or "none") + (f" and {rest:,} more" if rest > 0 else "")


def counted(number: int, noun: str) -> str:
    """`1 row`, `170 rows`, `2 categories`."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"
