"""The options of ``lectern bench``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from app.cli.common.outputs import add_overwrite
from model.soft_tokens import VISUAL_BUDGETS

PARTS = ("ingest", "waits", "opening", "prefill", "decode", "second", "vision")
SHAPES = ("tiny", "26b", "31b")
TRANSFORMERS = "transformers"

_ABOUT = """\
Benchmark this machine: opening a model, prefill and decode by depth, a
follow-up question about a document, the vision tower, reading files, and what a
user waits for from the start of a command, each with warm-up and repeats.
Nothing is sent anywhere.

The column "of limit" is the share of what this machine's memory bandwidth and
bf16 matrix rate, measured in the same run, would allow; bytes and operations
are counted from the model's configuration."""

_ENDING = """\
Peers are measured in the same run, one after the other, on a model of the same
shape with random weights:
  --peer transformers         stock transformers in bf16, if it fits in memory
  --peer PYTHON               llama.cpp, through a Python with the package
                              llama-cpp-python
  --peer NAME=PYTHON          the same under another name; --peer llama.cpp
                              uses this Python

  lectern bench --quick
  lectern bench --model FOLDER --only prefill decode --prefill 512,2048,8192
  lectern bench --model FOLDER --only decode --depths 0,4096
  lectern bench --questions mine.jsonl --json > before.json
  lectern bench --questions mine.jsonl --model OTHER --against before.json
  lectern bench --shape 26b --layers 6 --work DIR --peer venv/bin/python

Close other programs first. Ctrl-C stops. The exit status is 0 if everything
requested was measured."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern bench``."""
    parser.description, parser.epilog = _ABOUT, _ENDING
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    source.add_argument("--shape", choices=SHAPES, help="use a generated model with random weights")
    parser.add_argument("--layers", type=_count, metavar="N", help="with --shape: number of text layers")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=PARTS,
        metavar="PART",
        help=f"parts to run: {', '.join(PARTS)} (default: all)",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes and one repeat: half a minute, rough figures")
    parser.add_argument(
        "--repeats", type=_count, default=3, metavar="N", help="repeats of each measurement (default: 3)"
    )
    parser.add_argument(
        "--prefill", type=_list(1, 1 << 20), metavar="N,…", help="prompt lengths in tokens (default: 512,2048)"
    )
    parser.add_argument(
        "--depths", type=_list(0, 1 << 20), metavar="N,…", help="context depths in tokens (default: 0,4096)"
    )
    parser.add_argument("--budgets", type=_budgets, metavar="N,…", help="picture tokens per image (default: 70,280)")
    parser.add_argument("--threads", type=_count, metavar="N", help="CPU threads (default: as for ask)")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="cpu or cuda (default: cuda if available)")
    parser.add_argument("--peer", type=_peer, action="append", default=[], metavar="PEER", help="see below; repeatable")
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="ask your own questions about your own files instead, and count the right answers: JSON lines or CSV with "
        "files, question and answer",
    )
    parser.add_argument("--against", type=Path, metavar="JSON", help="compare with an earlier run, saved from --json")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep generated models in DIR for later runs")
    parser.add_argument("--plot", type=Path, metavar="SVG", help="plot the figures into an SVG file")
    add_overwrite(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")


def _count(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 1000:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 1 to 1000")
    return int(value)


def _list(least: int, most: int) -> Callable[[str], tuple[int, ...]]:
    def parse(value: str) -> tuple[int, ...]:
        parts = value.split(",")
        if not all(part.isdecimal() and least <= int(part) <= most for part in parts):
            raise argparse.ArgumentTypeError(f"{value!r} is not a list of whole numbers from {least} to {most}")
        return tuple(dict.fromkeys(int(part) for part in parts))

    return parse


def _budgets(value: str) -> tuple[int, ...]:
    chosen = _list(1, 1 << 20)(value)
    if not set(chosen) <= set(VISUAL_BUDGETS):
        raise argparse.ArgumentTypeError(f"{value!r} contains values other than {', '.join(map(str, VISUAL_BUDGETS))}")
    return chosen


def _peer(value: str) -> tuple[str, Path | None]:
    try:
        return peer_of(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def peer_of(value: str) -> tuple[str, Path | None]:
    """A peer as it was typed: ``transformers``, ``llama.cpp``, a Python, or ``NAME=PYTHON``. Raises ``ValueError``."""
    if value == TRANSFORMERS:
        return TRANSFORMERS, None
    if value == "llama.cpp":
        return "llama.cpp", Path(sys.executable)
    name, _, python = value.rpartition("=")
    if not Path(python).is_file():
        raise ValueError(f"{python!r} is neither a Python program nor the name of a peer")
    return name or "llama.cpp", Path(python)
