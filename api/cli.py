"""The command `tickmark`. Whatever goes wrong is one line, and a status that is not 0.

Nothing is imported before it is known to be needed: what a command does lives in `api.terminal` and `api.server`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from api.settings import Settings, SettingsError

EXIT_STATUS = (
    "0 done, 1 the answer failed, 2 wrong use or unreadable file, 3 --strict and a figure is untied, 130 stopped."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parsers()
    if not words:
        parser.print_help(sys.stderr)
        return 2
    if words[0] not in commands:
        parser.parse_args(words)
    options = commands[words[0]].parse_intermixed_args(words[1:])  # options may stand between files and question
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except KeyboardInterrupt:  # before the command had begun to listen for it
        return 130


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(
        prog="tickmark", description="Questions about your numbers, answered with every figure tied."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    return parser, {
        "serve": _serve_parser(commands),
        "ask": _ask_parser(commands),
        "chat": _chat_parser(commands),
        "replay": _replay_parser(commands),
        "doctor": _doctor_parser(commands),
    }


def _serve_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    serve = commands.add_parser("serve", help="start the service on this computer")
    serve.add_argument("--host", metavar="ADDRESS", help="where to listen (default 127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", help="the port, 0 for any free one (default 8000)")
    serve.add_argument("--data", metavar="FOLDER", help="where conversations and documents are kept")
    serve.set_defaults(run=_serve)
    return serve


def _ask_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    ask = commands.add_parser(
        "ask",
        help="ask one question about files",
        usage='tickmark ask [options] FILE... "question"',
        epilog=f"Exit status: {EXIT_STATUS}",
    )
    ask.add_argument(
        "words", nargs="*", metavar='FILE... "question"', help="documents (- is standard input), then the question"
    )
    _add_answer_options(ask)
    _add_service_options(ask)
    ask.set_defaults(run=_lazily("api.terminal.ask"))
    return ask


def _chat_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    chat = commands.add_parser("chat", help="ask one question after another", usage="tickmark chat [options] [FILE...]")
    chat.add_argument("words", nargs="*", metavar="FILE", help="documents to begin with")
    _add_output_options(chat)
    _add_service_options(chat)
    chat.set_defaults(run=_lazily("api.terminal.chat"), json=False)
    return chat


def _replay_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    replay = commands.add_parser(
        "replay",
        help="play a recorded model stream through everything",
        usage='tickmark replay [options] RECORDING [FILE...] ["question"]',
        epilog=f"Exit status: {EXIT_STATUS}",
    )
    replay.add_argument("recording", metavar="RECORDING", help="a recorded stream, such as those in fixtures/streams")
    replay.add_argument("words", nargs="*", metavar="FILE", help="the documents it speaks of, then perhaps a question")
    _add_answer_options(replay)
    replay.set_defaults(
        run=_lazily("api.terminal.replaying"), server=None, conversation=None, provider="replay", model=None, data=None
    )
    return replay


def _doctor_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    doctor = commands.add_parser("doctor", help="check this installation")
    doctor.add_argument(
        "--data", metavar="FOLDER", help="the data folder to look at (default: the one that serve takes)"
    )
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    doctor.set_defaults(run=_lazily("api.terminal.doctor"), quiet=False)
    return doctor


def _add_answer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="what standard input is called (default stdin.csv)")
    parser.add_argument("--sources", action="store_true", help="footnotes: where each figure comes from")
    parser.add_argument("--json", action="store_true", help="print the events of the wire, one a line")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 when a figure has no source or differs from it"
    )
    _add_output_options(parser)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--charts", metavar="FOLDER", help="where charts are written as HTML (default tickmark-charts)")
    parser.add_argument("-q", "--quiet", action="store_true", help="nothing on standard error but complaints")


def _add_service_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", metavar="URL", help="ask a running Tickmark instead of starting one")
    parser.add_argument("--data", metavar="FOLDER", help="keep conversation and documents there (default: not kept)")
    parser.add_argument("--conversation", metavar="ID", help="go on with a conversation that is kept")
    parser.add_argument("--provider", metavar="NAME", help="who answers: auto, anthropic, offline, replay")
    parser.add_argument("--model", metavar="NAME", help="the model to ask")


def _lazily(module: str) -> Callable[[argparse.Namespace], int]:
    """The `run` of a module, imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        command: Callable[[argparse.Namespace], int] = import_module(module).run
        return command(options)

    return run


class _Version(argparse.Action):
    """`--version`, looked up when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"tickmark {version('tickmark')}")
        except PackageNotFoundError:
            print("tickmark (not installed)")
        parser.exit()


def _serve(options: argparse.Namespace) -> int:
    try:
        settings = Settings.read(os.environ, host=options.host, port=options.port, data=options.data)
    except SettingsError as error:
        return _complain(str(error), 2)
    from api import server  # only now: what follows takes a moment, and a wrong setting should not

    try:
        server.run(settings, lambda address: _announce(address, settings))
    except server.StartError as error:
        return _complain(str(error), 1)
    return 0


def _announce(address: str, settings: Settings) -> None:
    from api.assembly import default_provider

    answering = f"Answers come from: {default_provider(settings)}."
    print(f"Tickmark is at {address} and keeps its data in {settings.data}. {answering}", flush=True)


def _complain(words: str, status: int) -> int:
    print(f"tickmark: {words}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
