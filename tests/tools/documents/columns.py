"""Parquet files made for tests."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow
import pyarrow.parquet


def parquet(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """A file with these columns."""
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), out)
    return out.getvalue()
