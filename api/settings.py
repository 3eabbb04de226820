"""The environment, read once, into one frozen object; nobody else looks at it.

What is not understood is refused at the start with one line that names the variable and what it accepts: a misspelt
limit that is silently ignored is found in production. `SETTINGS` is the whole of it, and documentation can be made
from it. Names the protocol reserves for what this version does not do yet are refused too, rather than ignored.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from api.addresses import is_loopback

PREFIX = "TICKMARK_"


class SettingsError(ValueError):
    """The environment cannot be understood; the text is one line for the person who set it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Times in seconds, sizes in bytes; keys never show in a repr."""

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = field(default_factory=lambda: default_data(os.environ))
    provider: str = "auto"
    model: str | None = None
    replay_file: Path | None = None
    synchronous: str = "full"
    workers: int = 2
    turn_timeout_s: float = 600
    read_timeout_s: float = 300
    idle_timeout_s: float = 120
    max_rounds: int = 12
    limit_upload_bytes: int = 50_000_000
    limit_pages: int = 3_000
    allowed_origins: tuple[str, ...] = ()
    frame_ancestors: str = "'none'"
    log_level: str = "warning"
    anthropic_api_key: str | None = field(default=None, repr=False)
    anthropic_base_url: str | None = None

    @staticmethod
    def read(environ: Mapping[str, str], **chosen: Any) -> Settings:
        """The settings of an environment. `chosen` (command-line options, by field name, as text) win; None is not chosen.

        SettingsError for a value that is not understood and for a name that begins with TICKMARK_ and is none of ours.
        """
        _refuse_unknown(environ)
        found: dict[str, Any] = {"data": default_data(environ)}
        for setting in SETTINGS:
            text, source = environ.get(setting.variable, "").strip(), setting.variable
            if chosen.get(setting.field) is not None:
                text, source = str(chosen[setting.field]), f"--{setting.field.replace('_', '-')}"
            if text:
                found[setting.field] = setting.understood(text, source)
        return Settings(**found)


class Setting(NamedTuple):
    """One variable: the field it fills, how its text is read (ValueError: not understood), and what it accepts, in words."""

    variable: str
    field: str
    read: Callable[[str], Any]
    accepts: str
    secret: bool = False

    def understood(self, text: str, source: str) -> Any:
        """The value of the text. SettingsError names `source`, and never shows a secret."""
        try:
            return self.read(text)
        except ValueError:
            shown = "" if self.secret else f"={text!r}"
            raise SettingsError(f"{source}{shown} is not understood: it takes {self.accepts}.") from None


def default_data(environ: Mapping[str, str]) -> Path:
    """Where conversations and documents are kept when nobody says: the user's own data folder."""
    if os.name == "nt" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"]) / "Tickmark"
    home = environ.get("XDG_DATA_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share") / "tickmark"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return read


def _loopback(text: str) -> str:
    if not is_loopback(text):
        raise ValueError(text)
    return text


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError(text)
    return path


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text.rstrip("/")


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(filter(None, (origin.strip().rstrip("/") for origin in text.split(","))))
    for origin in origins:
        parts = urlsplit(_url(origin))
        if origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(origin)
    return origins


def _ancestors(text: str) -> str:
    if any(sign in text for sign in ";,\r\n") or not text.isascii():
        raise ValueError(text)
    return text


def _text(text: str) -> str:
    if not text.isprintable():
        raise ValueError(text)
    return text


PROVIDER_NAMES = ("auto", "anthropic", "offline", "replay")
SETTINGS = (
    Setting(
        "TICKMARK_HOST",
        "host",
        _loopback,
        "an address of this computer (127.0.0.1, localhost, ::1); others wait until there is a login",
    ),
    Setting("TICKMARK_PORT", "port", _whole(0, 65_535), "a port number, or 0 for any free one"),
    Setting("TICKMARK_DATA", "data", _folder, "a folder"),
    Setting("TICKMARK_PROVIDER", "provider", _one_of(*PROVIDER_NAMES), f"one of {', '.join(PROVIDER_NAMES)}"),
    Setting("TICKMARK_MODEL", "model", _text, "the name of a model"),
    Setting("TICKMARK_REPLAY_FILE", "replay_file", _file, "a recorded stream: a file that exists"),
    Setting("TICKMARK_SYNCHRONOUS", "synchronous", _one_of("full", "normal"), "full or normal"),
    Setting("TICKMARK_WORKERS", "workers", _whole(1, 64), "a number of processes from 1 to 64"),
    Setting("TICKMARK_TURN_TIMEOUT_S", "turn_timeout_s", _seconds(1, 86_400), "seconds, from 1 to 86400"),
    Setting("TICKMARK_READ_TIMEOUT_S", "read_timeout_s", _seconds(1, 3_600), "seconds, from 1 to 3600"),
    Setting("TICKMARK_IDLE_TIMEOUT_S", "idle_timeout_s", _seconds(1, 3_600), "seconds, from 1 to 3600"),
    Setting("TICKMARK_MAX_ROUNDS", "max_rounds", _whole(1, 100), "a number from 1 to 100"),
    Setting(
        "TICKMARK_LIMIT_UPLOAD_BYTES", "limit_upload_bytes", _whole(1, 2**31), "a number of bytes from 1 to 2147483648"
    ),
    Setting("TICKMARK_LIMIT_PAGES", "limit_pages", _whole(1, 3_000), "a number of pages from 1 to 3000"),
    Setting(
        "TICKMARK_ALLOWED_ORIGINS",
        "allowed_origins",
        _origins,
        "origins such as https://desk.example.com, separated by commas",
    ),
    Setting("TICKMARK_FRAME_ANCESTORS", "frame_ancestors", _ancestors, "a frame-ancestors source list, without ; or ,"),
    Setting(
        "TICKMARK_LOG_LEVEL",
        "log_level",
        _one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error",
    ),
    Setting("ANTHROPIC_API_KEY", "anthropic_api_key", _text, "a key, in one line", secret=True),
    Setting("ANTHROPIC_BASE_URL", "anthropic_base_url", _url, "an http or https URL"),
)
NOT_YET: tuple[str, ...] = (
    "AUTH_",
    "LIMIT_",
    "DATABASE_URL",
    "REDIS_URL",
    "FALLBACK",
    "SESSION_TTL_S",
    "ON_DISCONNECT_S",
)
NOT_YET += ("APPROVE", "PRICES_FILE", "BLOB_URL", "GEMINI_URL")
ELSEWHERE = frozenset({"TICKMARK_CORPUS", "TICKMARK_CHROME", "TICKMARK_REQUIRE_BROWSER"})  # read by the tests


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS} | ELSEWHERE
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known or not environ[name].strip():
            continue
        rest = name.removeprefix(PREFIX)
        if any(rest == reserved or (reserved.endswith("_") and rest.startswith(reserved)) for reserved in NOT_YET):
            raise SettingsError(f"{name} is set, but this version does not know what it is for yet; unset it.")
        near = difflib.get_close_matches(name, known, n=1)
        raise SettingsError(f"{name} is not a setting{f'; did you mean {near[0]}?' if near else '.'}")
