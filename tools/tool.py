"""What a tool is: a name, a sentence for the model, typed arguments, and a pure function over a data room.

The JSON Schema the model sees is made from the argument class, and the same schema is enforced by the gate before the
function runs (`analysis/gate.py`), so `run` receives arguments that already fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from tools.dataroom import DataRoom
from tools.results import Result


class ToolArgs(BaseModel):
    """Arguments of a tool. Unknown names are refused, because a misspelt option that is ignored looks like a wrong answer."""

    model_config = ConfigDict(extra="forbid")


Run = Callable[[DataRoom, Any], Sequence[Result]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One row of `TOOLS`. `approve` makes every call wait for a person."""

    name: str
    description: str
    args: type[ToolArgs]
    run: Run
    approve: bool = False

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments (draft 2020-12), without the noise pydantic adds for people."""
        schema: dict[str, Any] = _without_titles(self.args.model_json_schema())
        return schema


def _without_titles(node: Any, inside_properties: bool = False) -> Any:
    """Drop `title` annotations, which only cost the model tokens; a *property* called title is kept."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_titles(item, inside_properties=key in ("properties", "$defs"))
        for key, item in node.items()
        if inside_properties or key != "title" or not isinstance(item, str)
    }
