"""Errors by whose fault they are, each with a stable code and a text for the person who must act.

`fault`: `caller` (the request cannot be served as it is), `upstream` (the model's provider), `store` (our disk or
database), `ours` (a defect). `api/problems.py` maps codes to HTTP statuses and socket frames.
"""

from __future__ import annotations

from typing import Any, Literal

Fault = Literal["caller", "upstream", "store", "ours"]


class TickmarkError(Exception):
    """Anything we refuse or fail at on purpose. `extra` joins the error body (for example `running_message_id`)."""

    fault: Fault = "ours"

    def __init__(self, code: str, text: str, *, retryable: bool = False, **extra: Any) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.retryable = retryable
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The `error` object of docs/wire.md."""
        return {"code": self.code, "text": self.text, "retryable": self.retryable, "fault": self.fault, **self.extra}


class CallerError(TickmarkError):
    """The request is at fault; the text says what would be accepted."""

    fault: Fault = "caller"


class UpstreamError(TickmarkError):
    """The provider failed or cannot be reached."""

    fault: Fault = "upstream"


class StoreError(TickmarkError):
    """Nothing could be written or read; nothing unwritten was shown."""

    fault: Fault = "store"


def unknown_conversation(conversation_id: str) -> CallerError:
    """The same words whether it never existed, was deleted, or belongs to somebody else."""
    return CallerError("unknown_conversation", f"There is no conversation {conversation_id!r}.")
