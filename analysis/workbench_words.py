"""What is said when a call ends without an answer of its own: to the model for tools, to people for documents.

A tool's words tell the model what it could do instead; none of them carries the text of an exception.
"""

from __future__ import annotations

from collections.abc import Mapping

# reason -> (code, text); the text may use {name}, {seconds} and {deed}.
TOOL_WORDS: Mapping[str, tuple[str, str]] = {
    "failed": ("tool_failed", "{name} failed on this input; change the arguments or answer without it"),
    "died": ("tool_died", "{name} ended without an answer; change the arguments or answer without it"),
    "overran": (
        "tool_timeout",
        "{name} took longer than {seconds} s and was stopped; ask for less: fewer rows, columns or periods",
    ),
    "out_of_memory": (
        "out_of_memory",
        "{name} needed more memory than it may have; ask for less: fewer rows, columns or periods",
    ),
    "too_large": ("result_too_large", "the result of {name} is too large to pass on; ask for fewer rows or columns"),
    "forbidden": ("tool_failed", "{name} tried to {deed}, which tools may not do; answer without it"),
    "down": ("workbench_down", "tools cannot run at the moment; say so, and answer what can be answered without them"),
}

PAGE_WORDS: Mapping[str, str] = {
    "failed": "{what} of {name} cannot be shown. It may be damaged, or hold something we do not understand yet.",
    "died": "Drawing {what} of {name} ended unexpectedly. It may be damaged; the rest of the document can be used.",
    "overran": "Drawing {what} of {name} took longer than {seconds} s and was stopped. Open the file itself to see it.",
    "out_of_memory": "{what} of {name} needs more memory to be drawn than there may be used. Open the file itself to see it.",
    "too_large": "{what} of {name} is too large a picture to be shown. Ask for a smaller width.",
    "forbidden": "{what} of {name} cannot be shown: it refers to things outside itself.",
}

READ_WORDS: Mapping[str, str] = {
    "failed": "{name} could not be read. It may be damaged, or hold something we do not understand yet.",
    "died": "Reading {name} ended unexpectedly. It may be damaged; try again, or save it anew and attach that.",
    "overran": "Reading {name} took longer than {seconds} s and was stopped. Split it into smaller files.",
    "out_of_memory": "{name} needs more memory to be read than there may be used. Split it into smaller files.",
    "too_large": "{name} holds more than can be kept at hand. Split it into smaller files.",
    "forbidden": "{name} could not be read: it refers to things outside itself.",
}
