"""Sentences that speak of what is asked: quoted with their figures, where no table answers.

A sentence is quoted only when it has every word of the question that says something; a sentence that merely has most of
them answers another question.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.cues import HARMLESS
from analysis.offline.script import Call
from analysis.offline.words import Question, name
from tools.labels import FILLERS, label_stems

MOST_SENTENCES = 2
FEWEST_WORDS = 2
MOST_SAID = 600
ONLY_PROSE = (
    "I read no table in what is attached, and no sentence of it has all the words of your question. Ask in the document's own "
    "words, and I quote what it says with its figures tied to where they stand."
)
ABOUT = re.compile(
    r"\b(?:say|says|said|mention\w*|discuss\w*|write|writes|comment\w*)\b.{0,20}\b(?:about|on|of)\b", re.I
)
_ASKING = HARMLESS | frozenset(
    "share percent percentage proportion part mention mentioned mentions discuss discussed discusses said says write writes "
    "comment comments".split()
)
LEAST_SHARED = 5  # letters
Quoting = Generator[tuple[Call, ...] | str, Sequence[ToolAnswer], bool]


def quoted(question: Question) -> Quoting:
    """The sentences that have all words of the question; False where there is none."""
    telling = _telling(question)
    if len(telling) < FEWEST_WORDS:
        return False
    (answer,) = yield (Call("find", {"query": " ".join(telling.values())[:300], "limit": 20}),)
    if answer.is_error:
        return False
    found = [each for each in answer.data.get("sentences", ()) if _has_all(_stems(str(each["text"])), telling)]
    chosen = [each for each in found if each["figures"]][:MOST_SENTENCES] or found[:1]
    for each in chosen:
        page = f", page {each['page']}" if each.get("page") is not None else ""
        yield f"{name(str(each['name']))}{page}: {_with_ids(each)}"
    return bool(chosen)


def _has_all(said: set[str], telling: Iterable[str]) -> bool:
    """Whether every word is there, in one of its forms: `proposed` and `proposes`."""
    return all(word in said or any(_is_form(word, other) for other in said) for word in telling)


def _is_form(word: str, other: str) -> bool:
    shared = min(len(word), len(other)) - 1
    return shared >= LEAST_SHARED and word[:shared] == other[:shared] and abs(len(word) - len(other)) <= 3


def _telling(question: Question) -> dict[str, str]:
    """The words that say something, by their stems."""
    return {
        token.stem: token.text
        for token in question.tokens
        if not {token.stem, token.text.casefold()} & _ASKING and token.stem not in FILLERS and len(token.stem) > 1
    }


def _stems(text: str) -> set[str]:
    return set(label_stems(text.translate(str.maketrans("()", "  ")))) | {t.stem for t in Question.of(text).tokens}


def _with_ids(sentence: Mapping[str, Any]) -> str:
    """The sentence with each figure as the value that it is."""
    text, at, pieces = str(sentence["text"])[:MOST_SAID], 0, []
    for figure in sentence["figures"]:
        if figure["unit"] == "multiple":  # more often the name of something than a figure: `777X`
            continue
        if figure["end"] > len(text):
            text = text[: figure["start"]] if figure["start"] < len(text) else text
            break
        pieces += [_plain(text[at : figure["start"]]), _cited(figure)]
        at = figure["end"]
    return "".join([*pieces, _plain(text[at:])])


def _cited(figure: Mapping[str, Any]) -> str:
    """The reference, with the decimals of a percentage that the sentence prints."""
    if figure["unit"] != "ratio":
        return f"[[{figure['value_id']}]]"
    exponent = Decimal(figure["amount"]).normalize().as_tuple().exponent
    return f"[[{figure['value_id']}|{min(6, max(0, -int(exponent) - 2))}]]"


def _plain(words: str) -> str:
    """Words between figures, with the spaces at their ends."""
    return " " * words[:1].isspace() + name(words) + " " * (words[-1:].isspace() and bool(words.strip()))
