"""What may not be in the repository: addresses of package indexes, paths of one machine, files nobody can read."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
MAX_BYTES = 1_000_000
LOCKS = ("requirements.lock", "requirements-dev.lock")
IGNORED = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", ".pytest_cache", "node_modules"}
NO_ADDRESS = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host|resolved|file:|https?://|^-e |@ ", re.M)
MACHINE_PATH = re.compile(r"(?:^|[\s\"'`(=:])/(?:work|farm|root|home|opt/[a-z]+|tmp|Users)/[a-z]")


def repository_files() -> list[Path]:
    """What git would keep; in an unpacked archive without git, everything but what tools leave behind."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, cwd=HOUSE, capture_output=True, check=True).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*")]
    paths = [HOUSE / name for name in names if not IGNORED & set(Path(name).parts)]
    return [path for path in paths if path.is_file()]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)", (HOUSE / lock).read_text("utf-8"), re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_addresses(lock: str) -> None:
    text = (HOUSE / lock).read_text("utf-8")
    assert not NO_ADDRESS.findall(text)
    requirements = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    assert all("--hash=sha256:" in requirement for requirement in requirements if requirement.strip())


def test_what_runs_is_what_was_tested() -> None:
    run, test = map(pins, LOCKS)
    assert run
    assert run.items() <= test.items()


@pytest.mark.parametrize("extra", ["", "build", "dev"])
def test_every_dependency_is_locked(extra: str) -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    names = {re.match(r"[\w.-]+", line)[0].lower() for line in wanted} - {"tickmark"}  # type: ignore[index]
    assert names <= pins(LOCKS[extra == "dev"]).keys()


def test_no_text_names_a_path_of_one_machine() -> None:
    found = []
    for path in repository_files():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(HOUSE)}:{n}: {line[:120]}"
            for n, line in enumerate(lines, 1)
            if MACHINE_PATH.search(line)
        ]
    assert not found


def test_no_file_is_larger_than_a_megabyte() -> None:
    large = [f"{path.relative_to(HOUSE)}: {path.stat().st_size:,}" for path in repository_files()]
    assert not [line for line in large if int(line.rpartition(": ")[2].replace(",", "")) > MAX_BYTES]


def test_the_version_has_a_changelog_entry() -> None:
    version = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"## {version}" in (HOUSE / "CHANGELOG.md").read_text("utf-8")
