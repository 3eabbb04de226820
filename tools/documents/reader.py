"""What a reader is: bytes of one media type in, a `Document` out, or a `ToolError` that says why not.

A reader is pure. It gets the whole file and a `Source` (what the file is called and which id it has), and it may say
how far it is through `Source.progress`, which costs it nothing when nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.documents.document import Document

Progress = Callable[[str, int, int], None]
"""`progress(stage, done, total)`: stage is `reading` or `tables`, as in `document_progress` of docs/wire.md."""


def silent(stage: str, done: int, total: int) -> None:
    """The progress callback of a reading that nobody watches."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a file before it is read. `name` is the file name as the person gave it; `sha256` is hexadecimal,
    or `` where nobody has counted it yet.
    """

    document_id: str
    name: str
    media_type: str = ""
    sha256: str = ""
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class Reader:
    """One document format. `read` refuses only with ToolError, in time and memory bounded by the size of the bytes."""

    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    read: Callable[[bytes, Source], Document]
