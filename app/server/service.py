"""All that the endpoints and the MCP server share: the model's queue, files, documents, and calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from app import paths
from app.server.errors import ApiError
from app.server.openai.functions import Calls
from app.server.openai.memory import Memory
from app.server.openai.prompting import Prompting
from app.server.queue import ModelQueue, Source
from app.server.reading import Documents
from app.server.uploads import Upload, Uploads
from model.types import ModelInfo

ANY_MODEL = frozenset(["", "lectern", "default"])
"""Names that mean the open model, whichever it is."""
_log = logging.getLogger(__name__)


class Service:
    """For one event loop; ``close`` ends its processes and leaves the model alone."""

    def __init__(self, source: Source, *, folder: Path | None = None, allowed: Sequence[Path] = ()) -> None:
        """``folder``: where uploads are stored. ``allowed``: folders whose files may be named by their path."""
        self.queue = ModelQueue(source)
        self.documents = Documents()
        self.uploads = Uploads(folder or paths.data_dir() / "uploads", tuple(allowed))
        self.calls = Calls()
        self.prompting = Prompting(self.documents, self.uploads, self.calls)
        self.memory = Memory()
        self.started = int(time.time())

    def model(self, name: str) -> ModelInfo:
        """The open model, where it is called so. Raises ``ApiError``."""
        info = self.queue.info
        if name not in ANY_MODEL and name != info.name:
            words = f"The open model is {info.name}, and no other; “lectern” is the name of whichever is open."
            raise ApiError(404, words, "model_not_found", param="model")
        return info

    async def named(self, path: str) -> Upload:
        """A file of the user's own in a folder that was allowed. Raises ``ApiError``."""
        return self.uploads.keep(await self.documents.run(lambda: self.uploads.named(path)))

    def close(self) -> None:
        """End the reading processes."""
        self.documents.close()
