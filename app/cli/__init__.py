"""Command-line entry point: ``ask``, ``extract``, ``read`` and other commands; without a command, the window.

Exit status: 0 for success, 2 for wrong usage, 3 where ``extract`` found no rows, 1 for anything else, with one clear
line on standard error. Nothing heavy is imported before the command is known.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import logging
import multiprocessing
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from app.build_info import build_words
from app.cli.terminal import one_line
from app.engine.threads.machine import prepare_environment
from model.errors import CancelledError, LecternError
from model.types import VISUAL_BUDGETS

COMMANDS = ("ask", "extract", "scenes", "read", "forget", "models", "doctor", "bench")
_MAX_QUESTION = 1_000_000
_log = logging.getLogger(__name__)

_ABOUT = """\
Ask questions about your own documents, screenshots and videos. Everything stays on this machine.

Without a command, lectern opens its window with the given files attached."""

_ENDING = """\
Exit status: 0 for success, 2 for wrong usage, 3 if extract found no rows, 1 for any other error.
Settings, models and logs are kept in your user folders; set LECTERN_HOME=FOLDER to keep them all in one folder."""


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
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "forget" and options.all == bool(options.files):
        parser.error("forget needs either files or --all")
    prepare_environment(window=False)
    return _guarded(options)


def _neither(word: str) -> str:
    """What to say about a first argument that is neither a command nor a file; empty where the window can open it."""
    if Path(word).exists() or sys.stderr is None:  # without a terminal, the window says what it could not open
        return ""
    meant = difflib.get_close_matches(word.lower(), COMMANDS, n=1)
    hint = f"Did you mean {meant[0]}?" if meant else "`lectern --help` lists the commands."
    return f"No such command or file: {one_line(word)}. {hint}"


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
            from app.cli.ask import ask

            return ask(options)
        case "extract":
            from app.cli.extract import extract

            return extract(options)
        case "scenes":
            from app.cli.scenes import scenes

            return scenes(options)
        case "read":
            from app.cli.read import read

            return read(options)
        case "forget":
            from app.cli.forget import forget

            return forget(options)
        case "models":
            from app.cli.models import models

            return models(options)
        case "bench":
            from app.cli.bench import bench

            return bench(options)
        case _:
            from app.cli.doctor import doctor

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
        help="show the hardware and which models fit",
        description="Show this machine's processor, graphics card, memory and disk, and which of the models found fit.",
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    doctor.add_argument(
        "--context",
        type=_positive,
        default=32_768,
        metavar="N",
        help="context length to estimate memory for, in tokens (default: 32768)",
    )
    doctor.add_argument(
        "--window", action="store_true", help="open the window briefly, read the sample files and ask about them"
    )
    doctor.add_argument("--picture", type=Path, metavar="PNG", help="with --window: save a screenshot")
    from app.cli.bench_options import add_bench

    add_bench(commands)
    return parser


def _add_ask(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask a question about files and stream the answer",
        description="Ask a question about PDFs, images and videos. The answer streams to standard output; then each "
        "quotation in it is looked up in the files, and the results are printed to standard error.",
        epilog="Ctrl-C stops the answer; the part already written is kept.",
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
        help="the model's folder (default: the one chosen in the window, else the first one found, "
        "else the sample model)",
    )
    ask.add_argument(
        "--think", action="store_true", help="let the model think first; its thoughts go to standard error"
    )
    ask.add_argument(
        "--tools",
        action=argparse.BooleanOptionalAction,
        help="allow the model to look closer at pages, go to a time in a video and search the files by itself "
        "(default: as set in the window)",
    )
    ask.add_argument(
        "--lookup",
        action=argparse.BooleanOptionalAction,
        help="speculative decoding from the attached files: faster, with the same answers "
        "(default: as set in the window; never with --seed)",
    )
    ask.add_argument("--seed", type=_seed, metavar="N", help="random seed: the same seed gives the same answer")
    ask.add_argument(
        "--max-tokens",
        type=_positive,
        default=2048,
        metavar="N",
        help="maximum number of tokens of the answer, without its thoughts (default: 2048)",
    )
    ask.add_argument(
        "--max-thinking-tokens",
        type=_positive,
        default=8192,
        metavar="N",
        help="maximum number of tokens of its thoughts with --think, then the answer begins (default: 8192)",
    )
    ask.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: cuda if available)")
    ask.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")


def _add_extract(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    extract = commands.add_parser(
        "extract",
        help="check every page and make a table, with the page of every row",
        description="Check every page of PDFs, images and videos, one at a time, and make a table of what is found. "
        "Every row carries its file, its page and the quotation it rests on, which is looked up on the page.",
        epilog="Ctrl-C stops; the rows found so far are written, and --resume continues from there. "
        "Exit status: 0 if every page was checked and gave at least one row, 3 if every page was checked and no row "
        "was found, 2 for wrong usage, 1 otherwise.",
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
        help="what to extract; - reads it from standard input; without --schema, the columns are chosen from it",
    )
    output = extract.add_mutually_exclusive_group()
    output.add_argument("--csv", type=Path, metavar="FILE", help="write the table as CSV; - is standard output")
    output.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON; - is standard output")
    extract.add_argument("--resume", action="store_true", help="continue an earlier run with the same columns")
    extract.add_argument(
        "--every-occurrence",
        action="store_true",
        help="keep one row per page instead of merging the same item from several pages",
    )
    extract.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    extract.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: cuda if available)")


def _add_read(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    read = commands.add_parser(
        "read",
        help="show what is read from files, without a model",
        description="Show what is read from PDFs, images and videos: pages, frames, sizes, and what was skipped.",
    )
    _add_files(read)
    read.add_argument("--text", action="store_true", help="print the text that the model gets, with its pages or times")
    read.add_argument(
        "--json", action="store_true", help="print one JSON object to standard output at the end, with each page's text"
    )


def _add_scenes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    scenes = commands.add_parser(
        "scenes",
        help="find a video's scenes, with a summary of each",
        description="Find where the scenes of a video begin, and let the model summarise each of them.",
        epilog="Times are those of the file. With --no-summaries no model is needed.",
    )
    scenes.add_argument("file", type=Path, metavar="VIDEO", help="the video")
    form = scenes.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")
    form.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a Markdown document, with its images in a folder beside it"
    )
    form.add_argument("--vtt", type=Path, metavar="FILE", help="write WebVTT chapters")
    scenes.add_argument("--no-summaries", action="store_true", help="only find where scenes begin and end")
    scenes.add_argument("--budget", type=int, choices=VISUAL_BUDGETS, metavar="N", help="picture tokens per frame")
    scenes.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    scenes.add_argument("--device", type=_device, metavar="D", help="cpu or cuda (default: cuda if available)")


def _add_forget(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    forget = commands.add_parser(
        "forget",
        help="delete cached data of files that were read",
        description="Delete the data Lectern has cached on disk for these files, for all models. "
        "The files themselves are kept; the next question about them reads them again.",
    )
    forget.add_argument("files", nargs="*", type=Path, metavar="FILE", help="the files, unchanged since they were read")
    forget.add_argument("--all", action="store_true", help="delete the cached data of all files")


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = commands.add_parser(
        "models",
        help="list, import, quantise, check or remove model folders",
        description="List the model folders and whether each fits in memory, or import, quantise, check or remove one.",
    )
    models.add_argument("--json", action="store_true", help="print the list as JSON to standard output")
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="list the model folders (the default)").add_argument("--json", action="store_true")
    copy = actions.add_parser(
        "import", help="copy a model folder, for example from a USB drive; an interrupted copy is continued"
    )
    copy.add_argument("folder", type=Path, metavar="DIR")
    copy.add_argument("--into", type=Path, metavar="DIR", help="destination (default: your models folder)")
    quantise = actions.add_parser("quantise", help="make the 4-bit version of a published model now")
    quantise.add_argument("folder", type=Path, metavar="DIR")
    quantise.add_argument(
        "--format", choices=["nf4", "int4"], help="4-bit format (default: int4 for models trained for it, else nf4)"
    )
    check = actions.add_parser("check", help="compare a folder with its SHA256SUMS")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--write", action="store_true", help="write SHA256SUMS for the folder instead")
    remove = actions.add_parser("remove", help="delete a model folder from your models folder or the quantised store")
    remove.add_argument("folder", type=Path, metavar="DIR")


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of files")
    parser.add_argument(
        "--budget",
        type=int,
        choices=VISUAL_BUDGETS,
        metavar="N",
        help="picture tokens per page or image: 70, 140, 280, 560 or 1120 (default: chosen per page)",
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the password of encrypted PDFs (default: ask on the terminal)",
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
