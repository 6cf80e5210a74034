"""The command line ``lectern``: the window without a word; ``ask``, ``read``, ``models`` and others without one.

Exit status: 0 when all went well, 2 for wrong usage, 1 for anything else, with one clear line on standard
error. Nothing heavy is imported before it is known what is wanted.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import multiprocessing
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from app.build_info import build_words
from app.engine.machine import prepare_environment
from model.errors import CancelledError, LecternError
from model.types import VISUAL_BUDGETS

COMMANDS = ("ask", "extract", "scenes", "read", "forget", "models", "doctor", "bench")
_MAX_QUESTION = 1_000_000
_log = logging.getLogger(__name__)

_ABOUT = """\
Ask questions about your own documents, screenshots and videos. Everything stays on this machine.

Without a command, lectern opens its window, with the files that are named."""

_ENDING = """\
Exit status: 0 when all went well, 2 for wrong usage, 1 for anything else.
Settings, models and logs lie in your user folders; LECTERN_HOME=FOLDER puts them below one folder."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        from app.__main__ import main as open_window

        return open_window(arguments)
    _utf8_output()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "forget" and options.all == bool(options.files):
        parser.error("forget takes either files or --all")
    prepare_environment(window=False)
    return _guarded(options)


def _guarded(options: argparse.Namespace) -> int:
    """Run the command; every error becomes one line, what nobody expected also a traceback in the log."""
    from app.library.logs import start_logging

    logs = start_logging()
    try:
        status = _run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _let_go_of_stdout()
        return 1
    except (CancelledError, KeyboardInterrupt):
        return _complain("Stopped.")
    except LecternError as error:
        return _complain(str(error))
    except Exception as error:
        _log.exception("The command %s failed", options.command)
        where = f"; details are in {logs.folder / 'lectern.log'}" if logs.folder else ""
        return _complain(f"Something unexpected went wrong ({type(error).__name__}){where}.")
    finally:
        logs.close()


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "ask":
            from app.cli_ask import ask

            return ask(options)
        case "extract":
            from app.cli_extract import extract

            return extract(options)
        case "scenes":
            from app.cli_scenes import scenes

            return scenes(options)
        case "read":
            from app.cli_read import read

            return read(options)
        case "forget":
            from app.cli_forget import forget

            return forget(options)
        case "models":
            from app.cli_models import models

            return models(options)
        case "bench":
            from app.cli_bench import bench

            return bench(options)
        case _:
            from app.cli_doctor import doctor

            return doctor(options)


def _complain(sentence: str) -> int:
    print(f"lectern: {sentence}", file=sys.stderr)
    return 1


def _let_go_of_stdout() -> None:
    """Whoever read our output has gone (``| head``): nothing more can be said, and Python must not try at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _utf8_output() -> None:
    """The same output on every system; Windows' own code page cannot write most answers."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="lectern",
        usage=f"lectern [FILE ...]\n       lectern {{{','.join(COMMANDS)}}} ...",
        description=_ABOUT,
        epilog=_ENDING,
        formatter_class=formatter,
    )
    parser.add_argument("--version", action="version", version=f"Lectern {build_words()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="lectern")
    _add_ask(commands)
    _add_extract(commands)
    _add_read(commands)
    _add_scenes(commands)
    _add_forget(commands)
    _add_models(commands)
    doctor = commands.add_parser(
        "doctor",
        help="what machine, memory and models there are, and what fits",
        description="Say what machine, device, memory and models there are, whether each model fits, and what to do.",
    )
    doctor.add_argument("--json", action="store_true", help="one JSON object on standard output")
    doctor.add_argument(
        "--context", type=_positive, default=32_768, metavar="N", help="tokens to plan memory for (default: 32768)"
    )
    doctor.add_argument(
        "--window", action="store_true", help="open the window for a moment, read the sample files and ask about them"
    )
    doctor.add_argument("--picture", type=Path, metavar="PNG", help="with --window: save a picture of it")
    from app.cli_bench_options import add_bench

    add_bench(commands)
    return parser


def _add_ask(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask a question about files and stream the answer",
        description="Ask a question about PDFs, pictures and videos; the answer streams to standard output. Then each "
        "of its quotations is looked up in the files, and standard error says what was found where.",
        epilog="Ctrl-C stops; what has been written so far is kept.",
    )
    _add_files(ask)
    ask.add_argument(
        "-q",
        "--question",
        required=True,
        type=_text,
        metavar="TEXT",
        help="the question; - reads it from standard input",
    )
    ask.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="the model's folder (default: the one chosen in the window, or the first one found; "
        "without any, the sample model)",
    )
    ask.add_argument(
        "--think", action="store_true", help="let the model think first; its thoughts go to standard error"
    )
    ask.add_argument(
        "--tools",
        action=argparse.BooleanOptionalAction,
        help="whether the model may look closer, go to a time and find words by itself, in the files that are named "
        "(default: as set in the window)",
    )
    ask.add_argument(
        "--lookup",
        action=argparse.BooleanOptionalAction,
        help="whether words that stand in the files are drafted from there: answers that quote come quicker, and are "
        "the same (default: as the settings say; never with --seed)",
    )
    ask.add_argument("--seed", type=_seed, metavar="N", help="repeat a run: the same seed gives the same answer")
    ask.add_argument(
        "--max-tokens", type=_positive, default=2048, metavar="N", help="at most so many tokens (default: 2048)"
    )
    ask.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: what there is)")
    ask.add_argument("--json", action="store_true", help="one JSON object on standard output, at the end")


def _add_extract(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    extract = commands.add_parser(
        "extract",
        help="go through every page and make a table, with the page of every row",
        description="Go through every page of PDFs, pictures and videos, one question a page, and make a table of what "
        "is found. Every row carries its file, its page and the words that it rests on, which are looked up.",
        epilog="Ctrl-C stops; what has been found so far is written, and --resume goes on from there. "
        "Exit status 0: every page was gone through.",
    )
    _add_files(extract)
    extract.add_argument(
        "--schema",
        type=_schema,
        metavar="FILE",
        help="the columns, as a JSON schema of one row: a file, or the JSON itself in quotation marks",
    )
    extract.add_argument(
        "-q",
        "--question",
        type=_text,
        metavar="TEXT",
        help="what is wanted, - reads it from standard input; without --schema, the columns are guessed from it",
    )
    output = extract.add_mutually_exclusive_group()
    output.add_argument("--csv", type=Path, metavar="FILE", help="write the table as CSV; - is standard output")
    output.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON; - is standard output")
    extract.add_argument("--resume", action="store_true", help="go on where a run with the same columns was stopped")
    extract.add_argument(
        "--every-occurrence",
        action="store_true",
        help="a row for each page that holds the same thing, instead of one row with all its pages",
    )
    extract.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    extract.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: what there is)")


def _add_read(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    read = commands.add_parser(
        "read",
        help="show what is read from files, without a model",
        description="Show what is read from PDFs, pictures and videos: pages, frames, sizes, and what was left out.",
    )
    _add_files(read)
    read.add_argument("--text", action="store_true", help="print the text that a model gets, with its pages or times")
    read.add_argument(
        "--json", action="store_true", help="one JSON object on standard output, at the end, with each page's text"
    )


def _add_scenes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    scenes = commands.add_parser(
        "scenes",
        help="find a video's scenes, with a summary of each",
        description="Find where the scenes of a video begin, and let the model say what each of them shows.",
        epilog="Times are the file's own. Without summaries no model is needed.",
    )
    scenes.add_argument("file", type=Path, metavar="VIDEO", help="the video")
    form = scenes.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on standard output, at the end")
    form.add_argument("--markdown", type=Path, metavar="FILE", help="write a document, pictures in a folder beside it")
    form.add_argument("--vtt", type=Path, metavar="FILE", help="write WebVTT chapters")
    scenes.add_argument("--no-summaries", action="store_true", help="only where scenes begin and end")
    scenes.add_argument("--budget", type=int, choices=VISUAL_BUDGETS, metavar="N", help="soft tokens per frame")
    scenes.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    scenes.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: what there is)")


def _add_forget(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    forget = commands.add_parser(
        "forget",
        help="delete what was kept of files that have been read",
        description="Delete what Lectern has kept on disk of files that were read, for all models. "
        "The files themselves stay; asking about them means reading them again.",
    )
    forget.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files, as they were when they were read")
    forget.add_argument("--all", action="store_true", help="everything that was kept of any file")


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = commands.add_parser(
        "models",
        help="list model folders, copy one from a stick, quantise, check or remove one",
        description="List the model folders that were found and whether each fits, or do something with one.",
    )
    models.add_argument("--json", action="store_true", help="the list as JSON on standard output")
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="what there is (the default)").add_argument("--json", action="store_true")
    copy = actions.add_parser("import", help="copy a model folder, from a stick; goes on where it was stopped")
    copy.add_argument("folder", type=Path, metavar="DIR")
    copy.add_argument("--into", type=Path, metavar="DIR", help="where to (default: your models folder)")
    quantise = actions.add_parser("quantise", help="make the 4-bit form of a published folder now")
    quantise.add_argument("folder", type=Path, metavar="DIR")
    quantise.add_argument(
        "--format", choices=["nf4", "int4"], help="of the numbers (default: int4 for models trained for it, else nf4)"
    )
    check = actions.add_parser("check", help="compare a folder with its SHA256SUMS")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--write", action="store_true", help="write SHA256SUMS for the folder instead")
    remove = actions.add_parser("remove", help="delete one of Lectern's own model folders")
    remove.add_argument("folder", type=Path, metavar="DIR")


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders with files in them")
    parser.add_argument(
        "--budget",
        type=int,
        choices=VISUAL_BUDGETS,
        metavar="N",
        help="soft tokens per picture: 70, 140, 280, 560 or 1120 (default: chosen per page)",
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="the password of PDFs that have one, on the first line of FILE (default: asked for on a terminal)",
    )


def _text(value: str) -> str:
    if value == "-":
        value = _standard_input()
    if not value.strip():
        raise argparse.ArgumentTypeError("the question is empty")
    return value


def _standard_input() -> str:
    """A question of any sensible length that another program hands over, or that is typed and ended."""
    if sys.stdin is None:
        raise argparse.ArgumentTypeError("there is no standard input to read the question from")
    data = sys.stdin.buffer.read(_MAX_QUESTION + 1)
    if len(data) > _MAX_QUESTION:
        raise argparse.ArgumentTypeError(f"the question is longer than {_MAX_QUESTION:,} bytes")
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise argparse.ArgumentTypeError("the question on standard input is not UTF-8") from None


def _schema(value: str) -> Path | str:
    """A file, or JSON as it is."""
    return value if value.lstrip().startswith(("{", "[")) else Path(value)


def _positive(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 1 << 20:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 1 to 1048576")
    return int(value)


def _seed(value: str) -> int:
    if not value.isdecimal() or int(value) >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 0 to 2^63 - 1")
    return int(value)


def _device(value: str) -> str:
    if not re.fullmatch(r"cpu|cuda(:\d{1,2})?", value):
        raise argparse.ArgumentTypeError(f"{value!r} is neither cpu nor cuda")
    return value


if __name__ == "__main__":
    sys.exit(main())
