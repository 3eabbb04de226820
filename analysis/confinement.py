"""The walls around a worker: what a process that reads strangers' files may do to the machine it runs on.

Three layers, each taken where the system offers it, and none of them trusted alone:

- *limits* (`setrlimit`): memory, processor time, no files written, no core dumps;
- *the kernel* (Linux): a network namespace without a network, and Landlock, which refuses every write, every program
  start and every file outside the folders named, also to native code;
- *an audit hook* (everywhere): the same refusals in words, at the level of Python, where most accidents happen.

What we dislike: the audit hook binds only Python code, so on systems without the kernel's help a hostile native parser
is held by the limits alone. `walls` names what took hold, so that an administrator can see it.

The order matters. `cut_network` comes first, because a user namespace needs a process with one thread. `seal` comes
after the warm-up, which still writes bytecode and reads its libraries from wherever they are; threads started after
it inherit its walls.
"""

from __future__ import annotations

import ctypes
import os
import re
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SIGKILL = 9
_MAX_OPEN_FILES = 128

# Landlock (Linux 5.13 and later): system calls, and the rights each version of it knows.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS, _NET_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6

_SYSTEM_READABLE = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/urandom",
    "/proc/self",
)
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED = {
    "reach the network": (
        "socket.connect socket.bind socket.sendto socket.sendmsg socket.getaddrinfo socket.gethostbyname "
        "socket.gethostbyaddr socket.getnameinfo urllib.Request"
    ),
    "start a program": (
        "subprocess.Popen os.exec os.fork os.forkpty os.posix_spawn os.spawn os.startfile os.startfile/2 os.system "
        "pty.spawn _winapi.CreateProcess webbrowser.open"
    ),
    "signal another process": "os.kill os.killpg signal.pthread_kill",
    "write a file": (
        "os.chmod os.chown os.link os.mkdir os.remove os.removexattr os.rename os.rmdir os.setxattr os.symlink "
        "os.truncate os.utime sqlite3.connect tempfile.mkstemp tempfile.mkdtemp"
    ),
}


class ForbiddenError(PermissionError):
    """A wall was touched. `deed` completes the sentence "a tool may not ..."."""

    def __init__(self, deed: str) -> None:
        super().__init__(f"a worker may not {deed}")
        self.deed = deed


def stand_back() -> None:
    """Let the server go first when processor time is short, and stay when the machine's memory runs out."""
    if hasattr(os, "nice"):
        os.nice(5)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends (Linux); elsewhere the closed pipe does it."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def cut_network() -> list[str]:
    """Leave for a network namespace of one's own, which has no network. The names of the walls that stand now.

    A privileged process takes only the network away; others also need a user namespace, which many systems forbid.
    """
    if sys.platform != "linux":
        return []
    alone = any(_libc().unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))
    return ["network namespace"] if alone else []


def limit(memory_bytes: int) -> list[str]:
    """Bound the address space, open files and core dumps. The names of the walls that stand now."""
    try:
        import resource
    except ImportError:  # Windows
        return []
    bounds = {"RLIMIT_AS": memory_bytes, "RLIMIT_NOFILE": _MAX_OPEN_FILES, "RLIMIT_CORE": 0}
    return [name for name, bound in bounds.items() if _bound(resource, name, bound)]


def allow_processor(seconds: float) -> None:
    """Let this process use so many more seconds of processor time, then be ended: what holds when nobody watches."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _bound(resource, "RLIMIT_CPU", int(used.ru_utime + used.ru_stime + seconds) + 1, soft_only=True)


def peak_memory_bytes() -> int:
    """The most memory this process ever had resident; 0 where the system does not say.

    Linux' `ru_maxrss` lives on through `exec`, so a worker would inherit the size of a large server; VmHWM does not.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text("ascii", "replace")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        if found:
            return int(found[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def seal(readable: Sequence[Path]) -> list[str]:
    """Close everything but reading: files below `readable` whose names one knows (its folders cannot be listed), and
    the interpreter's own folders. The names of the walls that stand now."""
    sys.dont_write_bytecode = True
    code, data = _interpreter_folders(), [os.path.realpath(path) for path in readable]
    walls = _landlock({**dict.fromkeys(code, _READ_FILE | _READ_DIR), **dict.fromkeys(data, _READ_FILE)})
    try:
        import resource

        walls += ["RLIMIT_FSIZE"] if _bound(resource, "RLIMIT_FSIZE", 0) else []
    except ImportError:
        pass
    sys.addaudithook(_watch([*code, *data]))
    return [*walls, "audit hook"]


def _bound(resource: Any, name: str, bound: int, soft_only: bool = False) -> bool:
    """Set one limit, never above what is already there; False where the system knows or accepts no such limit."""
    which = getattr(resource, name, None)
    if which is None:
        return False
    _, hard = resource.getrlimit(which)
    wanted = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    try:
        resource.setrlimit(which, (wanted, hard if soft_only else wanted))
    except (ValueError, OSError):
        return False
    return True


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _interpreter_folders() -> list[str]:
    """Where code may still be read from after the warm-up. The folder a checkout lies in is not among them, because
    the data directory may lie there too; the packages inside it are."""
    checkout = Path(__file__).resolve().parent.parent
    packages = [str(checkout / name) for name in ("analysis", "tools")]
    installed = checkout.name in ("site-packages", "dist-packages")
    paths = [path for path in sys.path if path and (installed or Path(path).resolve() != checkout)]
    folders = [*packages, *paths, sys.prefix, sys.base_prefix, sys.exec_prefix, *_SYSTEM_READABLE]
    return list(dict.fromkeys(os.path.realpath(folder) for folder in folders))


def _watch(roots: Sequence[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook: refuses what is in the table, writing opens, and reading outside `roots`."""
    refused = {event: deed for deed, events in _REFUSED.items() for event in events.split()}
    beneath = tuple(root.rstrip(os.sep) + os.sep for root in roots)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in refused:
            raise ForbiddenError(refused[event])
        if event == "open" and not isinstance(args[0], int):
            _check_open(os.fsdecode(args[0]), args[2] or 0, roots, beneath)

    return hook


def _check_open(path: str, flags: int, roots: Sequence[str], beneath: tuple[str, ...]) -> None:
    if flags & _WRITE_FLAGS:
        raise ForbiddenError("write a file")
    real = os.path.realpath(path)
    if real not in roots and not real.startswith(beneath):
        raise ForbiddenError("read files of the machine")


def _landlock(roots: Mapping[str, int]) -> list[str]:
    """Have the kernel refuse writes, program starts, TCP and signals, and all reading but the rights at `roots`."""
    if sys.platform != "linux":
        return []
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return []
    rights = _FS_RIGHTS[max(known for known in _FS_RIGHTS if known <= version)]
    fields = [
        rights,
        *([_NET_RIGHTS] if version >= _NET_SINCE else []),
        *([_SCOPES] if version >= _SCOPES_SINCE else []),
    ]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return []
    try:
        for root, allowed in roots.items():
            _allow(libc, ruleset, root, allowed)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return ["landlock"] if libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else []
    finally:
        os.close(ruleset)


def _allow(libc: Any, ruleset: int, path: str, rights: int) -> None:
    """One exception to the rule; a path that is not there needs none."""
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = struct.pack("=Qi", rights if os.path.isdir(path) else rights & ~_READ_DIR, folder)
        libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    finally:
        os.close(folder)
