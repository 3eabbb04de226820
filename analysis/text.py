"""One rule for text that cannot be stored or sent everywhere: lone surrogates and U+0000 become U+FFFD."""

from __future__ import annotations


def clean(text: str) -> str:
    """The text as every database and every JSON parser accepts it."""
    if text.isascii():
        return text if "\x00" not in text else text.replace("\x00", "�")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "�")
