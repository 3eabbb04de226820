"""`tickmark chat [FILE...]`: one question after another, in one conversation.

The prompt is the terminal's own line editor, on the main thread, while nothing else runs; Ctrl-C clears the line there
and stops an answer elsewhere, and only Ctrl-D and /quit end the program. Questions may also come through a pipe, a
line each.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

from analysis.errors import CallerError, TickmarkError
from api.terminal.answering import Ending, Words, summed_up
from api.terminal.footnotes import Footnotes
from api.terminal.interrupt import Interrupt
from api.terminal.lines import printable
from api.terminal.notices import Notices
from api.terminal.rendering import Page
from api.terminal.session import Session, carried_out, opened, page_for
from api.terminal.sources import STDIN, gathered
from api.terminal.status import FAILED, OK, status_of

HELP = (
    "/attach FILE   bring another document",
    "/sources       where the figures of the last answer come from",
    "/help          this",
    "/quit          end (so does Ctrl-D)",
)
PROMPT = "> "


def run(options: argparse.Namespace) -> int:
    """Carry it out; the exit status."""
    options.sources = False

    def chatted(notices: Notices) -> int:
        if STDIN in options.words:
            raise CallerError("bad_file", "standard input holds the questions here; name files")
        with asyncio.Runner() as runner, gathered(options.words, None, sys.stdin.buffer) as sources:
            stack = AsyncExitStack()
            try:
                session = runner.run(stack.enter_async_context(opened(options, notices)))
                runner.run(session.open(options.conversation, sources))
                return _Chat(options, session, runner).go_on()
            finally:
                runner.run(stack.aclose())

    return carried_out(chatted, options)


class _Chat:
    """The loop of questions."""

    def __init__(self, options: argparse.Namespace, session: Session, runner: asyncio.Runner) -> None:
        self._options, self._session, self._runner = options, session, runner
        self._notices: Notices = session.notices
        self._asks_person = sys.stdin.isatty()
        self._page: Page | None = None
        self._footnotes = Footnotes()

    def go_on(self) -> int:
        """Until the end; the exit status: that of the worst answer, where the questions came through a pipe."""
        if self._asks_person:
            with suppress(ImportError):
                import readline  # noqa: F401  (history and editing, by being there)
            names = ", ".join(map(printable, self._session.documents.values()))
            self._notices.say(f"{f'About {names}. ' if names else ''}Ask; /help tells what else can be done.")
        worst = OK
        while (line := self._line()) is not None:
            if line in ("/quit", "/exit"):
                break
            if line:
                worst = max(worst, self._hear(line))
        if self._options.data or self._options.server:
            self._notices.say(f"Kept as conversation {self._session.conversation_id}; go on with --conversation.")
        return OK if self._asks_person else worst

    def _line(self) -> str | None:
        """The next line; None at the end."""
        while True:
            try:
                return input(PROMPT if self._asks_person else "").strip()
            except EOFError:
                if self._asks_person:
                    print()
                return None
            except UnicodeDecodeError:
                self._notices.complain("This is no text.")
                return ""
            except KeyboardInterrupt:
                if not self._asks_person:
                    raise
                print()
                self._notices.say("(/quit or Ctrl-D ends)")

    def _hear(self, line: str) -> int:
        try:
            return self._obey(line) if line.startswith("/") else self._ask(line)
        except TickmarkError as error:
            self._notices.complain(error.text)
            return status_of(error)
        except (KeyboardInterrupt, asyncio.CancelledError):
            self._notices.say("Stopped.")
            return FAILED

    def _obey(self, line: str) -> int:
        command, _, rest = line.partition(" ")
        match command:
            case "/attach" if rest.strip():
                with gathered([rest.strip()], None, sys.stdin.buffer) as [source]:
                    self._notices.say(f"Attached {self._run(self._session.bring(source))}.")
            case "/sources" if self._page:
                notes = self._run(
                    self._footnotes.told(self._session.service.value, self._session.documents, self._page.glyphs)
                )
                self._page.footnotes(notes)
                if not notes:
                    self._notices.say("The last answer holds no figures.")
            case "/sources":
                self._notices.say("There is no answer yet.")
            case "/attach":
                self._notices.complain("/attach takes the name of a file")
            case "/help":
                for words in HELP:
                    self._notices.say(words)
            case _:
                self._notices.complain(f"there is no {command}; there are /attach, /sources, /help and /quit")
        return OK

    def _ask(self, question: str) -> int:
        self._footnotes = Footnotes()
        self._page = page_for(self._options, self._footnotes)
        interrupt = Interrupt()
        ending: Ending = self._run(self._asked(question, self._page, interrupt))
        summed_up(ending, self._page, self._notices)
        for suggestion in ending.suggestions if self._asks_person else ():
            self._notices.say(f"  · {suggestion}")
        return ending.status(strict=False)

    async def _asked(self, question: str, page: Page, interrupt: Interrupt) -> Ending:
        with interrupt.listening():
            return await self._session.ask(question, self._options, Words(page, self._notices), interrupt)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)
