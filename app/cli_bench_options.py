"""The options of ``lectern bench``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from model.types import VISUAL_BUDGETS

PARTS = ("ingest", "opening", "prefill", "decode", "second", "vision")
SHAPES = ("tiny", "26b", "31b")

_ABOUT = """\
Measure this machine: opening a model, prefill and decode by depth, the next question about a document, the vision
tower, and how fast files are read, each with warm-up and repeats. Nothing is sent anywhere.

The column "of limit" is the share of what this machine's own memory bandwidth and bf16 matrix rate, measured in the
same run, would allow: bytes and operations are counted from the model's configuration."""

_ENDING = """\
Peers run in the same run, one after the other, on a file of the same shape with random weights:
  --peer transformers         stock transformers in bf16, as far as it fits into memory
  --peer PYTHON               llama.cpp, through a Python that has the package llama-cpp-python
  --peer NAME=PYTHON          the same under a name of its own; --peer llama.cpp takes this Python

  lectern bench --quick
  lectern bench --model FOLDER --only prefill decode --prefill 512,2048,8192 --depths 0,4096
  lectern bench --shape 26b --layers 6 --work DIR --peer venv/bin/python --plot bench.svg

Close other programs first. Ctrl-C stops. The exit status is 0 where everything was measured that was asked for."""


def add_bench(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    bench = commands.add_parser(
        "bench",
        help="measure this machine with a model",
        description=_ABOUT,
        epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = bench.add_mutually_exclusive_group()
    source.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: as for ask)")
    source.add_argument("--shape", choices=SHAPES, help="a model with random weights, written for this run")
    bench.add_argument("--layers", type=_count, metavar="N", help="with --shape: so many text layers")
    bench.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)} (default: all)"
    )
    bench.add_argument("--quick", action="store_true", help="small sizes, one repeat: half a minute, and rough")
    bench.add_argument("--repeats", type=_count, default=3, metavar="N", help="repeats of each (default: 3)")
    bench.add_argument("--prefill", type=_list(1, 1 << 20), metavar="N,…", help="tokens (default: 512,2048)")
    bench.add_argument("--depths", type=_list(0, 1 << 20), metavar="N,…", help="known tokens (default: 0,4096)")
    bench.add_argument("--budgets", type=_budgets, metavar="N,…", help="visual budgets (default: 70,280)")
    bench.add_argument("--threads", type=_count, metavar="N", help="processor threads (default: as for ask)")
    bench.add_argument("--device", choices=("cpu", "cuda"), help="default: what there is")
    bench.add_argument("--peer", type=_peer, action="append", default=[], metavar="PEER", help="see below; repeatable")
    bench.add_argument("--work", type=Path, metavar="DIR", help="keep generated models here, and use them again")
    bench.add_argument("--plot", type=Path, metavar="SVG", help="draw the figures into a file")
    bench.add_argument("--json", action="store_true", help="one JSON object on standard output, at the end")


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
        raise argparse.ArgumentTypeError(f"{value!r} holds something else than {', '.join(map(str, VISUAL_BUDGETS))}")
    return chosen


def _peer(value: str) -> tuple[str, Path | None]:
    from app.cli_bench import peer_of

    try:
        return peer_of(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
