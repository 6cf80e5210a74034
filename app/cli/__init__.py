"""Command-line entry point: ``ask``, ``extract``, ``read`` and other commands; without a command, the window.

Each command is the module of its name in this package, with ``add_options(parser)`` and ``run(options)``, which gives
the exit status; only the one that was named is imported, and nothing heavy before that.

Exit status: 0 for success, 2 for wrong usage, 3 where ``extract`` found no rows, 1 for anything else, with one clear
line on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import json
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.build_info import build_words
from app.cli.common.arguments import UsageError
from app.cli.common.terminal import one_line
from app.engine.threads.machine import prepare_environment
from model.errors import CancelledError, LecternError
from model.messages import Message, msg

COMMANDS = {
    "ask": "ask a question about files and stream the answer",
    "extract": "check every page and make a table, with the page of every row",
    "compare": "show the differences between two documents",
    "scenes": "find a video's scenes, with a summary of each",
    "transcribe": "write down what is said in recordings and videos, with times",
    "read": "show what is read from files, without a model",
    "ocr": "save scans and pictures as searchable PDF files",
    "forget": "delete cached data of files that were read",
    "serve": "answer other programs on this machine (API)",
    "mcp": "let an assistant on this machine use documents (MCP)",
    "models": "list, download, import, quantise, check or remove models",
    "doctor": "show the hardware and which models fit",
    "bench": "benchmark this machine with a model",
}
"""Each command and what it does, in the order of ``lectern --help``."""
SINCE = "LECTERN_SINCE"
"""An environment variable that may hold the monotonic time at which the user began to wait."""

_STARTED = float(os.environ.pop(SINCE, "") or time.monotonic())
_log = logging.getLogger(__name__)

_ABOUT = """\
Ask questions about your own documents, pictures, videos and recordings.
Everything stays on this machine, unless you choose a server with --server.

Without a command, lectern opens its window with the given files attached."""

_ENDING = """\
Exit status: 0 for success, 2 for wrong usage, 3 if extract found no rows, 1 for
any other error. With --json, an error is an object with the members "error" and
"code"; the code of an error stays the same. Settings, models and logs are kept
in your user folders; set LECTERN_HOME=FOLDER to keep them all in one folder."""


def waited_s() -> float:
    """Seconds since the program was started; without ``SINCE``, the start of Python itself is not included."""
    return time.monotonic() - _STARTED


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        if arguments and (problem := _neither(arguments[0])):
            print(f"lectern: {problem}", file=sys.stderr)
            return 2
        from app.__main__ import main as open_window

        return open_window(arguments)
    _utf8_output()
    prepare_environment(window=False)
    parser, command, run = _parser(arguments[0])
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        command.error(f"unrecognized arguments: {' '.join(map(one_line, unknown))}")
    if options.command is None:
        command.error("the following arguments are required: COMMAND")
    try:
        return _guarded(options, run)
    except UsageError as error:
        command.error(str(error))


def _neither(word: str) -> str:
    """The error about a first argument that is neither a command nor a file; empty where the window can open it."""
    if Path(word).exists() or sys.stderr is None:  # without a terminal, the window reports what it could not open
        return ""
    meant = difflib.get_close_matches(word.lower(), COMMANDS, n=1)
    hint = f"Did you mean {meant[0]}?" if meant else "`lectern --help` lists the commands."
    return f"No such command or file: {one_line(word)}. {hint}"


def _parser(
    word: str,
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser, Callable[[argparse.Namespace], int]]:
    """The parser, that of the command ``word`` where it is one (else the same again), and what runs that."""
    parser = argparse.ArgumentParser(
        prog="lectern",
        usage=f"lectern [FILE ...]\n       lectern {{{','.join(COMMANDS)}}} ...",
        description=_ABOUT,
        epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Lectern {build_words()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", prog="lectern")
    parsers = {name: commands.add_parser(name, help=about) for name, about in COMMANDS.items()}
    if word not in COMMANDS:
        return parser, parser, lambda options: 2
    module = importlib.import_module(f"app.cli.{word}")
    module.add_options(parsers[word])
    return parser, parsers[word], module.run


def _guarded(options: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Run the command; every error becomes one line, what nobody expected also a traceback in the log."""
    from app.library.logs import start_logging

    logs = start_logging()
    try:
        status = run(options)
        sys.stdout.flush()
        return status
    except UsageError:
        raise
    except BrokenPipeError:
        _let_go_of_stdout()
        return 1
    except (CancelledError, KeyboardInterrupt):
        return _complain(options, msg("cancelled.command", "Stopped."))
    except LecternError as error:
        return _complain(options, error.message)
    except Exception as error:
        _log.exception("The command %s failed", options.command)
        return _complain(options, _unexpected(type(error).__name__, logs.folder))
    finally:
        logs.close()


def _unexpected(error: str, logs: Path | None) -> Message:
    if logs is None:
        return msg("internal.command", "Something unexpected went wrong ({error}).", error=error)
    return msg(
        "internal.command-logged",
        "Something unexpected went wrong ({error}); details are in {path}.",
        error=error,
        path=logs / "lectern.log",
    )


def _complain(options: argparse.Namespace, message: Message) -> int:
    """One line on standard error; with ``--json`` also an object with the message's code on standard output."""
    print(f"lectern: {message}", file=sys.stderr)
    if getattr(options, "json", None) is True:
        print(json.dumps({"error": str(message), "code": message.cause}, ensure_ascii=False, indent=2), flush=True)
    return 1


def _let_go_of_stdout() -> None:
    """The reader of our output has gone (``| head``): nothing more can be printed, and Python must not try at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _utf8_output() -> None:
    """The same output on every system; Windows' own code page cannot write most answers."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
