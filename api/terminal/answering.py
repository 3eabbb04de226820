"""One question and its answer at the terminal: events in, blocks out, and Ctrl-C in between.

The first Ctrl-C stops the answer and goes on reading, so that what was written is shown to its end; the second one
leaves at once. Before the answer has begun there is nothing to keep, and the first one leaves.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from analysis.errors import TickmarkError
from api.terminal.blocks import Blocks
from api.terminal.interrupt import Interrupt
from api.terminal.notices import Notices
from api.terminal.rendering import Page
from api.terminal.service import Heard, Question, Service
from api.terminal.status import FAILED, INTERRUPTED, OK, UNTIED
from api.terminal.ticks import STATES, WORDS

Json = dict[str, Any]

_ENDS = {
    "interrupted": "Stopped. The answer stands as far as it was written.",
    "max_tokens": "The answer is longer than the model may write; it stands as far as it was written.",
    "too_many_rounds": "The answer took more steps than are allowed; it stands as far as it was written.",
    "refusal": "The model declined to answer.",
    "awaiting_approval": "The answer waits for somebody to approve a step; that cannot be done here.",
}


@dataclass(slots=True)
class Ending:
    """How an answer ended."""

    stop_reason: str = ""
    success: bool = False
    figures: dict[str, int] = field(default_factory=dict)
    suggestions: list[str] = field(default_factory=list)
    complained: bool = False
    broken: bool = False  # something could not be shown

    def status(self, strict: bool) -> int:
        """The exit status of a command that asked for this."""
        if self.stop_reason == "interrupted":
            return INTERRUPTED
        if not self.success or self.broken or self.stop_reason == "awaiting_approval":
            return FAILED
        return UNTIED if strict and self.untied else OK

    @property
    def untied(self) -> int:
        """How many figures have no source, or another than they say."""
        return self.figures.get("open", 0) + self.figures.get("differs", 0)


class Printer(Protocol):
    """Where the events of an answer go."""

    def hear(self, heard: Heard, ending: Ending) -> None:
        """Take in an event and print what can be printed."""

    def wait_s(self) -> float | None:
        """In how many seconds `rest` would print something; None: not before the next event."""

    def rest(self, ending: Ending) -> None:
        """Print what has waited long enough."""


class JsonLines:
    """The events as they are, a line each, at once. With charts, these are written to files as well."""

    def __init__(self, page: Page, notices: Notices, charts: bool) -> None:
        self._page, self._notices, self._charts = page, notices, charts

    def hear(self, heard: Heard, ending: Ending) -> None:
        """As the contract says."""
        self._page.raw(heard.wire)
        if self._charts and heard.event["type"] == "chart_ready":
            path = _written(self._page, heard.event["chart_data"], self._notices, ending)
            if path:
                self._notices.say(path)

    def wait_s(self) -> float | None:
        """As the contract says."""
        return None

    def rest(self, ending: Ending) -> None:
        """As the contract says."""


class Words:
    """The answer as it reads, block by block."""

    def __init__(self, page: Page, notices: Notices) -> None:
        self._page, self._notices, self._blocks = page, notices, Blocks()

    def hear(self, heard: Heard, ending: Ending) -> None:
        """As the contract says."""
        self._blocks.hear(heard.event, _now_s())
        self.rest(ending)

    def wait_s(self) -> float | None:
        """As the contract says."""
        return self._blocks.wait_s(_now_s())

    def rest(self, ending: Ending) -> None:
        """As the contract says."""
        for item in self._blocks.take(_now_s()):
            self._notices.make_way()
            try:
                self._page.show([item])
            except BrokenPipeError:
                raise
            except OSError as error:
                ending.broken = True
                self._notices.complain(_unwritten(self._page, error))


async def answered(
    service: Service, question: Question, printer: Printer, notices: Notices, interrupt: Interrupt
) -> Ending:
    """Ask, print, and tell how it ended. TickmarkErrors as a service refuses a question."""
    ending = Ending()
    heard: asyncio.Queue[Heard | BaseException | None] = asyncio.Queue(maxsize=256)
    pump = asyncio.create_task(_pump(service, question, heard))
    stopper = asyncio.create_task(_stopped(service, interrupt.asked, notices))
    try:
        while True:
            try:
                async with asyncio.timeout(printer.wait_s()):
                    found = await heard.get()
            except TimeoutError:
                printer.rest(ending)
                continue
            if found is None:
                return ending
            if isinstance(found, BaseException):
                raise found
            interrupt.begun = True
            _mind(found.event, ending, notices)
            printer.hear(found, ending)
    finally:
        for task in (pump, stopper):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        notices.clear()


async def _pump(service: Service, question: Question, heard: asyncio.Queue[Heard | BaseException | None]) -> None:
    try:
        async with aclosing(service.ask(question)) as stream:
            async for one in stream:
                await heard.put(one)
    except Exception as error:
        await heard.put(error)
    else:
        await heard.put(None)


async def _stopped(service: Service, stop: asyncio.Event, notices: Notices) -> None:
    await stop.wait()
    notices.doing("Stopping")
    try:
        await service.interrupt()
    except TickmarkError as error:
        notices.complain(error.text)


def _mind(event: Json, ending: Ending, notices: Notices) -> None:
    """What an event says besides what is printed of it."""
    match event["type"]:
        case "notice":
            notices.say(event["text"])
        case "error":
            ending.complained = True
            notices.complain(event["text"])
        case "tool_validated":
            notices.doing(event["tool_name"].replace("_", " "))
        case "tool_progress":
            notices.doing(f"{event.get('note') or 'working'} {event['done']:,}/{event['total']:,}")
        case "suggestions":
            ending.suggestions = list(event["suggestions"])
        case "message_complete":
            ending.stop_reason, ending.success = event["stop_reason"], event["success"]
            for state, count in event.get("figures", {}).items():
                ending.figures[state] = ending.figures.get(state, 0) + count


def summed_up(ending: Ending, page: Page, notices: Notices) -> None:
    """The last words about an answer: why it ended early, and how its figures stand."""
    words = _ENDS.get(ending.stop_reason)
    if words and not ending.complained:
        notices.say(words) if ending.success or ending.stop_reason == "interrupted" else notices.complain(words)
    elif not ending.success and not ending.complained:
        notices.complain("The answer failed.")
    counted = [
        f"{ending.figures[state]} {WORDS[state]} {page.glyphs.tick(state)}"
        for state in STATES
        if ending.figures.get(state)
    ]
    if counted:
        notices.say(f"Figures: {', '.join(counted)}.")


def _written(page: Page, data: Json, notices: Notices, ending: Ending) -> str:
    try:
        return str(page.charts.write(data))
    except OSError as error:
        ending.broken = True
        notices.complain(_unwritten(page, error))
        return ""


def _unwritten(page: Page, error: OSError) -> str:
    return f"The chart cannot be written to {page.charts.folder}: {error.strerror or error}. Choose a folder with --charts."


def _now_s() -> float:
    return asyncio.get_running_loop().time()
