"""What `ask`, `chat` and `replay` have in common: which service, which conversation, which documents, how it ends."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from analysis.errors import CallerError, TickmarkError
from api.settings import Settings, SettingsError
from api.terminal.answering import Ending, JsonLines, Printer, Words, answered
from api.terminal.charts import Charts
from api.terminal.footnotes import Footnotes
from api.terminal.interrupt import Interrupt
from api.terminal.notices import Notices
from api.terminal.rendering import Page
from api.terminal.service import Question, Service, Source
from api.terminal.status import FAILED, INTERRUPTED, PIPE_CLOSED, USAGE, status_of

CHARTS = "tickmark-charts"


@dataclass(slots=True)
class Session:
    """A conversation at the terminal."""

    service: Service
    notices: Notices
    conversation_id: str = ""
    documents: dict[str, str] = field(default_factory=dict)  # names by id
    unasked: list[str] = field(default_factory=list)  # documents that the next question brings along

    async def open(self, conversation_id: str | None, sources: Sequence[Source]) -> None:
        """Go on with the conversation or make one, and bring the documents."""
        view = await self.service.open(conversation_id)
        self.conversation_id = view["conversation_id"]
        self.documents |= {card["document_id"]: card["name"] for card in view["documents"]}
        for source in sources:
            await self.bring(source)

    async def bring(self, source: Source) -> str:
        """Bring a document for the next question; its name."""
        try:
            card = await self.service.bring(source, partial(self.notices.reading, source.name))
        finally:
            self.notices.clear()
        self.documents[card["document_id"]] = card["name"]
        self.unasked.append(card["document_id"])
        return str(card["name"])

    async def ask(self, text: str, options: argparse.Namespace, printer: Printer, interrupt: Interrupt) -> Ending:
        """Ask, and print the answer."""
        question = Question(text, tuple(self.unasked), options.provider, options.model)
        ending = await answered(self.service, question, printer, self.notices, interrupt)
        self.unasked.clear()
        return ending

    async def show_sources(self, page: Page, footnotes: Footnotes) -> None:
        """The footnotes, below what they are about."""
        page.footnotes(await footnotes.told(self.service.value, self.documents, page.glyphs))


@asynccontextmanager
async def opened(options: argparse.Namespace, notices: Notices, **chosen: Any) -> AsyncIterator[Session]:
    """The service that the options name. `chosen` are settings besides. CallerError for options that exclude each other."""
    if options.server and options.data:
        raise CallerError("bad_option", "--server and --data exclude each other: a server has its own folder")
    if options.conversation and not (options.server or options.data):
        raise CallerError("bad_option", "--conversation needs --server or --data: where the conversation is kept")
    if options.server:
        from api.terminal import remote

        async with remote.opened(options.server, notices.say) as service:
            yield Session(service, notices)
        return
    from api.terminal import local

    with _folder(options.data) as data:
        # One conversation reads, then computes: a second worker would only make the first answer come later.
        environ = {"TICKMARK_WORKERS": "1", **os.environ}
        settings = Settings.read(environ, data=data, provider=options.provider, model=options.model, **chosen)
        async with local.opened(settings) as house:
            yield Session(house, notices)


def page_for(options: argparse.Namespace, footnotes: Footnotes | None = None) -> Page:
    """Standard output, as the options want it."""
    return Page(sys.stdout, Charts(Path(options.charts or CHARTS)), footnotes)


def printer_for(options: argparse.Namespace, page: Page, notices: Notices) -> Printer:
    """Who prints the answer."""
    if getattr(options, "json", False):
        return JsonLines(page, notices, charts=options.charts is not None)
    return Words(page, notices)


def carried_out(command: Callable[[Notices], int], options: argparse.Namespace) -> int:
    """Run a command; its exit status, with one line on standard error for whatever stood in its way."""
    notices = Notices(sys.stderr, options.quiet)
    if not os.environ.get("TICKMARK_LOG_LEVEL"):
        logging.getLogger().addHandler(
            logging.NullHandler()
        )  # what went wrong is told in words; the log tells it twice
    try:
        return command(notices)
    except SettingsError as error:
        notices.complain(str(error))
        return USAGE
    except TickmarkError as error:
        notices.complain(error.text)
        return status_of(error)
    except BrokenPipeError:  # who read along has left, as `head` does
        _forget_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        notices.say("Stopped.")
        return INTERRUPTED
    except Exception as error:
        logging.getLogger("tickmark").exception("the command failed")
        words = f"something went wrong on our side ({type(error).__name__}); TICKMARK_LOG_LEVEL=debug shows more"
        notices.complain(words)
        return FAILED


def awaited(work: Callable[[Interrupt], Coroutine[Any, Any, int]], notices: Notices) -> int:
    """Run one piece of work with Ctrl-C heard in it; its exit status."""
    pressed: list[int] = []

    async def listened() -> int:
        interrupt = Interrupt()
        try:
            with interrupt.listening():
                return await work(interrupt)
        finally:
            pressed.append(interrupt.status)

    try:
        return asyncio.run(listened())
    except asyncio.CancelledError:
        notices.say("Stopped.")
        return pressed[0] or INTERRUPTED


@contextmanager
def _folder(data: str | None) -> Any:
    if data:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="tickmark-", ignore_cleanup_errors=True) as folder:
        yield folder


def _forget_stdout() -> None:
    """Let nothing be written to a closed pipe any more, not even when the interpreter ends."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
