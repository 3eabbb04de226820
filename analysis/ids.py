"""Ids: a prefix that says what it is, then 26 sortable characters (48 bits of milliseconds, 80 random ones, Crockford)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from analysis.clock import Clock, SystemClock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHOSEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

NewId = Callable[[str], str]


def id_maker(clock: Clock | None = None, entropy: Callable[[int], int] = secrets.randbits) -> NewId:
    """A function `new_id(prefix)`; ids made later sort later. Tests pass their own clock and entropy."""
    time = clock or SystemClock()

    def new_id(prefix: str) -> str:
        number = (int(time.now().timestamp() * 1000) << 80) | entropy(80)
        digits = [_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
        return f"{prefix}_{''.join(digits)}"

    return new_id


def counting_ids() -> NewId:
    """Ids for tests and goldens: `msg_01`, `msg_02`, ..., counted per prefix."""
    counts: dict[str, int] = {}

    def new_id(prefix: str) -> str:
        counts[prefix] = counts.get(prefix, 0) + 1
        return f"{prefix}_{counts[prefix]:02d}"

    return new_id


def is_chosen_id(text: str) -> bool:
    """Whether a client may choose this as a conversation id: 1 to 64 of `A-Za-z0-9._-`."""
    return bool(CHOSEN_ID.fullmatch(text)) and text not in (".", "..")  # which addresses cannot carry
