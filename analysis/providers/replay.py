"""A recording of Anthropic's wire, played again through the same decoder: no key, no network, the same answer each time.

A recording is the raw stream, byte for byte as it came, so that line ends, comments and cuts are kept. Because one
question may take several responses, comment lines of our own divide it (a comment is legal anywhere in such a stream,
so an undivided capture is a recording too):

    :turn                           a question is answered from here on; its first response follows
    :round                          the next response to the same question (after tools ran)
    :http 529 overloaded_error      this response never began: the status and error type it was refused with

What stands before the first of these and holds no data is a heading. A divider with nothing behind it is a response
that was cut before its first byte.

Which response is played depends on the transcript alone: how many questions it holds, and how often tools answered
since the last one. After the last turn the recording begins again, with tool ids (`toolu_...`) of their own, because a
conversation may not hold the same id twice. A response that stops without `message_stop` is a cut connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from analysis.errors import CallerError
from analysis.messages import Message, Prompt, ToolAnswer
from analysis.providers.anthropic_errors import broke, meaning_of
from analysis.providers.anthropic_stream import StreamDecoder
from analysis.signals import ModelBroke, Signal

_DIVIDERS = (b":turn", b":round")
_REFUSAL = b":http "
_TOOL_ID = b"toolu_"


@dataclass(frozen=True, slots=True)
class Response:
    """One response: the stream's bytes, or the status and error type it was refused with."""

    body: bytes
    status: int = 200
    error_type: str = ""

    def events(self) -> Iterator[bytes]:
        """The body cut behind each blank line; joined again they are the body."""
        lines = self.body.splitlines(keepends=True)
        ends = [number for number, line in enumerate(lines, 1) if not line.strip(b"\r\n")]
        for start, end in pairwise([0, *ends, len(lines)]):
            if start < end:
                yield b"".join(lines[start:end])


@dataclass(frozen=True, slots=True)
class Recording:
    """Turns of responses; at least one of each."""

    turns: Sequence[Sequence[Response]]

    def response(self, turn: int, round_: int) -> Response | None:
        """What was answered there, counted from 0; None where the recording has no such round."""
        lap, turn = divmod(turn, len(self.turns))
        if round_ >= len(self.turns[turn]):
            return None
        found = self.turns[turn][round_]
        if not lap:
            return found
        return Response(found.body.replace(_TOOL_ID, b"%b%d_" % (_TOOL_ID, lap + 1)), found.status, found.error_type)


def read_recording(data: bytes) -> Recording:
    """The recording in these bytes. CallerError `bad_recording` where there is no response in it."""
    turns: list[list[Response]] = [[]]
    lines: list[bytes] = []
    refused: tuple[int, str] | None = None
    is_heading = True
    for line in [*data.splitlines(keepends=True), b":turn"]:
        if line.startswith(_DIVIDERS):
            if refused:
                turns[-1].append(Response(b"", *refused))
            elif not is_heading or any(line.startswith(b"data:") for line in lines):
                turns[-1].append(Response(b"".join(lines)))
            if line.startswith(b":turn") and turns[-1]:
                turns.append([])
            lines, refused, is_heading = [], None, False
        elif line.startswith(_REFUSAL):
            refused = _refusal(line)
        else:
            lines.append(line)
    if not turns[0]:
        raise CallerError("bad_recording", "There is no response in this recording.")
    return Recording([turn for turn in turns if turn])


def _refusal(line: bytes) -> tuple[int, str]:
    words = line.decode("ascii", "replace").split()
    if len(words) < 2 or not words[1].isdigit() or not 400 <= int(words[1]) <= 599:
        raise CallerError(
            "bad_recording", "A refused response is written `:http STATUS ERROR_TYPE`, STATUS 400 to 599."
        )
    return int(words[1]), " ".join(words[2:3])


def place(has_words: Iterable[bool]) -> tuple[int, int]:
    """(turn, round), from 0: for each user message, whether a person says something in it or only tools answer."""
    turn, round_ = -1, 0
    for spoken in has_words:
        turn, round_ = (turn + 1, 0) if spoken else (turn, round_ + 1)
    return max(turn, 0), round_


def place_of(messages: Sequence[Message]) -> tuple[int, int]:
    """The place of the response that continues this transcript. One that ends with an answer goes on with that answer."""
    turn, round_ = place(
        not all(isinstance(block, ToolAnswer) for block in message.blocks)
        for message in messages
        if message.role == "user"
    )
    return turn, round_ + bool(messages and messages[-1].role == "assistant")


class ReplayProvider:
    """Plays the recording in the file at `path`, one batch per recorded event, `events_per_s` of them (0: at once).

    CallerError `bad_recording` for a file that cannot be read or holds no response.
    """

    name = "replay"

    def __init__(self, path: str | Path, *, events_per_s: float = 0.0) -> None:
        try:
            data = Path(path).read_bytes()
        except OSError:
            raise CallerError("bad_recording", f"The recording {str(path)!r} cannot be read.") from None
        self.recording = read_recording(data)
        self._gap_s = 1 / events_per_s if events_per_s > 0 else 0.0

    def default_model(self) -> str:
        """What stands where a model's name would."""
        return "recording"

    async def warm(self) -> None:
        """Nothing to load."""

    async def aclose(self) -> None:
        """Nothing is held."""

    async def stream(self, prompt: Prompt) -> AsyncIterator[Sequence[Signal]]:
        """The signals of the response at the transcript's place."""
        response = self.recording.response(*place_of(prompt.messages))
        if response is None:
            yield [ModelBroke("recording_ended", "The recording holds no further answer to this question.", False)]
            return
        if response.status != 200:
            yield [broke(meaning_of(response.error_type, response.status))]
            return
        decoder = StreamDecoder()
        for event in response.events():
            if signals := decoder.feed(event):
                yield signals
                await asyncio.sleep(self._gap_s)
        if rest := decoder.end():
            yield rest
