"""The application's end of the process that fetches: started by the user's click, listened to, ended by a cancel.

Files arrive in ``NAME.download.partial`` below the user's models, which is not listed as a model. An interrupted
download is continued by the next try.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app import paths
from app.fetch import worker
from app.fetch.catalogue import Offer, host
from app.ingest.limits import Timeouts
from app.ingest.process.child import LostError
from app.ingest.process.client import Client, Fields
from app.ingest.process.protocol import ProtocolError, integer_of, message_of
from app.library.importing import PARTIAL, check_room, why_not_copied
from app.library.policy import policy
from model.cancel import NEVER, Cancel
from model.errors import CancelledError, CheckpointError, IngestError
from model.messages import msg
from model.types import LoadProgress

TIMEOUTS = Timeouts(unit_s=120.0)
"""The process reports four times a second, whatever the network does."""
DOWNLOADING = "stage.downloading"
"""The code of the stage in which there is a connection."""
_MOST = 1 << 50
OnProgress = Callable[[LoadProgress], None]


def may_fetch() -> bool:
    """Whether this build can fetch models, and the administrator allows it."""
    import importlib.util

    return policy().download and importlib.util.find_spec("huggingface_hub") is not None


def folder_for(offer: Offer) -> Path:
    """Where an offer's files arrive."""
    return paths.models_dir() / f"{offer.repository.rpartition('/')[2]}.download{PARTIAL}"


def fetch(offer: Offer, on_progress: OnProgress, cancel: Cancel = NEVER) -> list[Path]:
    """Fetch the files of ``offer``; the text model's first, all whole and compared with their sums.

    Raises ``CheckpointError`` with one sentence, and ``CancelledError``; both leave what arrived for another try.
    """
    if not may_fetch():
        raise CheckpointError(
            msg(
                "get.forbidden",
                "Downloading models is switched off on this machine; import a model from a USB drive, or ask your "
                "administrator.",
            )
        )
    folder = folder_for(offer)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, offer.download + offer.needs.disk)
    except OSError as error:
        raise CheckpointError(why_not_copied(error, folder.parent)) from error
    stage = msg("stage.downloading", "Downloading the model from {host}", host=host())
    names: list[str] = []
    ended = False

    def take(message: Fields) -> None:
        nonlocal ended
        match message["kind"]:
            case "progress":
                done, total = integer_of(message, "done", 0, _MOST), integer_of(message, "total", 0, _MOST)
                on_progress(LoadProgress(stage, done, total))
            case "done":
                names.extend(_names(message))
                ended = True
            case "failed":
                raise IngestError(message_of(message, "message"))
            case kind:
                raise ProtocolError(f"{kind} was not expected.")

    on_progress(LoadProgress(stage, 0, 0))
    client = Client(worker.fetch, TIMEOUTS)
    request = {"kind": "fetch", "repository": offer.repository, "folder": str(folder), "host": host()}
    try:
        client.follow(request, cancel, take, lambda: ended)
    except IngestError as error:
        raise CheckpointError(error.message) from None
    except LostError as error:
        raise CheckpointError(
            msg("get.lost", "The download stopped unexpectedly; start it again to continue.")
        ) from error
    except CancelledError:
        raise CancelledError(
            msg("cancelled.getting", "The download was stopped; start it again to continue from here.")
        ) from None
    finally:
        client.close()
    return [folder / name for name in names]


def _names(message: Fields) -> list[str]:
    names = message.get("names")
    if not isinstance(names, list) or not 1 <= len(names) <= 2:
        raise ProtocolError("names is not a list of one or two.")
    if any(not isinstance(name, str) or Path(name).name != name or not name.endswith(".gguf") for name in names):
        raise ProtocolError("A name is none of a GGUF file.")
    return [str(name) for name in names]
