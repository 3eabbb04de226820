"""Bytes to text, without ever failing on a byte.

A byte-order mark decides; then UTF-16 by its pattern of zeros; then strict UTF-8. What is left is an old single-byte or
Asian charset, or UTF-8 that was damaged. Frequency analysis is unreliable on a table with three umlauts in it, and
in finance files nearly every such table is Windows-1252 (the file of any Western spreadsheet program), so
charset-normalizer is asked only to recognise other *scripts*, and only when there is enough to judge by.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_OTHER_SCRIPTS = {
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1253": "Windows-1253",
    "cp932": "Shift-JIS",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
    "euc_jp": "EUC-JP",
}
_WESTERN = ["cp1252", "cp1250", "latin_1", "cp1254", "mac_roman"]
_SAMPLE_BYTES = 32 * 1024
_ENOUGH_BYTES = 24
_NOISE_SAMPLE = 64 * 1024
_CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\ufffd]")
_CYRILLIC_OR_GREEK = re.compile("[A-Za-z]*[\u0370-\u03ff\u0400-\u04ff][A-Za-z\u0370-\u03ff\u0400-\u04ff]*")
_LATIN = re.compile("[A-Za-z]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the charset's name for people, and a remark where something had to be guessed or mended.

    `is_noise`: so many control characters that it was never a text.
    """

    text: str
    charset: str
    note: str = ""
    is_noise: bool = False


def decode(data: bytes) -> Decoded:
    """Any bytes as text. NUL characters are removed, because no store or screen can show them; the note says so."""
    found = _decode(data)
    text = found.text.removeprefix("\ufeff").rstrip("\x1a\x00")
    noise = _is_noise(text)
    if "\x00" not in text:
        return Decoded(text, found.charset, found.note, noise)
    count = text.count("\x00")
    note = f"{count:,} NUL character{'s were' if count > 1 else ' was'} removed"
    return Decoded(text.replace("\x00", ""), found.charset, "; ".join(filter(None, (found.note, note))), noise)


def _is_noise(text: str) -> bool:
    sample = text[:_NOISE_SAMPLE]
    return len(_CONTROLS.findall(sample)) > max(3, len(sample) // 50)


def _decode(data: bytes) -> Decoded:
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _mended(data, codec, name)
    wide = _wide_codec(data)
    if wide:
        return _mended(data, wide, "UTF-16")
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _old_charset(data)


def _mended(data: bytes, codec: str, name: str) -> Decoded:
    text = data.decode(codec, "replace")
    lost = text.count("\ufffd")
    return Decoded(
        text, name, f"{lost} unreadable character{'s' if lost > 1 else ''} replaced by \ufffd" if lost else ""
    )


def _wide_codec(data: bytes) -> str:
    """UTF-16 without a mark shows as zeros at every other byte of plain text."""
    sample = data[: _SAMPLE_BYTES - _SAMPLE_BYTES % 2]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.05 * half else ""


def _old_charset(data: bytes) -> Decoded:
    valid = _MULTIBYTE.findall(data)
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    stray = high - sum(map(len, valid))
    if valid and stray <= len(valid):
        return _mended(data, "utf-8", "UTF-8")
    codec = _script_codec(data) if high >= _ENOUGH_BYTES else ""
    if codec:
        return Decoded(data.decode(codec, "replace"), _OTHER_SCRIPTS[codec], f"read as {_OTHER_SCRIPTS[codec]} text")
    text = data.decode("cp1252", "replace")
    note = "read as Windows-1252 text, because it is not valid UTF-8"
    return Decoded(text, "Windows-1252", note)


def _script_codec(data: bytes) -> str:
    """The codec of a Cyrillic, Greek or Asian text, or `` where nothing speaks clearly for one."""
    from charset_normalizer import from_bytes

    first = _HIGH.search(data)
    start = max(0, first.start() - 256) if first else 0
    matches = from_bytes(data[start : start + _SAMPLE_BYTES], cp_isolation=[*_OTHER_SCRIPTS, *_WESTERN])
    best = matches.best()
    if best is None or best.encoding not in _OTHER_SCRIPTS or best.percent_chaos >= 10 or _mixes_alphabets(str(best)):
        return ""
    return best.encoding


def _mixes_alphabets(text: str) -> bool:
    """Whether words change their alphabet in the middle, as `Größe` does when it is read as Cyrillic: `GrцЯe`."""
    foreign = [word for word in _CYRILLIC_OR_GREEK.findall(text) if len(word) > 1]  # a Euro sign would be a letter too
    return 4 * sum(bool(_LATIN.search(word)) for word in foreign) > len(foreign)
