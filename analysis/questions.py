"""What may be asked and how a conversation may be called: words checked and cleaned, settings chosen for one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.errors import CallerError
from analysis.text import clean

MAX_MESSAGE_CHARS = 80_000  # of six bytes each at worst, so that its event stays below 512 KiB
MAX_TITLE_CHARS = 200


def settings_of(own: Mapping[str, Any], provider: str | None, model: str | None) -> dict[str, Any]:
    """The conversation's settings for one question. Its model goes with its provider: another would not know the name."""
    chosen = dict(own)
    if provider and provider != own.get("provider"):
        chosen = {**own, "provider": provider, "model": None}
    return chosen | ({"model": model} if model else {})


def message_of(text: str) -> str:
    if len(text) > MAX_MESSAGE_CHARS:
        raise CallerError(
            "message_too_long",
            f"A message holds at most {MAX_MESSAGE_CHARS:,} characters; attach the rest as a file.",
        )
    words = clean(text)
    if not words.strip():
        raise CallerError("empty_message", "The message is empty. Write a question.")
    return words


def title_of(text: str | None) -> str:
    words = " ".join(clean(text or "").split())
    return words if len(words) <= MAX_TITLE_CHARS else words[: MAX_TITLE_CHARS - 1] + "…"
