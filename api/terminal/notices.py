"""Standard error: what happens meanwhile, what the reader should know, what went wrong.

Where it is a terminal, the last thing that happens stands in one line that is replaced and goes away; else each
document and nothing more is told in a line of its own. `quiet` leaves the complaints.
"""

from __future__ import annotations

import os
import shutil
from typing import TextIO

from api.terminal.lines import SPELLING, printable

_STAGES = {
    "uploading": "uploading",
    "reading": "reading",
    "tables": "finding its tables",
    "statements": "recognising its statements",
    "tie_out": "tying it out",
}


class Notices:
    """Standard error of one command."""

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=SPELLING)
        self._stream = stream
        self._quiet = quiet
        self._live = stream.isatty() and os.environ.get("TERM", "") != "dumb"
        self._shown = ""
        self._told: set[str] = set()
        self._below = ""  # what was written last: a line of ours, or the page; an empty line keeps them apart

    def say(self, words: str) -> None:
        """A line that stays."""
        if not self._quiet:
            self._line(words)

    def complain(self, words: str) -> None:
        """What went wrong, in one line, also when quiet."""
        self._line(f"tickmark: {words}")

    def reading(self, name: str, stage: str, done: int, total: int) -> None:
        """How far the reading of a document is."""
        part = f" {done:,}/{total:,}" if total > 1 else ""
        if self._live:
            self.doing(f"{name}: {_STAGES.get(stage, stage)}{part}")
        elif name not in self._told:
            self._told.add(name)
            self.say(f"Reading {name}")

    def doing(self, words: str) -> None:
        """What happens now, until something else does; nothing where standard error is no terminal."""
        if self._quiet or not self._live:
            return
        width = shutil.get_terminal_size().columns - 1
        line = printable(words)
        line = line if len(line) < width else f"{line[: width - 1]}…"
        if line != self._shown:
            self._write(f"\r\x1b[2K\x1b[2m{line}\x1b[0m")
            self._shown = line

    def clear(self) -> None:
        """Take away what happens now, before something is printed."""
        if self._shown:
            self._write("\r\x1b[2K")
            self._shown = ""

    def make_way(self) -> None:
        """Something is about to be printed on standard output, perhaps on the same terminal."""
        self.clear()
        if self._live and self._below == "line":
            self._write("\n")
        self._below = "page"

    def _line(self, words: str) -> None:
        self.clear()
        if self._live and self._below == "page":
            self._write("\n")
        self._below = "line"
        self._write(f"{printable(words)}\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody listens there any more; that is no reason to stop
            pass
