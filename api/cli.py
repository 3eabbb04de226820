"""The command `tickmark`. Whatever goes wrong before it serves is one line, and a status that is not 0."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from api.settings import Settings, SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.read(os.environ, host=options.host, port=options.port, data=options.data)
    except SettingsError as error:
        return _complain(str(error), 2)
    from api import server  # only now: what follows takes a moment, and a wrong setting should not

    try:
        server.run(settings, lambda address: _announce(address, settings))
    except server.StartError as error:
        return _complain(str(error), 1)
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tickmark", description="A conversation service for financial analysis.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="start the service on this computer")
    serve.add_argument("--host", metavar="ADDRESS", help="where to listen (default 127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", help="the port, 0 for any free one (default 8000)")
    serve.add_argument("--data", metavar="FOLDER", help="where conversations and documents are kept")
    return parser


def _announce(address: str, settings: Settings) -> None:
    from api.assembly import default_provider

    answering = f"Answers come from: {default_provider(settings)}."
    print(f"Tickmark is at {address} and keeps its data in {settings.data}. {answering}", flush=True)


def _complain(words: str, status: int) -> int:
    print(f"tickmark: {words}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
