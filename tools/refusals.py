"""How a tool says no."""

from __future__ import annotations


class ToolError(Exception):
    """A refusal that speaks to the model: what was wrong, and what would be accepted. `code` is stable."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
