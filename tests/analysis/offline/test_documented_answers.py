"""The answers that docs/offline.md shows are the answers that are given."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from benchmarks.desk import Desk
from tools.documents import read
from tools.documents.document import Document

HOUSE = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("TICKMARK_CORPUS", HOUSE.parent / "shared" / "data"))
ROWS = re.findall(r"^\| `([^`|]+)` \| ([^|]+) \| ([^|]+) \|$", (HOUSE / "docs" / "offline.md").read_text("utf-8"), re.M)


@cache
def document(path: Path) -> Document:
    """Read once, since a report of two hundred pages is asked about more than once."""
    return read(path.read_bytes(), document_id=path.stem, name=path.name)


def test_the_page_shows_more_than_eleven_questions() -> None:
    assert len(ROWS) >= 11


@pytest.mark.parametrize(("file", "question", "said"), ROWS, ids=[row[1][:50] for row in ROWS])
def test_a_documented_answer_is_given(file: str, question: str, said: str) -> None:
    paths = [CORPUS / each if "/" in each else HOUSE / "fixtures" / "samples" / each for each in file.split(", ")]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} is missing; set TICKMARK_CORPUS")
    desk = Desk([document(path) for path in paths])
    assert said in desk.ask(question).shown
