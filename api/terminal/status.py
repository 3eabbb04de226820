"""How a command ends: its exit status, and the errors that are the caller's own."""

from __future__ import annotations

from analysis.errors import CallerError, TickmarkError

OK, FAILED, USAGE, UNTIED, INTERRUPTED, PIPE_CLOSED, TERMINATED = 0, 1, 2, 3, 130, 141, 143


def status_of(error: TickmarkError) -> int:
    """2 for what the caller can mend in the command, 1 for everything else."""
    return USAGE if isinstance(error, CallerError) and error.code != "busy" else FAILED
