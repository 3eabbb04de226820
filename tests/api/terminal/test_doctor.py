"""`tickmark doctor`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.terminal.commands import STREAMS, Run, running_server


def findings(out: str) -> dict[str, Any]:
    found = json.loads(out)
    return {"ok": found["ok"]} | {one["name"]: (one["state"], one["text"]) for one in found["findings"]}


def test_a_sound_installation_is_told_so(tickmark: Run, tmp_path: Path) -> None:
    done = tickmark("doctor", "--data", tmp_path / "data")
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith("Everything essential is here.\n")
    for name in ("python", "packages", "data folder", "provider offline", "workers", "confinement"):
        assert f" {name} " in done.out
    assert "✗" not in done.out
    assert list(tmp_path.iterdir()) == []  # looking changes nothing


def test_the_same_findings_come_as_json(tickmark: Run) -> None:
    found = findings(tickmark("doctor", "--json", TICKMARK_WORKERS="3").out)
    assert found["ok"] is True
    assert found["settings"] == ("ok", "TICKMARK_WORKERS=3")
    assert found["workers"][0] == "ok"
    assert found["provider anthropic"] == ("note", "no ANTHROPIC_API_KEY")


def test_a_key_is_never_shown(tickmark: Run) -> None:
    done = tickmark("doctor", ANTHROPIC_API_KEY="sk-ant-very-secret")
    assert "ANTHROPIC_API_KEY (set)" in done.out
    assert "very-secret" not in done.out + done.err


@pytest.mark.parametrize(
    ("environment", "name", "words"),
    [
        ({"TICKMARK_PORT": "many"}, "settings", "TICKMARK_PORT='many' is not understood"),
        ({"TICKMARK_DATA": "/dev/null/data"}, "data folder", "/dev/null is not a folder"),
        ({"TICKMARK_PROVIDER": "anthropic"}, "provider anthropic", "no ANTHROPIC_API_KEY"),
    ],
)
def test_what_is_essential_and_missing_is_status_1(
    environment: dict[str, str], name: str, words: str, tickmark: Run
) -> None:
    done = tickmark("doctor", "--json", **environment)
    found = findings(done.out)
    assert (done.status, found["ok"], found[name][0]) == (1, False, "failed")
    assert words in found[name][1]


def test_a_recording_that_is_set_can_be_played(tickmark: Run) -> None:
    found = findings(tickmark("doctor", "--json", TICKMARK_REPLAY_FILE=str(STREAMS / "text.sse")).out)
    assert found["provider replay"][0] == "ok"


def test_a_folder_in_use_is_noted(tickmark: Run, tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as (_, process):
        found = findings(tickmark("doctor", "--json", "--data", tmp_path / "data").out)
    assert found["ok"] is True
    assert found["in use"] == (
        "note",
        f"a Tickmark runs on this folder (process {process.pid}); ask it with --server",
    )
