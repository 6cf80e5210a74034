"""``lectern forget``: delete the cached data of files that were read."""

from __future__ import annotations

import argparse
from pathlib import Path

from app import paths
from app.cli.common.arguments import UsageError
from app.cli.common.terminal import say
from app.engine.model import kept
from app.text.sizes import size
from model.errors import LecternError
from model.messages import msg


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern forget``."""
    parser.description = (
        "Delete the data Lectern has cached on disk for these files, for all models. "
        "The files themselves are kept; the next question about them reads them again."
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="the files, unchanged since they were read")
    parser.add_argument("--all", action="store_true", help="delete the cached data of all files")


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.all == bool(options.files):
        raise UsageError("forget needs either files or --all")
    if options.all:
        try:
            _report(kept.forget_all())
        except OSError as error:
            raise LecternError(
                msg(
                    "cache.not-emptied",
                    "{folder} could not be emptied: {why}.",
                    folder=paths.documents_store(),
                    why=error.strerror,
                )
            ) from error
        return 0
    keys, failed = [], False
    for path in options.files:
        try:
            keys.append(kept.file_key(path))
        except OSError as error:
            failed = True
            say(f"lectern: {path}: The file could not be opened ({error.strerror}); --all deletes everything.")
    _report(kept.forget(keys))
    return 1 if failed else 0


def _report(freed: int) -> None:
    print(f"Deleted: {size(freed)} freed." if freed else "Nothing was cached.", flush=True)
