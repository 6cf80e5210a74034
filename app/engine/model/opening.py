"""Opens a model. Torch is imported here and nowhere else in the application, by the thread that calls.

The window's model thread and the command line both come through ``open_engine``. The sample model is the one
that came with the application, else a tiny one with random weights, which is written into the cache at its
first use. The note of each is ``app.library.models.sample_note``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from app import paths
from app.engine.model import protocols
from app.library import models
from app.library.checksums import check_once
from app.library.model_ref import LocalFolder, ModelRef, RemoteModel
from app.library.settings import Settings
from model.cancel import NEVER, Cancel
from model.checkpoint.folder_names import MANIFEST, actual_folder
from model.errors import CancelledError, CheckpointError, OutOfMemoryError
from model.memory import machine_memory
from model.messages import msg
from model.types import CacheSettings, Format, LoadProgress

_BLOCK = 4 << 20


def open_engine(
    model: ModelRef,
    on_progress: Callable[[LoadProgress], None] | None = None,
    cancel: Cancel | None = None,
    *,
    device: str | None = None,
    lookup: bool | None = None,
) -> protocols.Engine:
    """The engine for ``model``. Raises ``LecternError``.

    ``lookup``: whether words are drafted from the documents; ``None``: as in the settings.
    """
    named = actual_folder(model.path) if isinstance(model, LocalFolder) else None
    if named is not None and (problem := models.problem_of(named)):
        raise CheckpointError(problem)
    report = on_progress or (lambda progress: None)
    if isinstance(model, RemoteModel):
        from app.engine.remote.engine import RemoteEngine

        return RemoteEngine.open(model, report, cancel or NEVER)
    report(LoadProgress(msg("stage.starting", "Starting the model"), 0, 0))
    first = "torch" not in sys.modules
    if first and threading.current_thread() is not threading.main_thread():
        read_ahead()
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or torch.get_num_threads()))
    if cancel is not None and cancel.is_set():
        raise CancelledError(msg("cancelled.loading", "Loading was stopped."))
    if named is not None:
        refuse_too_large(named, device)
        check_once(named, report, cancel)
    folder = named or ensure_sample_model(report)
    from model.engine.engine import Engine

    if first and not gc.isenabled():
        # 150,000 objects that live as long as the process: the window's collector need not look at them each time.
        gc.freeze()
    settings = Settings.load()
    drafts = settings.lookup if lookup is None else lookup
    return Engine.open(
        folder,
        device=device,
        store=paths.quantised_store(),
        cache=cache_settings(folder, settings, device),
        lookup=drafts,
        adapters=model.adapters if isinstance(model, LocalFolder) else (),
        drafter=models.drafter_of(folder) if drafts else None,
        on_progress=on_progress,
        cancel=cancel,
    )


def quantise_model(
    folder: Path,
    on_progress: Callable[[LoadProgress], None],
    cancel: Cancel | None = None,
    fmt: Format | None = None,
) -> Path:
    """The 4-bit form of the published model in ``folder``, made now where it is not there. Raises ``LecternError``.

    ``fmt``: the number format, by default those that the model was trained for.
    """
    folder = actual_folder(folder)
    if problem := models.problem_of(folder):
        raise CheckpointError(problem)
    check_once(folder, on_progress, cancel)
    from model.checkpoint.opening import quantised_form
    from model.checkpoint.published import PublishedFolder

    if (folder / MANIFEST).is_file():
        return folder
    try:
        return quantised_form(PublishedFolder(folder), paths.quantised_store(), 8, on_progress, cancel, fmt)
    except OSError as error:
        raise CheckpointError(
            msg(
                "folder.unusable",
                "{path} cannot be used ({why}).",
                path=error.filename or folder,
                why=error.strerror or error,
            )
        ) from error


def cache_settings(folder: Path, settings: Settings, device: str | None) -> CacheSettings:
    """Where documents are cached and how much they may take beside the model in ``folder``. Raises ``LecternError``."""
    from app.library.budgets import budgets

    found = budgets(settings, models.model_needs(folder).weights, device_memory(device))
    # Without room on the disk nothing is written at all, instead of written and deleted.
    place = paths.engine_cache() if found.disk else None
    return CacheSettings(place, found.ram, found.disk, settings.document_int8)


def refuse_too_large(folder: Path, device: str | None) -> None:
    """Raises ``OutOfMemoryError`` where this machine's memory cannot hold what every token of the model needs."""
    from app.library.fitting import fit

    if device_memory(device) is not None:
        return
    needed, memory = models.model_needs(folder), machine_memory()
    least = needed.streaming.memory if needed.streaming else needed.memory - needed.kv_cache
    if least > memory.total:
        raise OutOfMemoryError(fit(needed.memory, 0, asdict(memory), {"kind": "cpu"}, 0)[1])


def device_memory(device: str | None) -> int | None:
    """Bytes of the graphics card that will be used; ``None`` where it is the machine's own memory."""
    import torch

    if (device or "cuda").startswith("cuda") and torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return None


def read_ahead() -> None:
    """Bring torch's libraries into memory before they are imported, while the window stays responsive.

    Loading a library holds Python's lock all the time that the disk takes; reading a file does not.
    """
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    buffer = bytearray(_BLOCK)
    for path in sorted((Path(spec.origin).parent / "lib").glob("*")):
        if path.suffix in (".so", ".dll", ".dylib") and "cuda" not in path.name:  # CUDA's are loaded when needed
            with contextlib.suppress(OSError), path.open("rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass


def ensure_sample_model(report: Callable[[LoadProgress], None]) -> Path:
    """The sample model's folder; the random one is written now if it is not there or damaged."""
    folder = models.sample_model_folder()
    if not models.problem_of(folder):
        return folder
    report(LoadProgress(msg("stage.writing-sample", "Writing the sample model"), 0, 0))
    from model.synthetic.writing import write_checkpoint

    # Two processes may come here together: each writes its own, and the first to rename wins.
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        write_checkpoint(temporary, "tiny")
        if folder.exists() and models.problem_of(folder):
            shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            temporary.rename(folder)
    except OSError as error:
        if models.problem_of(folder):
            raise CheckpointError(
                msg(
                    "sample.not-written",
                    "The sample model could not be written to {folder} ({why}); free some disk space there.",
                    folder=folder,
                    why=error.strerror,
                )
            ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder
