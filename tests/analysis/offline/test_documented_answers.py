"""The answers that docs/offline.md shows are the answers that are given."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from benchmarks.desk import Desk
from tools.documents import read

HOUSE = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("TICKMARK_CORPUS", HOUSE.parent / "shared" / "data"))
ROWS = re.findall(r"^\| `([^`|]+)` \| ([^|]+) \| ([^|]+) \|$", (HOUSE / "docs" / "offline.md").read_text("utf-8"), re.M)


def test_the_page_shows_more_than_eleven_questions() -> None:
    assert len(ROWS) >= 11


@pytest.mark.parametrize(("file", "question", "said"), ROWS, ids=[row[1][:50] for row in ROWS])
def test_a_documented_answer_is_given(file: str, question: str, said: str) -> None:
    path = CORPUS / file if "/" in file else HOUSE / "fixtures" / "samples" / file
    if not path.exists():
        pytest.skip(f"{path} is missing; set TICKMARK_CORPUS")
    desk = Desk([read(path.read_bytes(), document_id="doc_1", name=path.name)])
    assert said in desk.ask(question).shown
