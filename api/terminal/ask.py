"""`tickmark ask FILE... "question"`: one question, one answer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from api.terminal.answering import summed_up
from api.terminal.footnotes import Footnotes
from api.terminal.interrupt import Interrupt
from api.terminal.notices import Notices
from api.terminal.service import Source
from api.terminal.session import Session, awaited, carried_out, opened, page_for, printer_for
from api.terminal.sources import gathered, split


def run(options: argparse.Namespace) -> int:
    """Carry it out; the exit status."""

    def asked(notices: Notices) -> int:
        files, question = split(options.words)
        with gathered(files, options.name, sys.stdin.buffer) as sources:
            return awaited(lambda interrupt: _ask(options, sources, question, notices, interrupt), notices)

    return carried_out(asked, options)


async def _ask(
    options: argparse.Namespace, sources: Sequence[Source], question: str, notices: Notices, interrupt: Interrupt
) -> int:
    async with opened(options, notices) as session:
        await session.open(options.conversation, sources)
        status = await one_answer(session, question, options, interrupt)
        if options.data or options.server:
            notices.say(f"Kept as conversation {session.conversation_id}; go on with --conversation.")
    return status


async def one_answer(session: Session, question: str, options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Ask, print, and sum up; the exit status."""
    footnotes = Footnotes() if options.sources and not options.json else None
    page = page_for(options, footnotes)
    ending = await session.ask(question, options, printer_for(options, page, session.notices), interrupt)
    if footnotes:
        await session.show_sources(page, footnotes)
    summed_up(ending, page, session.notices)
    return interrupt.status or ending.status(options.strict)
