"""``lectern forget``: delete the cached data of files that were read."""

from __future__ import annotations

import argparse

from app import paths
from app.cli.terminal import say
from app.engine.model import kept
from app.text.sizes import size
from model.errors import LecternError


def forget(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.all:
        try:
            _report(kept.forget_all())
        except OSError as error:
            raise LecternError(f"{paths.documents_store()} could not be emptied: {error.strerror}.") from error
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
