"""The house's floors, as a table: who may import whom, which library lives in which room, what pure floors never touch.

The first row whose pattern fits a module is its room. A module may import the floors its row names and its own floor;
only hands (floor 6) keep to their own room and to what their folder shares (its last row), because each alone knows its
vendor. Everybody above sees the face of a folder of hands: the package, which is its table, and its contract, the file
named by the folder's singular. Only the roof knows a hand by name. Imports inside functions count. `tests` and
`benchmarks` stand outside the house and may import everything.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

HOUSE = Path(__file__).resolve().parent.parent
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_IMPORT_DEPTH = 400, 70, 12
VOCABULARY = "analysis.events"  # one class per event of the wire; it grows with the protocol and is read as a list
NOUNS, KERNELS, TOOLS, GROUND, WORDS, MIND, HANDS, WILL, TONGUES, DOORS, ROOF = range(11)


class Room(NamedTuple):
    """A row: the modules, their floor, the floors below that they may import, the libraries that live there."""

    names: str
    floor: int
    may: set[int]
    libraries: str = ""
    pure: bool = True


BELOW_HANDS = {NOUNS, GROUND, WORDS}
BELOW_DOORS = {GROUND, WORDS, HANDS, WILL, TONGUES}  # of hands only the contracts, as for everybody above them
WEB = "fastapi starlette pydantic orjson python_multipart"
ROOMS = (
    Room(
        "tools.values tools.units tools.refusals tools.results tools.dataroom tools.tool tools.labels tools.tags tools.concepts "
        "tools.documents.document",
        NOUNS,
        set(),
        "pydantic",
    ),
    Room("tools.documents.workbook tools.documents.formulas", KERNELS, {NOUNS}, "python_calamine openpyxl"),
    Room("tools.documents.pdf.reader tools.documents.pdf.glyphs", KERNELS, {NOUNS}, "pypdfium2 ctypes"),
    Room("tools.documents.html.reader tools.documents.html.grids", KERNELS, {NOUNS}, "lxml"),
    Room("tools.documents.index", KERNELS, {NOUNS}, "apsw"),
    Room("tools.documents.parquet", KERNELS, {NOUNS}, "pyarrow"),
    Room("tools.documents.docx", KERNELS, {NOUNS}, "docx lxml"),
    Room("tools.documents.rendering", KERNELS, {NOUNS}, "pypdfium2 PIL"),
    Room("tools.documents tools.documents.*", KERNELS, {NOUNS}, "charset_normalizer pandas"),
    Room("tools.finance tools.finance.* tools.tieout tools.tieout.*", KERNELS, {NOUNS}, "pandas numpy"),
    Room("tools.figures", KERNELS, {NOUNS}, "plotly"),
    Room("tools tools.*", TOOLS, {NOUNS, KERNELS}, "pydantic pandas"),
    Room("analysis analysis.ids analysis.clock analysis.errors", GROUND, set(), pure=False),
    Room(
        "analysis.events analysis.signals analysis.orders analysis.messages analysis.text",
        WORDS,
        {NOUNS, GROUND},
        "orjson",
    ),
    Room(
        "analysis.turn analysis.frame analysis.prose analysis.references analysis.tally analysis.numbering",
        MIND,
        BELOW_HANDS,
    ),
    Room("analysis.history analysis.prompt analysis.mentions analysis.offline analysis.offline.*", MIND, BELOW_HANDS),
    Room("analysis.gate analysis.call", MIND, BELOW_HANDS, "jsonschema_rs orjson"),
    Room("analysis.providers.offline", HANDS, {*BELOW_HANDS, MIND}, "orjson", pure=False),
    Room("analysis.providers.anthropic", HANDS, BELOW_HANDS, "anthropic aiohttp httpx2 orjson", pure=False),
    Room("analysis.providers.replay", HANDS, BELOW_HANDS, pure=False),
    Room("analysis.providers.scripted", HANDS, BELOW_HANDS, pure=False),
    Room("analysis.providers analysis.providers.*", HANDS, BELOW_HANDS, "orjson", pure=False),
    Room("analysis.journals.sqlite analysis.journals.sqlite_*", HANDS, BELOW_HANDS, "apsw orjson", pure=False),
    Room("analysis.journals.memory", HANDS, BELOW_HANDS, "orjson", pure=False),
    Room("analysis.journals analysis.journals.*", HANDS, BELOW_HANDS, "orjson", pure=False),
    Room(
        "analysis.replies analysis.recovery analysis.questions analysis.links analysis.names analysis.workbench_words",
        WILL,
        {*BELOW_HANDS, MIND},
    ),
    Room(
        "analysis.conversations analysis.readings analysis.conductor analysis.library analysis.places analysis.disk "
        "analysis.telling",
        WILL,
        set(range(7)),
        "orjson",
        pure=False,
    ),
    Room(
        "analysis.workbench analysis.workbench_* analysis.worker analysis.worker_* analysis.pipe",
        WILL,
        set(range(7)),
        "orjson pydantic",
        pure=False,
    ),
    Room("analysis.confinement", WILL, {GROUND}, pure=False),
    Room(
        "api.dialects api.dialects.* api.cursor api.event_schema api.addresses", TONGUES, BELOW_HANDS, "orjson pydantic"
    ),
    Room("api.routes api.routes.* api.sse api.reading api.access api.closing", DOORS, BELOW_DOORS, WEB, pure=False),
    Room(
        "api.problems api.replies api.bodies api.intake api.multipart api.plotly_script",
        DOORS,
        BELOW_DOORS,
        WEB,
        pure=False,
    ),
    Room(
        "api api.app api.server api.settings api.cli api.assembly",
        ROOF,
        set(range(10)),
        f"{WEB} uvicorn uvloop",
        pure=False,
    ),
    Room("api.terminal api.terminal.*", ROOF, set(range(10)), "rich httpx orjson", pure=False),
)
IMPURE_MODULES = set("logging os random uuid asyncio time socket subprocess secrets threading".split())
IMPURE_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def module_name(path: Path) -> str:
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PACKAGES = ("tools", "analysis", "api")
FILES = {module_name(path): path for package in PACKAGES for path in sorted((HOUSE / package).rglob("*.py"))}


@cache
def room_of(module: str) -> Room:
    found = [row for row in ROOMS if any(fnmatchcase(module, name) for name in row.names.split())]
    assert found, f"{module} has no room: add it to the table in {Path(__file__).name}"
    return found[0]


def is_face(module: str) -> bool:
    """A folder's package or contract: `analysis.journals` and `analysis.journals.journal`."""
    folder, _, name = module.rpartition(".")
    return FILES.get(module, Path()).name == "__init__.py" or folder.endswith(f".{name}s")


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Every node, functions included, but not what only the type checker reads."""

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        yield node
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
                yield from walk(child)

    return tuple(walk(ast.parse(FILES[module].read_text("utf-8"))))


@cache
def imports(module: str) -> tuple[tuple[str, int, bool], ...]:
    """(imported module, line, whether it happens at once). `from a import b` means a.b where that is a file."""
    found = []
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, node.col_offset == 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names]
            targets = [name if name in FILES else name.rpartition(".")[0] for name in inner]
            found += [(target, node.lineno, node.col_offset == 0) for target in targets]
    return tuple(found)


def trespass(module: str, target: str) -> str:
    """Why `module` may not import `target`; nothing where it may."""
    own, head = room_of(module), target.partition(".")[0]
    if head in sys.stdlib_module_names:
        return f"pure floors do not import {head}" if own.pure and head in IMPURE_MODULES else ""
    if head not in PACKAGES:
        return "" if head in own.libraries.split() else f"the library {head or target} does not live in this room"
    other = room_of(target)
    if other is own or (other.floor == own.floor and own.floor != HANDS):
        return ""
    if own.floor == other.floor:  # two hands: only what the whole folder shares
        shared = f"{module.rpartition('.')[0]}.*" in other.names.split()
        return "" if shared else f"sisters never meet ({target})"
    if other.floor == HANDS and own.floor != ROOF and not is_face(target):
        return f"only the roof knows a hand by name; others see its contract ({target})"
    if other.floor in own.may:
        return ""
    return f"floor {own.floor} may not import floor {other.floor} ({target})"


def impurity(node: ast.AST) -> str:
    if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
        return "pure floors have no async"
    if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE_CALLS:
        return f"pure floors do not call {ast.unparse(node.func)}"
    return ""


def at(module: str, line: int, why: str) -> str:
    path = FILES[module]
    return f"{path.relative_to(HOUSE)}:{line}: {why}\n        {path.read_text('utf-8').splitlines()[line - 1].strip()}"


def none_of(problems: list[str]) -> None:
    assert not problems, f"{len(problems)} found:\n    " + "\n    ".join(problems)


def test_every_import_stays_on_its_floors() -> None:
    none_of([at(m, line, why) for m in FILES for target, line, _ in imports(m) if (why := trespass(m, target))])


def test_pure_floors_hold_no_async_and_read_no_clock() -> None:
    pure = [m for m in FILES if room_of(m).pure]
    none_of([at(m, getattr(n, "lineno", 1), why) for m in pure for n in nodes(m) if (why := impurity(n))])


def test_imports_run_in_no_circle_and_at_most_twelve_deep() -> None:
    graph = {m: {target for target, _, _ in imports(m) if target in FILES and target != m} for m in FILES}
    chains: dict[
        str, list[str]
    ] = {}  # the longest chain that importing a module sets off; lazy imports set off nothing
    for module in TopologicalSorter(graph).static_order():  # a CycleError names the circle
        below = [chains[target] for target, _, eager in imports(module) if eager and target in graph[module]]
        chains[module] = [module, *max(below, key=len, default=[])]
    none_of([f"{len(chain)} deep: {' > '.join(chain)}" for chain in chains.values() if len(chain) > MAX_IMPORT_DEPTH])


def test_files_and_functions_stay_small() -> None:
    sizes = {m: path.read_text("utf-8").count("\n") for m, path in FILES.items() if m != VOCABULARY}
    long_files = [f"{m}: {size} lines" for m, size in sizes.items() if size > MAX_FILE_LINES]
    functions = [(m, n) for m in FILES for n in nodes(m) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    spans = [(m, n, (n.end_lineno or n.lineno) - n.lineno + 1) for m, n in functions]
    none_of(long_files + [at(m, n.lineno, f"{size} lines") for m, n, size in spans if size > MAX_FUNCTION_LINES])


@pytest.mark.parametrize(
    "allowed",
    "tools.figures>tools.values tools.figures>plotly.graph_objects tools.query_data>tools.figures "
    "analysis.turn>analysis.gate analysis.providers.offline>analysis.offline "
    "analysis.providers.anthropic>analysis.providers.provider analysis.journals.sqlite>apsw "
    "analysis.providers.replay>analysis.providers.anthropic_stream analysis.journals.memory>analysis.journals.rows "
    "analysis.conductor>analysis.journals.journal analysis.worker>tools api.routes.socket>analysis.conversations "
    "api.routes.socket>analysis.journals.journal api.app>analysis.journals.sqlite".split(),
)
def test_the_table_allows_what_the_house_allows(allowed: str) -> None:
    assert trespass(*allowed.split(">")) == ""


@pytest.mark.parametrize(
    "refused",
    "tools.values>tools.figures tools.query_data>analysis.events tools.values>random analysis.turn>tools.query_data "
    "analysis.turn>fastapi analysis.turn>asyncio analysis.events>analysis.turn analysis.gate>analysis.providers.provider "
    "analysis.providers.anthropic>analysis.turn analysis.providers.anthropic>analysis.providers.replay "
    "analysis.providers.offline>analysis.journals.journal analysis.journals.memory>analysis.journals.sqlite_writer "
    " analysis.journals.sqlite>anthropic "
    "analysis.conductor>analysis.journals.sqlite analysis.conductor>api.sse api.routes.socket>analysis.journals.sqlite "
    "api.routes.socket>tools.values api.cursor>analysis.conversations analysis.errors>analysis.events".split(),
)
def test_the_table_refuses_what_the_house_refuses(refused: str) -> None:
    assert trespass(*refused.split(">")) != ""
