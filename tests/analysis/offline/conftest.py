"""What the analyst's tests share: a desk with documents, and the sample company's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.desk import Desk
from tools.documents import read as read_document

SAMPLES = Path(__file__).parents[3] / "fixtures" / "samples"


@pytest.fixture(scope="session")
def desk_with() -> Callable[..., Desk]:
    """Builds a desk from paths, or from (name, text) pairs."""

    def build(*files: Path | tuple[str, str]) -> Desk:
        documents = []
        for number, file in enumerate(files, 1):
            name, data = (file.name, file.read_bytes()) if isinstance(file, Path) else (file[0], file[1].encode())
            documents.append(read_document(data, document_id=f"doc_{number}", name=name))
        return Desk(documents)

    return build


@pytest.fixture
def statements(desk_with: Callable[..., Desk]) -> Desk:
    """The sample company's statements."""
    return desk_with(SAMPLES / "northwind_statements.csv")


@pytest.fixture
def sales(desk_with: Callable[..., Desk]) -> Desk:
    """The sample company's sales."""
    return desk_with(SAMPLES / "northwind_sales.csv")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample files."""
    return SAMPLES
