"""Forms: what kind of figure a question asks for, and which of its words name the parts.

A literal table of shapes, tried in order; the first that fits is taken. Spans named `a`, `b`, `part`, `whole` are
operand phrases; a shape without spans takes the whole question, less the words of the shape itself. `<name>` stands
for a piece of `_PIECES`, because the table is read more often than the expressions it becomes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from analysis.offline.concepts import RATIOS

Operation = Literal[
    "growth", "change", "share", "ratio", "gap", "average", "sum", "highest", "lowest", "when_highest", "when_lowest",
    "how_many", "lookup", "distance", "cagr",
]  # fmt: skip

_PIECES = {
    "pct": r"(?:percentages?|percents?|percentual|%|pct)",
    "part": r"(?:percentages?|percents?|%|portion|share|fraction|proportion|part)",
    "move": (
        r"(?:changed?|changes|increased?|increases|decreased?|decreases|growth|grew|grow|grown|declined?|decline|drop|"
        r"dropped|reduction|rise|rose|risen|fall|fell|gain|improvement|difference|variation)"
    ),
    "moved": r"(?:change|increase|decrease|difference|decline|reduction|fluctuation|drop|rise)s?",
    "link": (
        r"(?:is|are|was|were|came|comes?|did|does|do|had|has|have|that|which|relate[sd]?|due|attribut\w+|consist\w*|"
        r"represent\w*|made|compris\w+|account\w*|from|belong\w*|used|spent|pertain\w*|derived?|allocated|located|recorded|"
        r"expected|associated|dedicated|expires?|matures?|maturing|occur\w*|constitute\w*|went|goes|go|results?|resulted|"
        r"contribut\w+|compose\w*|generated?|earned|held|purchased|under|in|among|applicable|for|payable|outstanding|after|before|"
        r"within|beyond)"
    ),
    "be": r"(?:is|was|were|are|did|does|do)",
    "more": r"(?:more|less|higher|lower|greater|larger|smaller|bigger)",
    "time": r"(?:which|what) (?:fiscal |financial |calendar )?(?:year|period|quarter)",
    "most": r"(?:highest|largest|greatest|most|higher|larger|greater|peak|maximum)",
    "least": r"(?:lowest|smallest|least|lower|smaller|minimum|fewest)",
    "bound": (
        r"(?:(?:more|greater|higher|larger|less|lower|smaller|fewer) than|above|below|exceed\w*|over|under)"
    ),
    "to": r"(?:to|and|over|versus|vs\.?|compared to)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked. `phrases` are the operands' words; `rest` is the question without the shape's own words."""

    operation: Operation
    phrases: tuple[str, ...]
    rest: str
    sure: float


def _shape(operation: Operation, sure: float, pattern: str) -> tuple[Operation, float, re.Pattern[str]]:
    spelled = re.sub(r"(?<!\?P)<(\w+)>", lambda found: _PIECES[found[1]], pattern)
    return operation, sure, re.compile(spelled)


_NAME = r"[\w &'’,.()/-]{3,60}?\b"
_NO_SHARE = r"(?!(?:common |ordinary |diluted |basic )*shares?\b|annum|year)"
_SHAPES = (
    # a time asked for, or a count of times
    _shape("when_highest", 1.0, r"\b<time>\b.{0,120}?\b<most>\b"),
    _shape("when_lowest", 1.0, r"\b<time>\b.{0,120}?\b<least>\b"),
    _shape("how_many", 0.9, r"\bhow many (?:of the )?(?:years|periods|quarters)\b.+?\b<bound>\b.+"),
    # two lines
    _shape("ratio", 1.0, r"\bratio (?:of|between) (?P<a>.+?) <to> (?P<b>.+)"),
    _shape("ratio", 0.9, r"(?:what <be> )?(?P<a>[\w &'’,.()/-]{3,80}?)[ -]to[ -](?P<b>[\w &'’()/-]{3,60}?) ratio\b"),
    _shape("ratio", 1.0, r"(?P<a>.+?) (?:divided by|as a multiple of) (?P<b>.+)"),
    _shape("gap", 0.9, r"\bdifference (?:in (?P<what>.{3,60}?) )?between (?P<a>(?:(?! and ).)+) and (?P<b>.+)"),
    _shape("gap", 0.9, r"\bhow much <more> <be> (?P<a>.+?) (?:than|compared (?:to|with)|versus) (?P<b>.+)"),
    _shape("gap", 0.8, r"\bby how much (?:did|does|do) (?P<a>.+?) (?:exceed|surpass|outweigh) (?P<b>.+)"),
    # a percentage that moved
    _shape(
        "cagr",
        1.0,
        r"\b(?:cagr|compound(?:ed)? (?:annual |average )*(?:growth|rate)(?: rate)?|annuali[sz]ed growth(?: rate)?)\b",
    ),
    _shape("growth", 1.0, r"\b<pct>(?: point)?(?:age)? (?:of )?(?:cumulative |total |annual |net )?<move>\b"),
    _shape("growth", 1.0, r"\b<move> \(%\)"),
    _shape("growth", 1.0, r"\b<move> (?:in )?(?:percentage|percent)\b(?! of)"),
    _shape("growth", 1.0, r"\b(?:growth rate|rate of (?:growth|change|increase|decrease|decline|return))\b"),
    _shape("growth", 1.0, r"\b(?:year[- ](?:over|on)[- ]year|yoy)\b"),
    _shape("growth", 0.9, r"\b(?:by|in) (?:what|how (?:much|many)) <pct>\b(?! of)"),
    _shape("growth", 0.9, r"\bwhat <pct> (?:did|has|have|does) .{3,90}? <move>\b"),
    _shape(
        "growth", 0.8, r"\b(?:return on (?:the |an )?investment|roi|(?:total |cumulative )+(?:shareholder )?return)\b"
    ),
    # a part of a whole
    _shape("share", 1.0, r"\b(?P<part>.+?),? (?:expressed )?as an? <part> of (?P<whole>.+)"),
    _shape("share", 1.0, r"(?P<part>.+?) (?:is|was|were|are|represent\w*|account\w* for) what <part> of (?P<whole>.+)"),
    _shape("share", 0.9, r"\b<part> of (?P<part>.{3,60}?) to (?:the )?(?P<whole>total .+)"),
    _shape("share", 1.0, r"\b<part> of (?:the |its |our |their |all |overall )*(?P<whole>.+?) <link>\b(?P<part>.+)"),
    _shape(
        "share",
        0.9,
        r"\bwhat <part> <be> (?P<part>.+?) (?:of|in|to|out of|relative to|compared to) (?P<whole>.+)",
    ),
    _shape("share", 0.8, r"\bhow much of (?P<whole>.+?) (?:is|was|were|are|came|comes|did) (?P<part>.+)"),
    _shape("share", 0.8, r"\b(?P<part>.+?)['’]s? <part> of (?P<whole>.+)"),
    _shape("share", 0.9, r"\bpercentage constitution of (?P<part>.+?) (?:in|among|of|to) (?P<whole>.+)"),
    _shape("share", 0.9, r"(?P<part>.+?) as an? ratio of (?P<whole>.+)"),
    _shape("share", 0.7, r"\b(?:proportion|percentage|percent) of (?P<part>.+?) (?:over|to|in|out of) (?P<whole>.+)"),
    _shape("ratio", 0.75, rf"\b(?:average |mean )?(?P<a>{_NAME}) per {_NO_SHARE}(?P<b>.{{3,60}})"),
    # one line over time
    _shape("change", 1.0, r"\b(?:net )?<moved> (?:in|of|for|from|between|was|that)\b"),
    _shape("growth", 0.7, r"\bgrowth\b(?! rate)"),
    _shape("change", 0.9, r"\b(?:by )?how (?:much|many)\b.{0,90}?\b<move>\b"),
    _shape("change", 0.8, r"\b(?:increase|decrease|decline|change|drop)\b"),
    _shape("average", 1.0, r"\b(?:average|mean)\b"),
    _shape("highest", 0.9, r"\b(?:highest|largest|maximum|greatest|most|peak)\b"),
    _shape("lowest", 0.9, r"\b(?:lowest|smallest|minimum|least)\b"),
    _shape("sum", 0.9, r"\b(?:sum of|combined|in total|altogether|added together|aggregate)\b"),
    _shape("sum", 0.7, r"\btotal\b.+\band\b"),
    _shape("lookup", 0.9, r"\b(?:what (?:is|was|were|are|did)|how (?:much|many)|what)\b"),
)
_WORDS_WANTED = re.compile(
    r"^(?:(?:did|does|do|is|are|was|were|has|have|can|could|would|should)\b|"
    r"why|who|where|when\b(?!.*how much)|how (?:is|are|was|were|does|do|did|has|have|often|long)\b)|"
    r"\b(?:reasons?|driven by|due to what|because|mainly attributable|mainly due|compris\w* of|consists? of|composed of|"
    r"primarily due|basis of|method|definition|defined|meaning of|what does|what do|what led|what caused|causes? of|"
    r"describe|explain|included in|include\b|stand for|influenced|relates? to|based (?:up)?on|result(?:ed)? (?:in|from)|rely|"
    r"(?:what|which) (?:kinds?|types?|countries|items|components?|categories|segments?|factors|company|"
    r"country))\b"
)
_SHAPE_WORDS = re.compile(
    rf"\b(?:cagr|compound(?:ed)?|annual|annuali[sz]ed|"
    rf"{_PIECES['pct']}|{_PIECES['move']}|of|in|by|how|what|much|many|rate|net(?= change)|average|mean|highest|"
    r"lowest|largest|maximum|minimum)\b"
)


_MULTIPLES = {
    phrase.strip(): ratio for ratio in RATIOS if ratio.shown == "multiple" for phrase in ratio.phrases.split(",")
}
_NAMED = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_MULTIPLES, key=len, reverse=True)))})\b")
_COURSE = re.compile(rf"\b(?:{_PIECES['move']}|{_PIECES['most']}|{_PIECES['least']}|average|develop|trend|over time)\b")


_YEARS_ONLY = re.compile(r"(?:(?:the |fiscal |year |years |fy|december |30 |31 |,)*(?:19|20)\d\d[ ,]*)+")


_ASIDE = re.compile(r"\([^()]*\)\s*$")
_IN_PERCENT = re.compile(r"\(?,? ?\bin percentages?\b,?\)?")


def wants_words(question: str) -> bool:
    """Whether the answer would be words: a reason, a name, a list, what something means."""
    return bool(_WORDS_WANTED.search(" ".join(question.casefold().split())))


def form_of(question: str) -> Form | None:
    """The form of a question, None where none fits or where words are asked for."""
    low = " ".join(question.casefold().replace("?", " ").split())
    if wants_words(low):
        return None
    low = " ".join(_IN_PERCENT.sub(" ", _ASIDE.sub(" ", low)).split())
    named = _NAMED.search(low)
    if named:
        ratio = _MULTIPLES[named[0]]
        plain = not _COURSE.search(low)
        return Form("ratio", (ratio.over, ratio.under), low, 1.0) if plain else None
    for operation, sure, pattern in _SHAPES:
        found = pattern.search(low)
        if not found:
            continue
        groups = found.groupdict()
        names = ("part", "whole") if "part" in groups else ("a", "b") if "a" in groups else ()
        if operation == "gap" and _YEARS_ONLY.fullmatch(groups["a"]):  # "between 2019 and 2018": one line over time
            continue
        shared = groups.get("what") or ""
        phrases = tuple(f"{groups[name].strip(' ,.')} {shared}".strip() for name in names)
        kept = _SHAPE_WORDS.sub(" ", found[0])
        rest = low if names else f"{low[: found.start()]} {kept} {low[found.end() :]}"
        return Form(operation, phrases, rest, sure)
    return None
