"""What the documentation says about bodies. We read bodies ourselves (`api.intake`, `api.multipart`), so FastAPI cannot know."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra` of a route that takes this model as JSON."""
    schema = model.model_json_schema()
    required = bool(schema.get("required"))
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def takes_form(**fields: str) -> dict[str, Any]:
    """The `openapi_extra` of a route that takes a multipart form. A field is `file`, `files` or `text`; `text?` is optional."""
    kinds: dict[str, dict[str, Any]] = {
        "file": {"type": "string", "format": "binary"},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "text": {"type": "string"},
    }
    schema = {
        "type": "object",
        "properties": {name: kinds[kind.rstrip("?")] for name, kind in fields.items()},
        "required": [name for name, kind in fields.items() if not kind.endswith("?")],
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
