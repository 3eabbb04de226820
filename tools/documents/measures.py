"""What the words around numbers say about them: currency, scale, and whether a line is money at all.

Accounts say it once and mean it everywhere (`in thousands of GBP`, `£000`, `€ in Mio.`), except where they do not:
percentages, per-share lines, head counts and days stand in the same column unscaled. `read_measure` reads one run of
words (a title line, a header, a row label); the readers lay the answers over each other, the nearest one winning.

Only phrases that are captions count. `Sales of 5 million tonnes` is prose about a number and states no scale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tools.documents.currencies import CODE_PATTERN, NAME_PATTERN, SIGN_PATTERN, currency_of

Kind = Literal["", "ratio", "per_share", "shares", "days", "multiple", "count", "soft_ratio"]
MAX_WORDS = 400


@dataclass(frozen=True, slots=True)
class Measure:
    """What one run of words says. `currency`: ISO code or ``. `power`: the scale stated, None where none is.

    `kind`: what the line is, `` for money or a plain number; `soft_ratio` for words like *margin*, which name a ratio or
    an amount depending on the numbers. `except_shares`: the scale does not hold for numbers of shares; `shares_power`: the
    scale stated for these alone (`shares in Thousands, $ in Millions`). `of_money`: the scale was stated of a currency and
    of nothing else (`thousands of GBP`), so that it says nothing of shares; `dollars in millions, except per share
    amounts` names its exceptions, and shares are none of them.
    """

    currency: str = ""
    power: int | None = None
    kind: Kind = ""
    except_shares: bool = False
    shares_power: int | None = None
    of_money: bool = False

    @property
    def says_nothing(self) -> bool:
        return not self.currency and self.power is None and not self.kind


_POWERS = {
    "hundreds": 2, "k": 3, "t": 3, "000": 3, "thousand": 3, "thou": 3, "tsd": 3, "tausend": 3, "millier": 3, "miglia": 3, "mile": 3,
    "m": 6, "mn": 6, "mm": 6, "mio": 6, "mill": 6, "million": 6, "millionen": 6, "millones": 6, "milioni": 6,
    "bn": 9, "mrd": 9, "md": 9, "billion": 9, "milliarden": 9, "milliard": 9, "miliardi": 9, "b": 9,
    "tn": 12, "trillion": 12, "crore": 7, "lakh": 5,
}  # fmt: skip
_LONG = (
    r"(?:thousands?|millions?|billions?|trillions?|millionen|milliarden|millones|milioni|miliardi|milliers|milliards?|miles|"
    r"miglia|thous\.?|tausend|tsd\.?|mio\.?|mrd\.?|mill\.|crores?|lakhs?|['’‘`]?000['’]?s?|mn|mm|bn)"
)
_SHORT = r"(?:[mkb]|tn)"
_CURRENCY = rf"(?:{SIGN_PATTERN}|{CODE_PATTERN}|{NAME_PATTERN})"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_PHRASES = (
    # £m, £'000, GBP m, USD millions, US$ in millions, € (000s)
    _words(rf"(?<![A-Za-z])(?P<currency>{_CURRENCY})\s*(?:\(?in\s+)?[(’'‘`]?\s*(?P<scale>{_LONG}|{_SHORT}){_AFTER}"),
    # thousands of GBP, Mio. €, million USD, milliers d'euros
    _words(
        rf"{_BEFORE}(?<![0-9] )(?P<scale>{_LONG})\s*(?:of\s+|de\s+|d['’]\s*|di\s+)?(?P<currency>{_CURRENCY})(?![A-Za-z])"
    ),
    # TEUR, T€, k€, m€, mEUR
    re.compile(rf"{_BEFORE}(?P<scale>[Tkmb]|bn)\s?(?P<currency>{SIGN_PATTERN}|{CODE_PATTERN})(?![A-Za-z])"),
)
_SCALE_ALONE = (
    # in thousands, (in millions, except per share data), en millions
    _words(rf"\b(?:in|en|im)\s+(?P<scale>{_LONG}|{_SHORT}){_AFTER}|\(in(?P<close>{_LONG})\)"),
    # Revenue (thousands), Customers ('000), Sales [m]
    _words(rf"(?<![0-9])[(\[]\s*(?P<scale>{_LONG}|[mk]|tn|(?-i:B))(?P<close>)\s*[)\]]"),  # [b] is a footnote's mark
    # '000 as a cell of its own, "thousands", "Revenue, millions"
    _words(rf"(?:^|,)\s*(?P<scale>{_LONG})(?P<close>)\s*$"),
    # Millions, except per share amounts
    _words(rf"^\W*(?P<scale>{_LONG})(?P<close>)(?=\s*,|\s+except\b)"),
)
_CURRENCY_ALONE = re.compile(rf"(?<![A-Za-z])(?:{SIGN_PATTERN}|{CODE_PATTERN})(?![A-Za-z])")
_CURRENCY_NAMED = _words(
    rf"\b(?:in|of|are|currency:?)\s+(?P<currency>{NAME_PATTERN}){_AFTER}|\b(?P<sole>dollars|euros?|sterling)\b"
)
_RATE_OF_EXCHANGE = re.compile(rf"\b{CODE_PATTERN}\s?[/:]\s?{CODE_PATTERN}\b|(?i:exchange rate|fx rate)")
_MOVED_BY_RATES = _words(
    r"\b(?:effects?|impacts?|changes?|gain(?:s|\b)|loss(?:es|\b)|differences?|movements?|fluctuations?|translation|adjustments?)"
)
_PENCE = _words(r"\b(?:in )?pence\b|\(p\)|\bp(?:ence)? per share\b|\bp/share\b|\bgbx\b")
_CENTS = _words(r"\b(?:in |us |euro )?cents\b|¢")
_EXCEPT_SHARES = _words(
    r"\b(?:except|excluding|unless|other than)\b[^.;)]*\b(?<!per )(?<!per-)(?<!per common )(?<!per ordinary )"
    r"shares?\b(?! (?:data|amounts?|figures)\b(?<!share data))"
)

_FOOTNOTE = re.compile(r"(?<=[a-z]{4})[0-9]$")
_COUNTED_IN = re.compile(
    rf" \| (?:(?P<currency>{SIGN_PATTERN}|{CODE_PATTERN})(?P<each>\s*/\s*shares?)?|(?P<shares>shares)|[a-z]+)$"
)
_PER_SHARE_IN_UNITS = _words(rf"(?:{SIGN_PATTERN}|{CODE_PATTERN}) / shares in units,?")
_SCALE_OF_SHARES = _words(
    rf"\b(?:(?:except|excluding)\s+)?(?:(?:the\s+)?numbers?\s+of\s+)?shares?(?:\s+(?:amounts?|data|figures))?,?\s+(?:(?:which|that)\s+)?"
    rf"(?:(?:are|is)\s+)?(?:(?:reflected|presented|stated|shown|expressed|reported)\s+)?in\s+(?P<scale>{_LONG}){_AFTER},?"
)
_EXCEPTS_PER_SHARE = _words(r"\b(?:except|excluding|unless|other than)\b[^.;)]*\bper[ -](?:[a-z]+ )?shares?\b")
_PRICE_IN_LABEL = re.compile(
    rf"\([^()]*{SIGN_PATTERN} ?[0-9][^()]*\)|{SIGN_PATTERN} ?[0-9.,]+ per (?:[a-z]+ )?share\b", re.I
)
_COINS_IN_LABEL = (
    _words(  # `par value 5¢ per share`, `ordinary shares of 25p each`: a price of one, not what lines are in
        r"(?<![0-9a-z.])[0-9][0-9 ./]* ?(?:¢|(?:cents?|pence|p)\b)(?: (?:each|per (?:[a-z]+ )?shares?)\b)?"
    )
)

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "shares",
        _words(
            r"\b(?:number|no\.?) of (?:[a-z]+ ){0,3}(?:shares|rsus?|psus?|awards|warrants)\b"
            r"|\b(?:weighted|average|diluted|basic) .*\bshares\b"
            r"|(?<![0-9] )\bshares,? (?:outstanding|in issue|used|authori[sz]ed)\b"
            r"|(?<![0-9] )\bshares,? issued\b(?! (?:for|to|under|upon|on|as|in|by|pursuant)\b)"
            r"|\(in shares\)|, shares$"
            r"|\banti-?dilutive (?:[a-z-]+ ){0,3}(?:securities|shares|awards|options|units)\b"
            r"|\beffect of dilutive\b|\bdilutive (?:effect|securities)\b|\bnumber of (?:stock )?options\b"
            r"|^(?:basic |diluted |total )?shares(?: \(.*\))?$"
            r"|^(?:stock )?(?:options|units|awards|rsus|psus) \((?:in )?(?:thous|mill)[a-z]*\.?\)$"
        ),
    ),
    (
        "per_share",
        _words(
            r"\bper\s+(?:[a-z]+\s+){0,2}(?:shares?|ads|adr|unit|option|award|[rp]su)\b(?!\s*[-–—:]?\s*[$£€]?[0-9])"
            r"|\bweighted[- ]average (?:exercise price|grant[- ]date fair value)\b|\b[ed]ps\b|\bper-share\b|/ ?shares?\b"
            r"|\bje aktie\b|\bpar action\b"
        ),
    ),
    (
        "ratio",
        _words(
            r"(?<![0-9])(?<![0-9] )%|\bper ?cent(?:age)?\b|\bpercentage\b|\bpct\b|\bbps?\b|\bbasis points\b|\bprozent\b"
        ),
    ),
    (
        "days",
        _words(
            r"\(days\)|\bdays$|\b(?:debtors?|creditors?|inventory|stock|receivables?|payables?) days\b|\bd[sip]o\b"
            r"|\bdays (?:sales|of|in|inventory|payables?)\b"
        ),
    ),
    (
        "multiple",
        _words(
            r"\((?:x|times)\)|\b(?:interest|dividend|debt|fixed charge) cover(?:age)?\b|\bratio\b|\bmultiple\b"
            r"|\bnet debt ?/|\bev ?/|\bp ?/ ?e\b"
        ),
    ),
    (
        "count",
        _words(
            r"\bhead ?count\b|\b(?:number|no\.?|average number) of\b|\bftes?\b"
            r"|(?<!to )(?<!for )(?<!by )(?<!from )(?<!with )\bemployees(?: \(.*\))?$"
            r"|\bfull[- ]time equivalents?\b|\(units\)|\bunits (?:sold|shipped|produced|delivered)\b"
            r"|^(?:(?:total|active|average|new|net new|paying) )*(?:units|stores|branches|customers|subscribers|users|outlets"
            r"|restaurants|locations|staff|employees|orders|tonnes)(?: [(\[].*[)\]])?$|\bsq\.? ?(?:ft|m)\b|[kmg]wh\b"
        ),
    ),
    (
        "soft_ratio",
        _words(
            r"\b(?:margin|rate|growth|yield|payout|cagr)(?: \([^)]*\))?$|^return on\b|\bro(?:e|a|ce|ic)\b|\bpayout\b"
        ),
    ),
)
_EXCEPTION = _words(r"\b(?:except|excluding|unless|other than)\b.*$")
_MONEY_FIRST = _words(r"^\s*(?:proceeds|purchase|repurchase|issue|issuance|dividends?|cost|buyback)\b")


@lru_cache(maxsize=8192)
def read_measure(text: str) -> Measure:
    """What a title, header or row label says about the numbers it stands over or beside.

    >>> read_measure("in thousands of GBP"), read_measure("Gross margin (%)").kind, read_measure("£m").power
    (Measure(currency='GBP', power=3, kind='', except_shares=False, shares_power=None, of_money=True), 'ratio', 6)
    """
    words = _PER_SHARE_IN_UNITS.sub(" ", _FOOTNOTE.sub("", " ".join(text[:MAX_WORDS].split())))
    if not words:
        return Measure()
    counted = _COUNTED_IN.search(words)
    if counted:  # `Number of vendors | Vendor`, `Amount of share repurchases | $`, `Exercise price | $ / shares`
        currency = currency_of(counted["currency"] or "")
        if currency:
            return Measure(currency, kind="per_share" if counted["each"] else "")
        return Measure(kind="shares" if counted["shares"] else "count")
    unpriced = _COINS_IN_LABEL.sub(" ", _PRICE_IN_LABEL.sub(" ", words))
    kind = _kind(_EXCEPTION.sub("", unpriced))
    if _RATE_OF_EXCHANGE.search(words) and not _MOVED_BY_RATES.search(words):
        return Measure(kind="count")
    of_shares = _SCALE_OF_SHARES.search(words)
    shares_power = _power(of_shares["scale"]) if of_shares else None
    currency, power = _currency_and_scale(_SCALE_OF_SHARES.sub(" ", words) if of_shares else words)
    if _PENCE.search(unpriced):
        currency, power = "GBP", -2
    elif kind == "per_share" and _CENTS.search(unpriced):
        power = -2
    if kind == "ratio":
        power = -4 if re.search(r"\bbps?\b|basis points", words, re.I) else -2
    of_money = bool(currency) and power is not None and not _EXCEPTS_PER_SHARE.search(words)
    return Measure(currency, power, kind, bool(_EXCEPT_SHARES.search(words)), shares_power, of_money)


def names_unit(label: str) -> bool:
    """Whether a line says behind a bar what it is counted in: `Certified | shares`, `Hedged debt | $`."""
    found = _COUNTED_IN.search(" ".join(label[:MAX_WORDS].split()))
    return bool(found and (found["shares"] or found["currency"]))


def _kind(words: str) -> Kind:
    for kind, pattern in _KINDS:
        if pattern.search(words) and not (kind in ("shares", "count") and _MONEY_FIRST.search(words)):
            return kind
    return ""


def _currency_and_scale(words: str) -> tuple[str, int | None]:
    for phrase in _PHRASES:
        found = phrase.search(words)
        if found:
            return currency_of(found["currency"]), _power(found["scale"])
    scales = (found["scale"] or found["close"] for form in _SCALE_ALONE if (found := form.search(words)))
    power = next((_power(scale) for scale in scales), None)
    alone = _CURRENCY_ALONE.search(words)
    if alone:
        return currency_of(alone[0]), power
    named = _CURRENCY_NAMED.search(words)
    return (currency_of(named["currency"] or named["sole"]) if named else ""), power


def _power(scale: str) -> int:
    word = scale.casefold().strip(".'’`s ")
    return _POWERS.get(word) or _POWERS.get(word.removesuffix("s")) or _POWERS["000"]


_UNITS_OF_TITLE = re.compile(
    rf"\s+[-–—]\s+(?:(?:{_CURRENCY}(?:\s*\({SIGN_PATTERN}\))?|shares)(?:\s*/\s*shares?)?(?:\s+in\s+(?:{_LONG}|units))?[,\s]*)+$"
    rf"|\s+(?:(?:{_CURRENCY}|shares)(?:\s*/\s*shares?)?\s+in\s+(?:{_LONG}|units)[,\s]*)+$"
    rf"|\s+\({_CURRENCY}(?:\s+{SIGN_PATTERN})?\)(?:\s+in\s+{_LONG}\b.*)?$",
    re.I,
)


def without_units(title: str) -> str:
    """A title without the units it ends with.

    >>> without_units("BALANCE SHEETS - USD ($) shares in Thousands, $ in Millions"), without_units("Sale of shares")
    ('BALANCE SHEETS', 'Sale of shares')
    """
    words = " ".join(title[:MAX_WORDS].split())
    return _UNITS_OF_TITLE.sub("", words) or words


_UNIT = rf"(?:{_CURRENCY}\s*\({SIGN_PATTERN}\)|{_CURRENCY}\s*/\s*shares?|{CODE_PATTERN}|\bshares?\b)"
_LISTED_UNITS = re.compile(rf"(?:^|\s){_UNIT}(?:\s+(?:{_UNIT}|[A-Za-z]+))+$", re.I)
_DATED_SHARES = re.compile(r"\b(?:19|20)[0-9]{2} shares$")


def read_column_measure(text: str) -> Measure:
    """What a heading says of its column. Units in a row (`USD ($) $ / shares shares`) say what its lines are counted in,
    each in one of them, and nothing that holds for all but the currency.
    """
    words = " ".join(text[:MAX_WORDS].split())
    ending = words[len(without_units(words)) :]
    if ending:
        return read_measure(ending.lstrip(" -–—"))
    if _DATED_SHARES.search(words):
        return Measure(kind="shares")
    listed = _LISTED_UNITS.search(words)
    if listed and "/" in listed[0]:
        return Measure(currency_of(found[0])) if (found := _CURRENCY_ALONE.search(listed[0])) else Measure()
    return read_measure(text)


_CAPTION_ONLY = re.compile(
    r"(?>\b(?:all|figures|amounts?|values?|numbers?|expressed|stated|reported|unless|otherwise|noted|indicated|currency|units?|"
    r"except|for|per|shares?|data|and|are|is|in|of|the|where|as|percentages?|earnings|us|u\.s|t|"
    rf"[tkmb]?{CODE_PATTERN}(?:[kmb]|mn|bn)?|{NAME_PATTERN}|(?:in)?{_LONG}|{_SHORT})(?![A-Za-z])|{SIGN_PATTERN}|['’`]?000s?\b|"
    r"[():,.;'’`\[\]/-]|\s)++",
    re.I,
)


def is_caption(text: str) -> bool:
    """Whether a line says nothing but how to read the numbers: `(in thousands of GBP, unless stated otherwise)`."""
    return (
        len(text) <= MAX_WORDS and not read_measure(text).says_nothing and bool(_CAPTION_ONLY.fullmatch(text.strip()))
    )
