"""Where a command may write: checked before anything is read, so that neither work nor a file of the user is lost."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.cli.common.arguments import UsageError
from app.cli.common.terminal import say
from model.errors import LecternError
from model.messages import msg


class OutputError(LecternError):
    """A file that cannot or may not be written; one sentence."""


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """``--overwrite``: without it, no command replaces a file."""
    parser.add_argument("--overwrite", action="store_true", help="overwrite existing files")


def check_output(path: Path, inputs: Iterable[Path], *, overwrite: bool) -> None:
    """Raise ``OutputError`` where ``path`` is one of ``inputs``, cannot be written, or exists without ``overwrite``.

    What is neither a file nor a folder (a pipe, ``/dev/null``) holds nothing that could be lost.
    """
    whole = path.absolute()
    check_not_input(path, inputs)
    if path.is_dir():
        raise OutputError(msg("output.is-folder", "{path} cannot be written: it is a folder.", path=whole))
    if not whole.parent.is_dir():
        raise OutputError(
            msg(
                "output.no-folder",
                "{path} cannot be written: there is no such folder. Create it first, or choose another.",
                path=whole,
            )
        )
    if not os.access(path if path.exists() else whole.parent, os.W_OK):
        raise OutputError(msg("output.no-permission", "{path} cannot be written: permission denied.", path=whole))
    if path.is_file() and not overwrite:
        raise exists(path)


def check_not_input(path: Path, inputs: Iterable[Path]) -> None:
    """Raise ``OutputError`` where ``path`` is one of ``inputs``; ``--overwrite`` does not change that."""
    if any(_same(path, one) for one in inputs):
        raise OutputError(
            msg("output.is-input", "{path} is read, so it cannot be written to; choose another name.", path=path)
        )


def check_folder(path: Path) -> None:
    """Raise ``OutputError`` where the folder ``path`` is not there and could not be created in an existing one."""
    if not path.is_dir():
        check_output(path, (), overwrite=False)


def check_suffix(path: Path, suffixes: Sequence[str], option: str) -> None:
    """Raise ``UsageError`` where a file's name does not end in one of ``suffixes``, which choose its form."""
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{option} needs a name that ends in {' or '.join(suffixes)}, not {path.name}")


def is_file_name(path: Path) -> bool:
    """Whether ``path`` is called like a file and is no folder, so that it cannot be meant as one."""
    from app.ingest.kinds import SUFFIXES

    return path.suffix.lower() in {*SUFFIXES, ".srt", ".vtt"} and not path.is_dir()


def make_folder(folder: Path) -> None:
    """Create the folder for several files, or one in it. Raises ``OutputError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            msg(
                "output.folder",
                "The folder {folder} cannot be created: {why}.",
                folder=folder,
                why=error.strerror or error,
            )
        ) from None


def exists(path: Path) -> OutputError:
    """The error about a file that would be replaced."""
    return OutputError(msg("output.exists", "{path} already exists; use --overwrite to replace it.", path=path))


def saved(path: Path) -> None:
    """Say that a file was written."""
    say(f"lectern: Saved as {path}")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()
