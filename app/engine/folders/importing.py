"""A model from elsewhere into the user's models folder: a folder is copied, a GGUF file is converted.

A GGUF model is written below ``NAME.partial`` and gets its name when all of it is there; what was cut off is gone on
with by the next try. Torch is imported here, by the thread that calls, and only for GGUF.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app import paths
from app.library.importing import PARTIAL, check_room, import_model, why_not_copied
from app.library.models import gguf_file_of, problem_of
from model.cancel import Cancel
from model.errors import CheckpointError
from model.messages import msg
from model.types import LoadProgress


def import_any(
    source: Path,
    into: Path | None = None,
    on_progress: Callable[[LoadProgress], None] = lambda progress: None,
    cancel: Cancel | None = None,
    mmproj: Path | None = None,
) -> Path:
    """Bring the model in ``source``, a folder or a GGUF file, below ``into`` (default: the user's models).

    ``mmproj`` is the GGUF file with the vision tower, where it is not beside the model's. Returns the new
    folder. Raises ``CheckpointError`` or ``UnsupportedModelError`` with one sentence, and ``CancelledError``; all
    leave what was written for another try.
    """
    file = gguf_file_of(source)
    if file is None:
        return import_model(source, into, on_progress, cancel)
    root = into or paths.models_dir()
    on_progress(LoadProgress(msg("stage.starting", "Starting the model"), 0, 0))
    from model.checkpoint.gguf.conversion import convert, stored_bytes
    from model.checkpoint.gguf.model import find_gguf

    try:
        model = find_gguf(file, mmproj)
        target = root / model.name
        if target.exists():
            raise CheckpointError(
                msg(
                    "import.exists",
                    "{folder} exists already; remove it first, or choose it as the model.",
                    folder=target,
                )
            )
        partial = root / f"{target.name}{PARTIAL}"
        partial.mkdir(parents=True, exist_ok=True)
        check_room(partial, stored_bytes(model))
        convert(model, partial, on_progress, cancel)
        if problem := problem_of(partial):
            raise CheckpointError(problem)
        partial.rename(target)
    except OSError as error:
        raise CheckpointError(why_not_copied(error, root)) from error
    return target
