"""`tickmark replay RECORDING [FILE...] ["question"]`: a recorded model stream, through the whole house and onto the page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import CallerError
from analysis.providers.replay import read_recording
from api.terminal.ask import one_answer
from api.terminal.interrupt import Interrupt
from api.terminal.notices import Notices
from api.terminal.service import Source
from api.terminal.session import awaited, carried_out, opened
from api.terminal.sources import STDIN, gathered, looks_like_file

_LEAST_TO_MOST = (0, 3, 1, 130)  # of several answers' statuses, the one that matters most is the last of these


def run(options: argparse.Namespace) -> int:
    """Carry it out; the exit status."""

    def replayed(notices: Notices) -> int:
        files, question = _split(options.words)
        turns = _turns(options.recording)
        questions = [question] if question else [_asked(options.recording, turn, turns) for turn in range(1, turns + 1)]
        with gathered(files, options.name, sys.stdin.buffer) as sources:
            return awaited(lambda interrupt: _replay(options, sources, questions, notices, interrupt), notices)

    return carried_out(replayed, options)


async def _replay(
    options: argparse.Namespace,
    sources: Sequence[Source],
    questions: Sequence[str],
    notices: Notices,
    interrupt: Interrupt,
) -> int:
    status = 0
    async with opened(options, notices, replay_file=options.recording) as session:
        await session.open(None, sources)
        for number, question in enumerate(questions):
            if number and not options.json:
                print(flush=True)
            one = await one_answer(session, question, options, interrupt)
            status = max(status, one, key=lambda code: _LEAST_TO_MOST.index(code) if code in _LEAST_TO_MOST else 9)
            if interrupt.status:
                break
    return status


def _split(words: Sequence[str]) -> tuple[list[str], str]:
    """Files, and the question: the last word, unless it is a file or was meant to be one. None: all that was recorded."""
    if not words or words[-1] == STDIN or Path(words[-1]).exists() or looks_like_file(words[-1]):
        return list(words), ""
    return list(words[:-1]), words[-1]


def _turns(recording: str) -> int:
    """How many questions the recording answers. CallerError `bad_recording` in one line."""
    try:
        data = Path(recording).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CallerError("bad_recording", f"the recording {recording} cannot be read: {reason.lower()}") from None
    try:
        return len(read_recording(data).turns)
    except CallerError as error:
        raise CallerError(
            "bad_recording", f"{recording} is no recording: {error.text[:1].lower()}{error.text[1:]}"
        ) from None


def _asked(recording: str, turn: int, turns: int) -> str:
    """What stands for the question that was not recorded."""
    part = f", question {turn} of {turns}" if turns > 1 else ""
    return f"Replay of {Path(recording).name}{part}"
