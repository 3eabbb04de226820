"""The situation an answer starts from, read off the transcript alone: nothing is remembered between calls.

The question is the last text of the last user message that holds text; everything after it is this answer's own
doing. Tool ids are `call_7` where six calls were made in the conversation before, so they are the same every time the
transcript is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.messages import Message, ToolAnswer, ToolUse, Words

_OWN_ID = re.compile(r"call_(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is asked and what is known. `answers` are those to this answer's own calls, by tool id; `described` are the
    documents an earlier answer had described, by alias; `earlier` are the questions before this one, oldest first."""

    question: str
    earlier: tuple[str, ...] = ()
    first: bool = True
    calls_before: int = 0
    answers: Mapping[str, ToolAnswer] = field(default_factory=dict)
    described: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read(messages: Sequence[Message]) -> Situation:
    """The situation of a transcript that ends with a user message."""
    turn = next((n for n in reversed(range(len(messages))) if _asks(messages[n])), None)
    if turn is None:
        return Situation("")
    before, after = messages[:turn], messages[turn + 1 :]
    asked = [block.text for block in messages[turn].blocks if isinstance(block, Words)]
    past = [*_answers(before), *(block for block in messages[turn].blocks if isinstance(block, ToolAnswer))]
    return Situation(
        question=asked[-1],
        earlier=tuple(text for text in (*_questions(before), *asked[:-1]) if not text.startswith("[")),
        first=not any(message.role == "assistant" for message in messages),
        calls_before=_calls(before),
        answers={answer.tool_id: answer for answer in _answers(after)},
        described={
            str(answer.data["alias"]): answer.data
            for answer in past
            if answer.tool_name == "describe_document" and not answer.is_error and "alias" in answer.data
        },
    )


def _asks(message: Message) -> bool:
    return message.role == "user" and any(isinstance(block, Words) for block in message.blocks)


def _questions(messages: Sequence[Message]) -> list[str]:
    return [b.text for m in messages if m.role == "user" for b in m.blocks if isinstance(b, Words)]


def _answers(messages: Sequence[Message]) -> list[ToolAnswer]:
    return [block for message in messages for block in message.blocks if isinstance(block, ToolAnswer)]


def _calls(messages: Sequence[Message]) -> int:
    """How many calls were made; where early messages were trimmed away, our own numbers still tell."""
    uses = [block.tool_id for message in messages for block in message.blocks if isinstance(block, ToolUse)]
    own = [int(found[1]) for tool_id in uses if (found := _OWN_ID.fullmatch(tool_id))]
    return max([len(uses), *own])
