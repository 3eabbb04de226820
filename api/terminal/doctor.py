"""`tickmark doctor`: is everything here that Tickmark needs. It starts workers and runs a tool in them, asks nobody on the
network, changes nothing, and never shows a key."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

import orjson

from analysis.providers import PROVIDERS, provider_class
from analysis.workbench import ToolCall, Workbench
from api.plotly_script import plotly_script
from api.settings import SETTINGS, Settings, SettingsError
from api.terminal.lines import SPELLING, printable
from api.terminal.notices import Notices
from api.terminal.session import carried_out
from api.terminal.ticks import Glyphs
from tools import TOOLS

WORKERS_START_S = 30.0
LEAST_FREE_BYTES = 200_000_000
_NETWORK_WALLS = ("network", "landlock")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and how it stands: `ok`; `note`: works, but one may want to know; `failed`: essential, and missing."""

    name: str
    state: Literal["ok", "note", "failed"]
    text: str


def run(options: argparse.Namespace) -> int:
    """Look, and tell; 1 when something essential is missing."""

    def examined(notices: Notices) -> int:
        findings = [*_about_program(), *_about_settings(options), *asyncio.run(_about_workers())]
        sound = all(finding.state != "failed" for finding in findings)
        _tell(findings, sound, options.json)
        return 0 if sound else 1

    return carried_out(examined, options)


def _tell(findings: list[Finding], sound: bool, as_json: bool) -> None:
    if as_json:
        print(orjson.dumps({"ok": sound, "findings": [asdict(finding) for finding in findings]}).decode(), flush=True)
        return
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors=SPELLING)
    fancy = Glyphs.for_encoding(sys.stdout.encoding).fancy
    signs = {"ok": "✓", "note": "·", "failed": "✗"} if fancy else {"ok": "ok  ", "note": "note", "failed": "FAIL"}
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{signs[finding.state]} {finding.name.ljust(width)}  {printable(finding.text)}")
    print("\nEverything essential is here." if sound else "\nSomething essential is missing.", flush=True)


def _about_program() -> Iterator[Finding]:
    found = platform.python_version()
    fits = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if fits else "failed", f"{found}, {sys.executable}" + ("" if fits else "; needs 3.11"))
    yield Finding("system", "ok", f"{platform.system()} {platform.release()}, {platform.machine()}")
    try:
        yield Finding("tickmark", "ok", version("tickmark"))
        wanted = [line for line in requires("tickmark") or [] if "extra ==" not in line]
    except PackageNotFoundError:
        yield Finding("tickmark", "note", "runs without being installed, so its packages are not checked")
        wanted = []
    yield from _about_packages(wanted)
    script = plotly_script()
    words = "charts can be drawn" if script else "plotly.min.js is not where plotly keeps it; charts cannot be drawn"
    yield Finding("charts", "ok" if script else "failed", words)


def _about_packages(wanted: list[str]) -> Iterator[Finding]:
    """What is declared is there. Whether it is new enough was the installer's business."""
    versions, missing = [], []
    for line in wanted:
        name = line.split(";")[0].split("[")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            if 'sys_platform != "win32"' not in line or sys.platform != "win32":
                missing.append(name)
    if versions:
        yield Finding("packages", "ok", ", ".join(versions))
    if missing:
        yield Finding("packages", "failed", f"not installed: {', '.join(missing)}")


def _about_settings(options: argparse.Namespace) -> Iterator[Finding]:
    given = [setting for setting in SETTINGS if os.environ.get(setting.variable, "").strip()]
    words = [
        f"{one.variable} (set)" if one.secret else f"{one.variable}={os.environ[one.variable].strip()}" for one in given
    ]
    try:
        settings = Settings.read(os.environ, data=options.data)
    except SettingsError as error:
        yield Finding("settings", "failed", str(error))
        return
    yield Finding("settings", "ok", ", ".join(words) or "none set; all have defaults")
    yield from _about_folder(settings.data)
    yield from _about_providers(settings)


def _about_folder(folder: Path) -> Iterator[Finding]:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        yield Finding("data folder", "failed", f"{folder}: {existing} is not a folder")
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding("data folder", "failed", f"{folder} cannot be written")
        return
    free = shutil.disk_usage(existing).free
    there = "writable" if existing == folder else "not there yet; it can be made"
    few = "" if free >= LEAST_FREE_BYTES else "; little room"
    yield Finding("data folder", "note" if few else "ok", f"{folder}, {there}, {free / 1e9:.1f} GB free{few}")
    holder = _holder(folder)
    if holder is not None:
        yield Finding("in use", "note", f"a Tickmark runs on this folder{holder}; ask it with --server")


def _holder(folder: Path) -> str | None:
    """Who holds the folder, in words; None when nobody does. Looking takes the lock for an instant, where there is one."""
    from analysis.errors import StoreError
    from analysis.journals.sqlite_file import lock

    if not (folder / "journal.lock").exists():
        return None
    try:
        os.close(lock(folder))
    except StoreError:
        number = (folder / "journal.lock").read_text("ascii", "replace").strip()
        return f" (process {number})" if number.isdigit() else ""
    except OSError:
        return None
    return None


def _about_providers(settings: Settings) -> Iterator[Finding]:
    ready = {
        "anthropic": (bool(settings.anthropic_api_key), "has a key", "no ANTHROPIC_API_KEY"),
        "replay": (bool(settings.replay_file), f"plays {settings.replay_file}", "no TICKMARK_REPLAY_FILE"),
        "offline": (True, "needs no key", ""),
    }
    chosen = settings.provider
    for name in PROVIDERS:
        try:
            provider_class(name)
        except ImportError as error:
            yield Finding(f"provider {name}", "failed" if name == chosen else "note", f"{error.name} is not installed")
            continue
        usable, yes, no = ready.get(name, (True, "usable", ""))
        state: Literal["ok", "note", "failed"] = "ok" if usable else "failed" if name == chosen else "note"
        yield Finding(f"provider {name}", state, yes if usable else no)


async def _about_workers() -> list[Finding]:
    """Start workers, run a tool in one, and say what confines them."""
    with tempfile.TemporaryDirectory(prefix="tickmark-doctor-", ignore_cleanup_errors=True) as folder:
        workbench = Workbench(Path(folder) / "cache", workers=1)
        await workbench.start()
        clock = asyncio.get_running_loop().time
        began_s = clock()
        try:
            async with asyncio.timeout(WORKERS_START_S):
                answer = await workbench.run_tool(ToolCall("call_1", "list_documents", {}))
        except TimeoutError:
            return [Finding("workers", "failed", f"none was ready within {WORKERS_START_S:.0f} s")]
        else:
            took = f"{clock() - began_s:.1f} s"
            walls = list(workbench.walls)
        finally:
            await workbench.close()
    if not hasattr(answer, "summary"):
        return [Finding("workers", "failed", f"a tool did not run: {getattr(answer, 'text', '')}")]
    return [
        Finding("workers", "ok", f"a tool ran in one {took} after its start; {len(TOOLS)} tools"),
        _about_walls(walls),
    ]


def _about_walls(walls: list[str]) -> Finding:
    kernel = [wall for wall in walls if any(word in wall.casefold() for word in _NETWORK_WALLS)]
    words = ", ".join(walls) or "nothing"
    if kernel:
        return Finding("confinement", "ok", words)
    return Finding(
        "confinement", "note", f"{words}; this system's kernel does not help, so native code is held by limits alone"
    )
