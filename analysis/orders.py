"""What the turn machine asks for: somebody must do it and answer with a signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AskModel:
    """Ask the provider to go on from the journal as it stands. `round` counts from 1."""

    round: int


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a validated call."""

    tool_id: str
    tool_name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckText:
    """Tie the figures of a finished sentence; answered by TextChecked."""

    check_id: int
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A call is parked until a person decides."""

    approval_id: str
    tool_id: str
    tool_name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StopAll:
    """Close the provider's connection and kill what runs."""


Order = AskModel | RunTool | CheckText | AskPerson | StopAll
