"""Scripts: a plan written as straight-line code, replayed from the start at every step.

An answer takes several rounds: ask the tools, look at what came, ask again, write. Between two rounds nothing of us is
kept alive; there is only the transcript. So a plan is a generator that yields prose and calls and is sent the answers,
and each round runs it again from its first line, handing it the answers the transcript already holds. What it yields
after the last of them is the next thing to say. The plan reads top to bottom like a recipe, and its state is the
transcript, nothing else.

This costs the early lines of a plan once per round (there are five rounds or so), and it asks of a plan that it be
deterministic.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.transcript import Situation


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to be called."""

    tool: str
    input: Mapping[str, Any]


Calls = tuple[Call, ...]
Step = str | Calls
Script = Generator[Step, Sequence[ToolAnswer], tuple[str, ...]]
Part = Generator[Step, Sequence[ToolAnswer], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A call with its id."""

    tool_id: str
    tool: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """The next turn of the assistant: prose, then calls. Without calls it is the end, and `suggestions` go with it."""

    prose: str
    calls: tuple[Request, ...] = ()
    suggestions: tuple[str, ...] = ()


def play(script: Script, situation: Situation) -> Reply:
    """Run the script against what the transcript already answered; the reply is what it says from there."""
    number, spoken, said_before = situation.calls_before, list[str](), False
    answers: Sequence[ToolAnswer] = ()
    try:
        while True:
            step = script.send(answers) if answers else next(script)
            answers = ()
            if isinstance(step, str):
                spoken.append(step)
                continue
            requests = tuple(Request(f"call_{number + n}", call.tool, call.input) for n, call in enumerate(step, 1))
            number += len(requests)
            known = [situation.answers.get(request.tool_id) for request in requests]
            if not any(known):
                return Reply(_prose(spoken, said_before), requests)
            answers = [answer or _unanswered(request) for answer, request in zip(known, requests, strict=True)]
            said_before, spoken = said_before or bool(spoken), []
    except StopIteration as end:
        return Reply(_prose(spoken, said_before), (), tuple(end.value or ()))


def _prose(spoken: Sequence[str], said_before: bool) -> str:
    text = "\n\n".join(part for part in spoken if part)
    return "\n\n" + text if text and said_before else text


def _unanswered(request: Request) -> ToolAnswer:
    """A call whose sisters were answered will not be answered any more: better an error than a round without end."""
    return ToolAnswer(request.tool_id, request.tool, "no answer came back", is_error=True)
