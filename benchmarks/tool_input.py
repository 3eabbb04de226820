"""What a long tool input costs: its JSON in 32-byte fragments, through the decoder alone and through the SDK.

The cost must grow with the size and no faster. `through the SDK` counts everything from the emulator's socket to the
signals, the emulator's own work included (it runs in the same process).

    python -m benchmarks.tool_input
"""

from __future__ import annotations

import asyncio
import time

import orjson

from analysis.messages import Message, Prompt, Words
from analysis.providers.anthropic import AnthropicProvider
from analysis.providers.anthropic_stream import StreamDecoder
from analysis.signals import ModelStopped, Signal, ToolChunk
from benchmarks.answers import Play
from benchmarks.emulator import Emulator, in_turn

SIZES = (10_000, 100_000, 1_000_000, 4_000_000)
FRAGMENT, READ_BYTES, TRIES = 32, 16_384, 5


def _event(told: dict[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (str(told["type"]).encode(), orjson.dumps(told))


def call_of(size: int) -> tuple[bytes, str]:
    """A response that calls a tool with about `size` characters of JSON, and that JSON."""
    text = orjson.dumps({"table": "d1.t1", "note": "x" * size}).decode()
    block = {"type": "tool_use", "id": "toolu_1", "name": "query_data", "input": {}}
    deltas = (
        {"type": "input_json_delta", "partial_json": text[at : at + FRAGMENT]} for at in range(0, len(text), FRAGMENT)
    )
    told: list[dict[str, object]] = [{"type": "content_block_start", "index": 0, "content_block": block}]
    told += [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
    told += [{"type": "content_block_stop", "index": 0}]
    told += [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}}, {"type": "message_stop"}]
    return b"".join(map(_event, told)), text


def decoded_ms(body: bytes, text: str) -> float:
    """CPU of the decoder alone, fed as a socket would."""
    decoder, signals = StreamDecoder(), list[Signal]()
    began = time.process_time()
    for at in range(0, len(body), READ_BYTES):
        signals += decoder.feed(body[at : at + READ_BYTES])
    spent = time.process_time() - began
    _check(signals, text)
    return spent * 1000


async def streamed_ms(provider: AnthropicProvider, text: str) -> float:
    """CPU of one call from the emulator's socket to the last signal."""
    prompt = Prompt(provider.default_model(), "", "", [Message("user", [Words("Go")])], [])
    began = time.process_time()
    signals = [signal async for batch in provider.stream(prompt) for signal in batch]
    spent = time.process_time() - began
    _check(signals, text)
    return spent * 1000


def _check(signals: list[Signal], text: str) -> None:
    assert "".join(signal.fragment for signal in signals if isinstance(signal, ToolChunk)) == text
    assert isinstance(signals[-1], ModelStopped)


async def compare() -> None:
    """One line per size, the best of a few tries."""
    print("| tool input | fragments | decoder ms | through the SDK ms |\n|---|---|---|---|")
    for size in SIZES:
        body, text = call_of(size)
        async with Emulator(in_turn(Play(body))) as emulator:
            provider = AnthropicProvider("a-key", emulator.url)
            await provider.warm()
            through = min([await streamed_ms(provider, text) for _ in range(TRIES)])
            await provider.aclose()
        alone = min(decoded_ms(body, text) for _ in range(TRIES))
        print(f"| {size:,} | {len(text) // FRAGMENT + 1:,} | {alone:.1f} | {through:.1f} |")


if __name__ == "__main__":
    asyncio.run(compare())
