"""The walls, tried in a process of their own: what they refuse for good must not be refused to the other tests."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from analysis import confinement

HOUSE = Path(__file__).resolve().parent.parent.parent


def said_behind_walls(program: str, readable: Path) -> list[str]:
    """What a program prints that runs behind the walls; `tried(f)` is the result of `f`, or the deed that was refused."""
    opening = f"""
        import os, sys
        from pathlib import Path
        from analysis import confinement
        def tried(deed):
            try:
                return deed()
            except confinement.ForbiddenError as error:
                return error.deed
            except OSError as error:
                return type(error).__name__
        readable = Path({str(readable)!r})
        walls = confinement.seal([readable])
    """
    program = textwrap.dedent(opening) + textwrap.dedent(program)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True, timeout=60).stdout.split("\n")


def test_files_are_read_where_one_may_and_nowhere_else(tmp_path: Path) -> None:
    inside, beside = tmp_path / "inside", tmp_path / "inside_too"
    for folder in (inside, beside):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    (inside / "way_out").symlink_to(beside / "file")
    said = said_behind_walls(
        """
        for path in ("file", "../inside_too/file", "way_out", "../inside/file", "none"):
            print(tried((readable / path).read_text))
        """,
        inside,
    )
    outside = "read files of the machine"
    assert said[:5] == ["inside", outside, outside, "inside", "FileNotFoundError"]


def test_modules_can_still_be_imported_and_descriptors_opened(tmp_path: Path) -> None:
    said = said_behind_walls(
        """
        import colorsys, tools.units, plotly.colors
        print(os.fdopen(os.dup(1), "w").writable(), sys.dont_write_bytecode)
        """,
        tmp_path,
    )
    assert said[0] == "True True"


def test_the_folder_of_a_checkout_is_not_readable_but_its_packages_are(tmp_path: Path) -> None:
    said = said_behind_walls(
        """
        import analysis
        package = Path(analysis.__file__).parent
        print(tried(lambda: len((package / "pipe.py").read_text()) > 0))
        print(tried((package.parent / "pyproject.toml").read_text))
        """,
        tmp_path,
    )
    assert said[:2] == ["True", "read files of the machine"]


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux")
def test_a_folder_of_data_cannot_be_listed_where_the_kernel_helps(tmp_path: Path) -> None:
    said = said_behind_walls("print('landlock' in walls, tried(lambda: os.listdir(readable)))", tmp_path)
    assert said[0] in ("True PermissionError", "False []")


def test_limits_are_named_and_hold(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    said = said_behind_walls(
        """
        print(*confinement.limit(300_000_000))
        confinement.allow_processor(5)
        import resource
        print(resource.getrlimit(resource.RLIMIT_CPU)[0] <= 10, confinement.peak_memory_bytes() > 1_000_000)
        try:
            bytearray(400_000_000)
        except MemoryError:
            print("no memory")
        """,
        tmp_path,
    )
    assert {"RLIMIT_NOFILE", "RLIMIT_CORE"} <= set(said[0].split())
    assert said[1] == "True True"
    assert said[2] == "no memory" or "RLIMIT_AS" not in said[0]


def test_a_system_without_limits_is_served_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setattr(sys, "platform", "win32")
    assert confinement.cut_network() == []
    assert confinement.limit(1) == []
    assert confinement.peak_memory_bytes() == 0
    confinement.allow_processor(1)
    confinement.die_with_parent()
