"""The words of a command, told apart: files to bring, and the question. All refusals are CallerErrors in one line."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from analysis.errors import CallerError
from api.terminal.service import Source

STDIN = "-"
USAGE = 'tickmark ask FILE... "question"'


def split(words: Sequence[str]) -> tuple[list[str], str]:
    """Files, and the question, which comes last. CallerError `no_question` where the last word is a file or was meant as
    one, or where there is none."""
    if not words or words[-1] == STDIN or not words[-1].strip():
        raise CallerError("no_question", f"there is no question: {USAGE}")
    *files, question = words
    if _is_there(question):
        raise CallerError("no_question", f"{question} is a file, and no question follows it: {USAGE}")
    if looks_like_file(question):
        raise CallerError("no_question", f"there is no file {question}, and no question follows it: {USAGE}")
    if files.count(STDIN) > 1:
        raise CallerError("bad_file", "standard input (-) can be read only once")
    return files, question


def looks_like_file(word: str) -> bool:
    """Whether a word that names no file was probably meant to.

    >>> looks_like_file("accounts.xlsx"), looks_like_file("Why?"), looks_like_file("What is in a.csv")
    (True, False, False)
    """
    return re.fullmatch(r"\S+\.[A-Za-z0-9]{1,5}", word) is not None


@contextmanager
def gathered(files: Sequence[str], name: str | None, stdin: BinaryIO) -> Iterator[list[Source]]:
    """The files as sources, each looked at before anything is brought. Standard input is read to its end into a file of
    its own, which goes away. CallerError `bad_file` in one line."""
    for file in files:
        if file != STDIN:
            _check(file)
    with tempfile.TemporaryDirectory(prefix="tickmark-stdin-") as folder:
        yield [
            _from_stdin(stdin, Path(folder), name or "stdin.csv")
            if file == STDIN
            else Source(Path(file), Path(file).name)
            for file in files
        ]


def _from_stdin(stdin: BinaryIO, folder: Path, name: str) -> Source:
    path = folder / "document"
    with path.open("wb") as file:
        shutil.copyfileobj(stdin, file)
    return Source(path, name)


def _check(file: str) -> None:
    try:
        mode = os.stat(file).st_mode
        if stat.S_ISDIR(mode):
            raise CallerError("bad_file", f"{file} is a folder; name the files in it")
        if not stat.S_ISREG(mode):
            return  # a pipe such as <(command): whether it can be read shows when it is
        with open(file, "rb"):
            return
    except FileNotFoundError:
        raise CallerError("bad_file", f"there is no file {file}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CallerError("bad_file", f"{file} cannot be read: {reason[:1].lower()}{reason[1:]}") from None


def _is_there(word: str) -> bool:
    try:
        return len(word) < 4096 and os.path.exists(word)
    except (OSError, ValueError):
        return False
