"""The dialects a stream can speak. One file each, in and out together; this table is all there is to registering one."""

from __future__ import annotations

from api.dialects.dialect import Dialect
from api.dialects.native import Native

__all__ = ["DIALECTS", "Dialect"]

DIALECTS: dict[str, type[Dialect]] = {"native": Native}
