"""Documentation that can go stale fails here: events, examples, error codes, routes, settings, commands, words."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analysis.events import EVENTS, decode, encode, to_data
from api.app import create_app
from api.cli import main
from api.dialects.native import FRAMES
from api.problems import ANSWERS
from api.settings import ELSEWHERE, SETTINGS, Settings
from benchmarks.query import QUESTIONS
from tools.documents import EXTENSIONS
from tools.documents.reader import Source
from tools.refusals import ToolError
from tools.values import Place, Value

HOUSE = Path(__file__).resolve().parent.parent
WIRE = (HOUSE / "docs" / "wire.md").read_text("utf-8")
READABLE = [HOUSE / "README.md", *sorted((HOUSE / "docs").rglob("*.md")), HOUSE / "SECURITY.md", HOUSE / "CHANGELOG.md"]
HOUSE_WORDS = ("Signal", "Event", "Order", "Journal", "Bell", "Data room", "Value", "Place", "Tick", "Dialect", "Fold")

Json = dict[str, Any]


def blocks(kind: str) -> list[str]:
    """The fenced blocks of docs/wire.md with exactly this info string."""
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```", WIRE, re.M | re.S)


def examples() -> list[str]:
    return [line for block in blocks("jsonl") for line in block.splitlines()]


def rows_of_events() -> dict[str, list[str]]:
    """Event name -> its field names as the tables give them, `?` included."""
    rows = re.findall(r"^\| `(\w+)` \| (`\w[^|]*) \|", WIRE, re.M)
    return {name: re.findall(r"`(\w+\??)`", given) for name, given in rows if name in EVENTS}


@pytest.mark.parametrize("name", EVENTS)
def test_an_events_row_names_the_fields_of_its_class(name: str) -> None:
    # No None on the wire: a field that may be None may be absent. A default that is not None is always sent.
    named = [f.name + ("?" if f.default is None and f.default is not MISSING else "") for f in fields(EVENTS[name])]
    assert sorted(rows_of_events()[name]) == sorted(named)


@pytest.mark.parametrize("name", EVENTS)
def test_an_events_examples_show_each_of_its_fields(name: str) -> None:
    shown = {key for line in examples() if (event := json.loads(line))["type"] == name for key in event}
    assert shown - {"seq", "type", "conversation_id", "at"} == {field.name for field in fields(EVENTS[name])}


@pytest.mark.parametrize("line", examples())
def test_an_example_is_what_the_service_would_send(line: str) -> None:
    entry = decode(line.encode())
    assert list(json.loads(encode(entry)).items()) == list(json.loads(line).items())
    assert to_data(entry.event)


def test_deltas_and_ticks_of_the_example_fit_its_text() -> None:
    events = [json.loads(line) for line in examples()]
    [end] = [event for event in events if event["type"] == "message_complete"]
    assert "".join(event["text"] for event in events if event["type"] == "text_delta") == end["text"]
    for event in events:
        if event["type"] == "tickmark":
            assert end["text"][event["start"] : event["end"]] == event["shown"]


def test_values_and_places_of_the_examples_round_trip() -> None:
    for block in blocks("json value"):
        assert Value.from_wire(json.loads(block)).to_wire() == json.loads(block)
    for block in blocks("json place"):
        wire = json.loads(json.dumps(Place.from_wire(json.loads(block)).to_wire()))
        assert wire == json.loads(block)


def test_every_json_block_is_json() -> None:
    assert all(json.loads(block) for block in blocks("json"))


def test_the_frames_a_client_may_send_are_the_ones_the_socket_takes() -> None:
    frames = [json.loads(line) for block in blocks("jsonl frames") for line in block.splitlines()]
    from_client = [frame for frame in frames if frame["type"] in FRAMES]
    assert {frame["type"] for frame in from_client} == set(FRAMES)
    for frame in from_client:
        FRAMES[frame["type"]].model_validate(frame)


def test_every_error_code_stands_under_its_status() -> None:
    rows = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", WIRE, re.M))
    for code, answer in ANSWERS.items():
        assert f"`{code}`" in rows.get(str(answer.status), ""), f"{code} ({answer.status}) is not in docs/wire.md"


def test_every_route_is_described() -> None:
    described = create_app(Settings()).openapi()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, methods in described.items()
        for method in methods
        if f"`{method.upper()} {path}`" not in WIRE
    ]
    assert not missing


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_a_setting_that_is_mentioned_exists(path: Path) -> None:
    known = {setting.variable for setting in SETTINGS} | ELSEWHERE
    assert set(re.findall(r"\bTICKMARK_[A-Z_]+[A-Z]", path.read_text("utf-8"))) <= known


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_a_file_that_is_mentioned_exists(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
    named = re.findall(r"`((?:tools|analysis|api|docs|tests|fixtures|benchmarks)/[\w./-]+\.\w+)`", text)
    links: list[str] = re.findall(r"\]\(([^)#:]+)\)", text)
    missing = [name for name in named if not (HOUSE / name).exists()]
    missing += [target for target in links if not (path.parent / target).exists()]
    assert not missing


def test_the_make_commands_that_are_mentioned_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text("utf-8"), re.M))
    mentioned = {
        name for path in READABLE for name in re.findall(r"(?:^|`)make ([a-z]+)", path.read_text("utf-8"), re.M)
    }
    assert {"run", "test"} <= mentioned <= targets


def test_the_tickmark_commands_that_are_mentioned_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = capsys.readouterr().out
    for path in READABLE:
        for name in re.findall(r"(?:^|`)tickmark ([a-z]+)", path.read_text("utf-8"), re.M):
            assert name in offered, f"{path.name}: tickmark {name}"


def test_the_glossary_holds_the_words_of_the_house_in_order() -> None:
    entries = re.findall(r"^\*\*(.+?)\.\*\*", (HOUSE / "docs" / "glossary.md").read_text("utf-8"), re.M)
    words = {word.strip() for entry in entries for word in entry.split(",")}
    assert set(HOUSE_WORDS) <= words
    assert entries == sorted(entries, key=str.casefold)


def test_what_the_performance_page_lists_is_what_is_measured() -> None:
    page = (HOUSE / "docs" / "performance.md").read_text("utf-8")
    listed = set(re.findall(r"^\| ([^|]+?) \|", page, re.M)) - {"measured", "question", "---"}
    sources = "".join(path.read_text("utf-8") for path in (HOUSE / "benchmarks").glob("*.py"))
    plain = re.sub(r"\{[^{}\n]{1,40}\}", "", sources)
    for name in listed:
        assert re.split(r"[,:]| \d| of \d", name)[0] in plain, f"docs/performance.md lists {name!r}"
    assert set(QUESTIONS) <= listed


def test_the_reader_in_the_guide_is_a_reader() -> None:
    guide = (HOUSE / "docs" / "adding.md").read_text("utf-8")
    [written] = re.findall(r"^```python reader\n(.*?)^```", guide, re.M | re.S)
    made: Json = {}
    exec(written, made)
    document = made["READER"].read(
        b"AAPL 2024-06-28 210.62 USD\nMSFT 2024-06-28 446.95 USD\n\nend\n", Source("d", "a.tick")
    )
    [table] = document.tables
    assert [column.kind for column in table.columns] == ["text", "date", "number", "text"]
    assert (table.columns[2].amounts[1], table.columns[2].unit) == (Decimal("446.95"), "USD")
    assert table.place(document, 1, 2).to_wire()["line"] == 2
    for data in (b"", b"nothing here\n"):
        with pytest.raises(ToolError):
            made["READER"].read(data, Source("d", "a.tick"))


def test_the_documents_page_lists_every_format_and_every_measure() -> None:
    page = (HOUSE / "docs" / "documents.md").read_text("utf-8")
    assert not [extension for extension in EXTENSIONS if f"`{extension}`" not in page]
    measured = (HOUSE / "benchmarks" / "documents.py").read_text("utf-8")
    [table] = re.findall(r"<!-- measured: benchmarks.documents -->\n((?:\|.*\n)+)", page)
    listed = re.findall(r"^\| ([^|]+?) \|", table, re.M)[2:]
    assert listed
    assert not [name for name in listed if f'"{name}"' not in measured]


def test_the_readme_names_every_kind_of_file() -> None:
    readme = (HOUSE / "README.md").read_text("utf-8")
    assert not [
        word for word in ("PDF", "inline XBRL", "Word", ".xlsx", "CSV", "JSON", "Markdown") if word not in readme
    ]
