"""``lectern serve``: answers for other programs on this machine, in the form that OpenAI's clients understand."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.common.arguments import add_model
from app.cli.common.engine import chosen_model
from app.cli.common.terminal import Status, say, stoppable
from app.library.model_ref import ModelRef
from app.library.models import sample_note
from model.errors import LecternError
from model.messages import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.engine.model.protocols import Engine
    from model.cancel import Cancel
    from model.types import LoadProgress

_POLL_S = 0.2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern serve``."""
    parser.description = (
        "Answer other programs on this machine, through an API that works with OpenAI's clients. It listens on "
        "127.0.0.1 only, and every request needs the token. /docs in a browser describes it."
    )
    parser.epilog = "Ctrl-C stops it. The window offers the same under Tools → API."
    parser.add_argument("--port", type=port, metavar="N", help="the port (default: 8571; 0: any free one)")
    parser.add_argument(
        "--allow",
        action="append",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="programs may name files in this folder instead of uploading them; repeat the option for several folders",
    )
    parser.add_argument("--new-token", action="store_true", help="make a new token; the old one is no longer valid")
    add_model(parser)


def port(value: str) -> int:
    """A port's number."""
    if not value.isdecimal() or int(value) > 65_535:
        raise argparse.ArgumentTypeError(f"{value!r} is not a port from 0 to 65535")
    return int(value)


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.server.model import OwnModel
    from app.server.serving import PORT, Server
    from app.server.token import read_token, token_path

    check_folders(options.allow)
    token, new = read_token(new=options.new_token)
    status = Status()
    source = OwnModel(opener(options))
    with stoppable() as cancel:
        try:
            server = Server(source, token, port=PORT if options.port is None else options.port, allowed=options.allow)
            try:
                info = source.open(chosen_model(options), status.loading, cancel)
                status.clear()
                if info.sample:
                    note = sample_note(info.folder)
                    say(f"lectern: This is the sample model. {note} Name another one with --model DIR.")
                server.start()
                _introduce(server.address, token if new else "", token_path())
                _wait(server.ending, cancel)
            finally:
                status.clear()
                server.end()
        finally:
            source.close()
    return 0


def check_folders(folders: list[Path]) -> None:
    """Raise ``LecternError`` for the first one that is none."""
    for folder in folders:
        if not folder.is_dir():
            raise LecternError(msg("api.no-folder", "{path} is not a folder.", path=folder))


def opener(options: argparse.Namespace) -> Callable[[ModelRef, Callable[[LoadProgress], None], Cancel], Engine]:
    """What opens a model on the device of ``--device``."""

    def open_engine(model: ModelRef, report: Callable[[LoadProgress], None], cancel: Cancel) -> Engine:
        from app.engine.model import opening

        return opening.open_engine(model, report, cancel, device=options.device)

    return open_engine


def _introduce(address: str, token: str, path: Path) -> None:
    """The token is shown once, when it is made."""
    print(f"Address: {address}", flush=True)
    if token:
        print(f"Token: {token}", flush=True)
        say(f"lectern: The token is shown this once; it is also in {path}.")
    else:
        say(f"lectern: The token is in {path}; --new-token makes another one.")
    say("lectern: Ready. Ctrl-C stops it.")


def _wait(ending: threading.Event, cancel: Cancel) -> None:
    while not cancel.is_set() and not ending.wait(_POLL_S):
        pass
