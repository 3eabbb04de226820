"""What every recorded stream and every entry of PROVIDERS must keep, whoever cut the bytes and wherever they end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import CallerError
from analysis.messages import Message, Prompt, ToolSpec, Words
from analysis.providers import PROVIDERS, provider_class
from analysis.providers.anthropic import AnthropicProvider
from analysis.providers.anthropic_stream import StreamDecoder
from analysis.providers.replay import ReplayProvider, Response, read_recording
from analysis.signals import ModelBroke, ModelStopped, Signal, TextArrived, ThoughtArrived, ToolChunk
from benchmarks.emulator import Emulator, playing

STREAMS = sorted((Path(__file__).parents[2] / "fixtures/streams/anthropic").glob("*.sse"))
RESPONSES = [
    pytest.param(response, id=f"{path.stem}-{turn}-{number}")
    for path in STREAMS
    for turn, responses in enumerate(read_recording(path.read_bytes()).turns, 1)
    for number, response in enumerate(responses, 1)
    if response.status == 200
]
QUESTION = Prompt(
    "claude-sonnet-5-5",
    "You are an analyst.",
    "One document.",
    [Message("user", [Words("How did revenue develop?")])],
    [ToolSpec("list_documents", "List the documents.", {"type": "object", "properties": {}})],
)


def decoded(pieces: Iterable[bytes]) -> list[Signal]:
    decoder = StreamDecoder()
    signals = [signal for piece in pieces for signal in decoder.feed(piece)]
    return signals + decoder.end()


def joined(signals: Sequence[Signal]) -> list[Signal]:
    """Adjacent fragments of one kind made one."""
    out: list[Signal] = []
    for signal in signals:
        match (out[-1] if out else None), signal:
            case TextArrived(before), TextArrived(text):
                out[-1] = TextArrived(before + text)
            case ThoughtArrived(before), ThoughtArrived(text):
                out[-1] = ThoughtArrived(before + text)
            case ToolChunk(block, before), ToolChunk(same, text) if block == same:
                out[-1] = ToolChunk(block, before + text)
            case _:
                out.append(signal)
    return out


def ends(signals: Sequence[Signal]) -> list[int]:
    return [n for n, signal in enumerate(signals) if isinstance(signal, ModelStopped | ModelBroke)]


def pieces_of(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    at = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
    return [body[start:end] for start, end in pairwise(at)]


@pytest.mark.parametrize("response", RESPONSES)
@given(cuts=st.lists(st.integers(0, 1 << 30), max_size=40))
@settings(max_examples=15, deadline=None)
def test_a_stream_means_the_same_however_it_is_cut(response: Response, cuts: list[int]) -> None:
    assert joined(decoded(pieces_of(response.body, cuts))) == joined(decoded([response.body]))


@pytest.mark.parametrize("response", RESPONSES)
def test_a_stream_means_the_same_byte_by_byte(response: Response) -> None:
    assert joined(decoded(bytes([byte]) for byte in response.body)) == joined(decoded([response.body]))


@pytest.mark.parametrize("response", RESPONSES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_stream_cut_anywhere_ends_broken_and_only_once(response: Response, data: st.DataObject) -> None:
    whole = response.body.find(b'{"type":"message_stop"}')
    cut = data.draw(st.integers(0, whole if whole >= 0 else len(response.body)))
    signals = decoded([response.body[:cut]])
    assert ends(signals) == [len(signals) - 1]
    assert isinstance(signals[-1], ModelBroke)


@pytest.mark.parametrize("response", RESPONSES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_damaged_stream_ends_once_and_raises_nothing(response: Response, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(response.body)))
    damage = data.draw(st.binary(max_size=6) | st.sampled_from([b'"', b"}", b"\n\n", b"null", b"[[", b"\xff"]))
    signals = decoded([response.body[:at] + damage + response.body[at + data.draw(st.integers(0, 6)) :]])
    assert ends(signals) == [len(signals) - 1]


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_at_all_end_broken(pieces: list[bytes]) -> None:
    signals = decoded(pieces)
    assert ends(signals) == [len(signals) - 1]


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_the_sdk_and_the_replay_give_the_same_signals(path: Path) -> None:
    async def asked(provider: AnthropicProvider | ReplayProvider) -> list[Signal]:
        async with asyncio.timeout(5):
            signals = [signal async for batch in provider.stream(QUESTION) for signal in batch]
        await provider.aclose()
        return joined(signals)

    async with Emulator(playing(ReplayProvider(path).recording, piece_bytes=11)) as emulator:
        through_sdk = await asked(AnthropicProvider("a-key", emulator.url))
    assert through_sdk == await asked(ReplayProvider(path))
    assert emulator.refusals == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_entry_of_the_table_is_a_provider_of_that_name(name: str) -> None:
    found = provider_class(name)
    assert found.name == name
    assert all(callable(getattr(found, method)) for method in ("default_model", "stream", "aclose"))


def test_an_unknown_provider_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(CallerError, match="anthropic, offline, replay"):
        provider_class("clippy")


def test_the_sdk_is_not_imported_before_it_is_asked() -> None:
    heavy = ("anthropic", "httpx2", "aiohttp", "pandas")
    code = f"""import sys
from analysis.providers import provider_class
provider_class("anthropic")("a-key").default_model()
print([name for name in {heavy} if name in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
