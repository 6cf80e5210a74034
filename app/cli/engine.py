"""The model that a command asks for, open for as long as the command needs it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.terminal import Status, say
from app.library.model_ref import LocalFolder, SampleModel
from app.library.models import model_to_open, sample_note
from app.library.settings import Settings
from model.cancel import Cancel

if TYPE_CHECKING:
    from model.engine.engine import Engine


@contextmanager
def opened(options: argparse.Namespace, cancel: Cancel, status: Status) -> Iterator[Engine]:
    """The engine of ``--model``, else of the model that was last open. Raises ``LecternError``."""
    from app.engine.model.opening import open_engine

    model = LocalFolder(options.model) if options.model else model_to_open(Settings.load()) or SampleModel()
    lookup = getattr(options, "lookup", None)  # only ``ask`` has this option
    try:
        engine = open_engine(model, status.loading, cancel, device=options.device, lookup=lookup)
    finally:
        status.clear()
    try:
        if engine.info.sample:
            say(
                f"lectern: This is the sample model. {sample_note(engine.info.folder)} Use --model DIR for another one."
            )
        for remark in engine.info.remarks:
            say(f"lectern: {remark}")
        yield engine
    finally:
        engine.close()
