"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from model.soft_tokens import VISUAL_BUDGETS

_MAX_QUESTION = 1_000_000


class UsageError(Exception):
    """Options that do not go together; ``lectern`` then prints how the command is used, and exits with 2."""


def add_files(parser: argparse.ArgumentParser) -> None:
    """The files of ``ask``, ``extract`` and ``read``, and how they are read."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of files")
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How files are read."""
    parser.add_argument(
        "--budget",
        type=int,
        choices=VISUAL_BUDGETS,
        metavar="N",
        help="picture tokens per page or picture: 70, 140, 280, 560 or 1120 (default: chosen per page)",
    )
    parser.add_argument(
        "--recognise",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="recognise text on scans, screenshots and other pictures (default: yes)",
    )
    parser.add_argument(
        "--attachments",
        action="store_true",
        help="also read the files that are attached to emails and PDFs, and those attached to them",
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the password of encrypted PDFs and office files (default: ask on the terminal)",
    )


def add_model(parser: argparse.ArgumentParser, default: str = "as for ask") -> None:
    """Which model answers, and on what."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", type=Path, metavar="DIR", help=f"the model's folder (default: {default})")
    which.add_argument(
        "--server",
        metavar="URL",
        help="ask a model on a server with OpenAI's API instead, with the key in LECTERN_SERVER_KEY. Your questions "
        "and the contents of your files are sent there",
    )
    parser.add_argument(
        "--adapter",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="apply the LoRA adapter in this folder; repeat the option for several adapters",
    )
    parser.add_argument("--server-model", metavar="NAME", help="which of the server's models (default: its only one)")
    parser.add_argument("--device", type=device, metavar="D", help="cpu or cuda (default: cuda if available)")


def question(value: str) -> str:
    """A question; ``-`` reads it from standard input."""
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


def positive(value: str) -> int:
    """A count from 1 to 2^20."""
    if not value.isdecimal() or not 0 < int(value) <= 1 << 20:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 1 to 1048576")
    return int(value)


def seed(value: str) -> int:
    """A random seed from 0 to 2^63 - 1."""
    if not value.isdecimal() or int(value) >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 0 to 2^63 - 1")
    return int(value)


def device(value: str) -> str:
    """``cpu`` or ``cuda``, with a number where there are several."""
    if not re.fullmatch(r"cpu|cuda(:\d{1,2})?", value):
        raise argparse.ArgumentTypeError(f"{value!r} is neither cpu nor cuda")
    return value
