"""Where a client finds what a place shows: the picture of its page, and the rows around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

MOST = 20  # cells of an aggregate that a link names
_MANY = {"lines": "line", "cells": "cell", "paragraphs": "paragraph", "pointers": "pointer", "boxes": "box"}
_NO_FIELDS = frozenset(
    ("document_id", "kind", "printed", "row", "header", "rows_total", "cell_formula", "page_url", "around_url")
)


def page_url(document_id: str, page: int) -> str:
    """The picture of a page."""
    return f"/api/document/{quote(document_id, safe='')}/pages/{page}"


def around_url(place: Mapping[str, Any]) -> str:
    """What stands around a place (in wire form). The cells of an aggregate are named one by one, the first few of them."""
    asked: list[tuple[str, str]] = []
    for name, said in place.items():
        if name in _NO_FIELDS or (name == "column" and isinstance(said, str)):
            continue
        each = list(said)[:MOST] if name in _MANY else [said]
        asked += [(_MANY.get(name, name), _text(one)) for one in each]
    return f"/api/document/{quote(str(place['document_id']), safe='')}/around?{urlencode(asked)}"


def links(place: Mapping[str, Any]) -> dict[str, str]:
    """All links of a place."""
    found = {"page_url": page_url(place["document_id"], place["page"])} if place.get("page") else {}
    return {**found, "around_url": around_url(place)}


def _text(said: Any) -> str:
    return ",".join(f"{part:g}" for part in said) if isinstance(said, list | tuple) else str(said)
