"""What files are called and what they say they are, made fit to be shown and stored."""

from __future__ import annotations

import re
import unicodedata

from analysis.errors import CallerError

MAX_NAME_CHARS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


def display_name(name: str) -> str:
    """A file name as it is shown: its last part, in one line, without what cannot be seen, at most 200 characters with
    its extension. It never names a file of ours. CallerError `bad_name` when nothing is left.

    >>> display_name("C:\\\\reports\\\\Q1\\x00 figures.csv"), display_name("../../etc/passwd")
    ('Q1 figures.csv', 'passwd')
    """
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(
        " " if c.isspace() else c for c in last if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    shown = " ".join(unicodedata.normalize("NFC", seen).split())
    if not shown.strip(". "):
        raise CallerError("bad_name", "The file needs a name.")
    stem, dot, extension = shown.rpartition(".")
    if len(shown) > MAX_NAME_CHARS and dot and len(extension) <= 10:
        return f"{stem[: MAX_NAME_CHARS - len(extension) - 1]}.{extension}"
    return shown[:MAX_NAME_CHARS]


def plain_media_type(media_type: str) -> str:
    """The media type without parameters; empty where it says nothing, so that the reader says it.

    >>> plain_media_type("Text/CSV; charset=utf-8"), plain_media_type("application/octet-stream")
    ('text/csv', '')
    """
    plain = media_type.partition(";")[0].strip().lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) and plain != "application/octet-stream" else ""
