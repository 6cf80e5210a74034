"""A model from the internet into the user's models folder: fetched, imported, and its download deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from app.engine.folders.importing import import_any
from app.fetch.catalogue import Offer
from app.fetch.fetching import fetch, folder_for
from model.cancel import NEVER, Cancel
from model.types import LoadProgress


def get_model(
    offer: Offer, on_progress: Callable[[LoadProgress], None] = lambda progress: None, cancel: Cancel = NEVER
) -> Path:
    """Fetch ``offer`` and import it; the new folder.

    Both steps go on where an earlier try ended. Raises as ``fetch`` and ``import_any``.
    """
    text, *others = fetch(offer, on_progress, cancel)
    target = import_any(text, None, on_progress, cancel, *others)
    shutil.rmtree(folder_for(offer), ignore_errors=True)
    return target
