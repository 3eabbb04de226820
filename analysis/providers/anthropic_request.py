"""A prompt in Anthropic's words, and the rules such a request must keep.

`request_for` is the way in: legal by construction, whatever the transcript went through (a provider change, an
interrupt, a thought without its signature, tool ids of another vendor's shape). `faults` is the same rules read the
other way round: every sentence it returns is a 400 of the real service. The emulator answers with it, so a test that
talks to the emulator proves its requests legal.

Three places are marked for the vendor's cache, of the four allowed: the tools, the part of the system text that stays,
and the end of the transcript. Nothing here may depend on anything but the prompt, or the cache would never hit.

What we dislike: which models take a thinking budget and which refuse it is known by name only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from analysis.messages import Block, Message, Prompt, Thought, ToolAnswer, ToolSpec, ToolUse, Words
from analysis.text import clean

Json = dict[str, Any]

ORIGIN = "anthropic"
MIN_THINKING_TOKENS = 1024
GO_ON = "Continue."  # what a person would say to an answer that paused; a request may not end with the assistant
MAX_BREAKPOINTS = 4
_CACHED = {"type": "ephemeral"}
_THINKING = ("thinking", "redacted_thinking")
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_TAKES_BUDGET = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4-(?:[015](?:\D|$)|\d{8}))")


def request_for(prompt: Prompt, thinking_tokens: int = 0) -> Json:
    """The arguments of `messages.create`, without `stream`.

    `thinking_tokens` above 0 turns reasoning on: that many tokens (1,024 at least) come on top of `max_tokens`. Models
    that set their own budget are only told that they may think.
    """
    messages = _messages(prompt.messages)
    request: Json = {"model": prompt.model, "max_tokens": prompt.max_tokens, "messages": messages}
    if system := _system(prompt):
        request["system"] = system
    if prompt.tools:
        request["tools"] = _tools(prompt.tools)
    elif used := {block["name"] for block in _blocks(messages) if block["type"] == "tool_use"}:
        # A transcript with tool calls is refused without tools, so a last round that may not call any names them anew.
        request["tools"] = _tools([ToolSpec(name, "Not available now.", {"type": "object"}) for name in sorted(used)])
        request["tool_choice"] = {"type": "none"}
    if thinking_tokens > 0:
        _let_think(request, max(thinking_tokens, MIN_THINKING_TOKENS))
    _mark_end(messages)
    return _sendable(request)


def _system(prompt: Prompt) -> list[Json]:
    blocks: list[Json] = []
    if prompt.stable.strip():
        blocks.append({"type": "text", "text": prompt.stable, "cache_control": _CACHED})
    if prompt.context.strip():
        blocks.append({"type": "text", "text": prompt.context})
    return blocks


def _tools(specs: Sequence[ToolSpec]) -> list[Json]:
    tools: list[Json] = [
        {"name": spec.name, "description": spec.description, "input_schema": dict(spec.schema)} for spec in specs
    ]
    tools[-1]["cache_control"] = _CACHED
    return tools


def _messages(transcript: Sequence[Message]) -> list[Json]:
    """Blocks in Anthropic's form; a message that nothing is left of disappears, and its neighbours join."""
    messages: list[Json] = []
    taken: set[str] = set()
    names: dict[str, str] = {}
    for message in transcript:
        if message.role == "assistant":
            names = {block.tool_id: _own_id(block.tool_id, taken) for block in message.blocks if type(block) is ToolUse}
        content = [wire for block in message.blocks if (wire := _block(block, names)) is not None]
        if message.role == "assistant":
            content = _with_legal_thoughts(content)
        if not content:
            continue
        if messages and messages[-1]["role"] == message.role:
            messages[-1]["content"] += content
        else:
            messages.append({"role": message.role, "content": content})
    if messages and messages[-1]["role"] == "assistant":
        messages.append({"role": "user", "content": [{"type": "text", "text": GO_ON}]})
    return messages


def _block(block: Block, names: Mapping[str, str]) -> Json | None:
    """One block, or None for what Anthropic would refuse: blank text, another vendor's reasoning."""
    match block:
        case Words(text):
            return {"type": "text", "text": text} if text.strip() else None
        case Thought(own, origin):
            return dict(own) if origin == ORIGIN else None
        case ToolUse(tool_id, tool_name, tool_input):
            return {"type": "tool_use", "id": names[tool_id], "name": tool_name, "input": dict(tool_input)}
        case ToolAnswer(tool_id, _, content, is_error):
            answer = {
                "type": "tool_result",
                "tool_use_id": names.get(tool_id, tool_id),
                "content": content or "(empty)",
            }
            return {**answer, "is_error": True} if is_error else answer


def _own_id(tool_id: str, taken: set[str]) -> str:
    """The call's id as Anthropic takes it: its own, unless another vendor shaped it or an earlier call has it."""
    own = tool_id if _ID.fullmatch(tool_id) else re.sub(r"[^a-zA-Z0-9-]", lambda odd: f"_{ord(odd[0]):x}", tool_id)
    own = own or "_"
    if own in taken:
        own = next(f"{own}_{n}" for n in range(2, len(taken) + 3) if f"{own}_{n}" not in taken)
    taken.add(own)
    return own


def _with_legal_thoughts(content: list[Json]) -> list[Json]:
    """Reasoning may not end a message, and where there is any the message must begin with it."""
    while content and content[-1]["type"] in _THINKING:
        content.pop()
    if content and content[0]["type"] not in _THINKING:
        return [block for block in content if block["type"] not in _THINKING]
    return content


def _let_think(request: Json, budget: int) -> None:
    if not _TAKES_BUDGET.search(request["model"]):
        request["thinking"] = {"type": "adaptive", "display": "summarized"}
    elif not _goes_on_without_thought(request["messages"]):
        request["thinking"] = {"type": "enabled", "budget_tokens": budget}
    else:
        return
    request["max_tokens"] += budget


def _goes_on_without_thought(messages: Sequence[Json]) -> bool:
    """Whether the call being answered came without reasoning (from another vendor): then a budget would be refused."""
    if len(messages) < 2 or not _tool_ids(_content(messages[-1]), "tool_result", "tool_use_id"):
        return False
    return next((block.get("type") for block in _content(messages[-2])), None) not in _THINKING


def _mark_end(messages: list[Json]) -> None:
    if messages:
        messages[-1]["content"][-1]["cache_control"] = _CACHED


def _blocks(messages: Iterable[Json]) -> Iterable[Json]:
    return (block for message in messages for block in message["content"])


def _sendable(request: Json) -> Json:
    """The request without lone surrogates, which no JSON on a wire can carry."""
    try:
        orjson.dumps(request)
    except TypeError:
        cleaned: Json = _scrubbed(request)
        return cleaned
    return request


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    return [_scrubbed(item) for item in value] if isinstance(value, list | tuple) else value


def faults(request: Mapping[str, Any]) -> list[str]:
    """What the service would refuse in this request; empty when it is legal."""
    messages = request.get("messages")
    for name, items in (("messages", messages), ("tools", request.get("tools", []))):
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return [f"{name}: must be a list of objects"]
    if not messages:
        return ["messages: at least one message is required"]
    found = [*_head_faults(request), *_tool_list_faults(request), *_order_faults(messages)]
    uses: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        blocks = _content(message)
        if not blocks:
            found.append(f"{where}: content must not be empty")
        for index, block in enumerate(blocks):
            found += _block_faults(f"{where}.content.{index}", block, message.get("role"), uses)
        found += _pairing_faults(where, blocks, _content(messages[number - 1]) if number else [])
    if _tool_ids(_content(messages[-1]), "tool_use", "id"):
        found.append("the last message leaves its tool_use blocks without tool_result blocks")
    return found + _cache_faults(request)


def _head_faults(request: Mapping[str, Any]) -> Iterable[str]:
    if not isinstance(request.get("model"), str) or not request["model"]:
        yield "model: a name is required"
    limit = request.get("max_tokens")
    if type(limit) is not int or limit < 1:
        yield "max_tokens: must be 1 or more"
    thinking = request.get("thinking") or {}
    budget = thinking.get("budget_tokens")
    if thinking.get("type") == "enabled":
        if type(budget) is not int or budget < MIN_THINKING_TOKENS:
            yield "thinking.budget_tokens: must be 1024 or more"
        elif type(limit) is int and budget >= limit:
            yield "max_tokens: must be greater than thinking.budget_tokens"
        if _goes_on_without_thought(request["messages"]):
            yield "the assistant message before the tool results must start with a thinking block"
    for index, block in enumerate(request.get("system") or []):
        if isinstance(block, dict) and not str(block.get("text", "")).strip():
            yield f"system.{index}: text content blocks must contain non-whitespace text"


def _tool_list_faults(request: Mapping[str, Any]) -> Iterable[str]:
    tools = request.get("tools") or []
    names = [tool.get("name", "") for tool in tools]
    if len(set(names)) != len(names):
        yield "tools: names must be unique"
    for index, tool in enumerate(tools):
        if not _TOOL_NAME.fullmatch(str(names[index])):
            yield f"tools.{index}.name: must match [a-zA-Z0-9_-]{{1,128}}"
        if (tool.get("input_schema") or {}).get("type") != "object":
            yield f"tools.{index}.input_schema.type: must be object"
    has_calls = any(
        block.get("type") in ("tool_use", "tool_result")
        for message in request["messages"]
        for block in _content(message)
    )
    if has_calls and not tools:
        yield "requests which include tool_use or tool_result blocks must define tools"


def _order_faults(messages: Sequence[Json]) -> Iterable[str]:
    for number, message in enumerate(messages):
        wanted = "assistant" if number % 2 else "user"
        if message.get("role") != wanted:
            yield f"messages.{number}: role must be {wanted}, roles alternate beginning with user"
    if messages[-1].get("role") != "user":
        yield "the conversation must end with a user message"


def _content(message: Mapping[str, Any]) -> list[Json]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _block_faults(where: str, block: Json, role: object, uses: set[str]) -> Iterable[str]:
    kind = block.get("type")
    if kind == "text":
        if not str(block.get("text", "")).strip():
            yield f"{where}: text content blocks must contain non-whitespace text"
    elif kind == "tool_use":
        if role != "assistant":
            yield f"{where}: tool_use blocks belong to the assistant"
        if not _ID.fullmatch(str(block.get("id", ""))):
            yield f"{where}.id: must match [a-zA-Z0-9_-]+"
        if block.get("id") in uses:
            yield f"{where}.id: tool_use ids must be unique"
        uses.add(str(block.get("id")))
        if not _TOOL_NAME.fullmatch(str(block.get("name", ""))):
            yield f"{where}.name: must match [a-zA-Z0-9_-]{{1,128}}"
        if not isinstance(block.get("input"), dict):
            yield f"{where}.input: must be an object"
    elif kind == "tool_result":
        if role != "user":
            yield f"{where}: tool_result blocks belong to the user"
        if block.get("is_error") and not block.get("content"):
            yield f"{where}: content must not be empty if is_error is true"
    elif kind in _THINKING:
        if role != "assistant":
            yield f"{where}: thinking blocks belong to the assistant"
        if not block.get("signature" if kind == "thinking" else "data"):
            yield f"{where}: thinking blocks must carry their signature"
        if "cache_control" in block:
            yield f"{where}: thinking blocks cannot be marked for the cache"
    else:
        yield f"{where}: unknown block type"


def _pairing_faults(where: str, blocks: Sequence[Json], before: Sequence[Json]) -> Iterable[str]:
    asked = _tool_ids(before, "tool_use", "id")
    answered = _tool_ids(blocks, "tool_result", "tool_use_id")
    for tool_id in asked:
        if tool_id not in answered:
            yield f"{where}: tool_use {tool_id} was not answered by a tool_result in the next message"
    for tool_id in answered:
        if tool_id not in asked:
            yield f"{where}: tool_result {tool_id} answers no tool_use of the message before"
    if len(set(answered)) != len(answered):
        yield f"{where}: a tool_use has more than one tool_result"
    kinds = [block.get("type") for block in blocks]
    if "tool_result" in kinds[len(answered) :]:
        yield f"{where}: tool_result blocks must come first"
    if kinds and kinds[-1] in _THINKING:
        yield f"{where}: the final block in an assistant message cannot be thinking"
    if kinds and kinds[0] not in _THINKING and any(kind in _THINKING for kind in kinds):
        yield f"{where}: a message with thinking blocks must begin with one"


def _tool_ids(blocks: Sequence[Json], kind: str, key: str) -> list[str]:
    return [str(block.get(key)) for block in blocks if block.get("type") == kind]


def _cache_faults(request: Mapping[str, Any]) -> list[str]:
    system = request.get("system")
    marked = [*(system if isinstance(system, list) else []), *(request.get("tools") or [])]
    marked += [block for message in request["messages"] for block in _content(message)]
    count = sum("cache_control" in block for block in marked)
    return [f"at most {MAX_BREAKPOINTS} blocks may be marked for the cache, found {count}"] * (count > MAX_BREAKPOINTS)
