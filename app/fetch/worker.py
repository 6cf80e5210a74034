"""The process that fetches a model's files. It alone of all of Lectern opens connections, and it reads no documents.

Each file is written as ``NAME.part``, continued where it was cut off, compared with the checksum that the server gives,
and only then renamed. The revision is stored beside the files, so that a download that is continued a month later is
still of the same model. Addresses, mirrors, proxies and tokens are huggingface_hub's business.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.limits import MAX_MESSAGE_BYTES
from app.ingest.process.protocol import decode, encode
from app.ingest.process.serving import end_with_parent
from app.library.importing import check_room
from model import atomic
from model.errors import CheckpointError, LecternError
from model.messages import Message, msg

REVISION = "revision.json"
PART = ".part"
BEAT_S = 0.25
_ATTEMPTS = 3
_SILENCE_S = 30.0
"""How long a server may be silent."""
_PARTIAL_CONTENT = 206
_STEP = 64 << 10
_BLOCK = 4 << 20
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN")
"""Switches that the rest of Lectern sets, and that this process takes back."""
_SWITCHES = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    # The second protocol of that library's server keeps no part of a file that can be gone on with.
    "HF_HUB_DISABLE_XET": "1",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    sha256: str
    """Of the contents; empty for a small file, whose ``blob`` the server names instead."""
    blob: str
    """Git's SHA-1 of it."""


def fetch(connection: Connection) -> None:
    """The process: one request, then its end.

    The request has ``repository`` and ``folder``; progress, in bytes, comes back four times a second, then ``done``
    with the names of the files, or ``failed`` with a sentence.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    for name in _OFFLINE:
        os.environ.pop(name, None)
    os.environ.update(_SWITCHES)
    with contextlib.suppress(EOFError, OSError):
        connection.send_bytes(encode({"kind": "ready"}))
        request = decode(connection.recv_bytes(MAX_MESSAGE_BYTES))
        connection.send_bytes(encode(_answer(request, connection)))


def _answer(request: dict[str, Any], connection: Connection) -> dict[str, Any]:
    import httpx2
    from huggingface_hub import errors

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    repository, folder = request["repository"], Path(request["folder"])
    host = request["host"]
    try:
        names = _fetch_all(repository, folder, lambda done, total: _progress(connection, done, total))
        return {"kind": "done", "names": names}
    except LecternError as error:
        return _failed(error.message)
    except errors.GatedRepoError:
        return _failed(
            msg(
                "get.gated",
                "{host} gives {repository} only to users who have accepted its terms; accept them there, store your "
                "access token with `hf auth login`, and start again.",
                host=host,
                repository=repository,
            )
        )
    except errors.RepositoryNotFoundError:
        return _failed(
            msg("get.not-there", "{host} has no {repository}; choose another model.", host=host, repository=repository)
        )
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        return _failed(
            msg(
                "get.refused",
                "{host} refused the download (status {status}); try again later.",
                host=host,
                status=status,
            )
        )
    except (httpx2.HTTPError, errors.OfflineModeIsEnabled) as error:
        return _failed(
            msg(
                "get.unreachable",
                "{host} cannot be reached ({why}); check the connection, and start again to continue.",
                host=host,
                why=type(error).__name__,
            )
        )
    except OSError as error:
        return _failed(_disk_words(error, folder))
    except Exception as error:
        print(f"lectern: fetching failed: {error!r}", file=sys.stderr)
        return _failed(msg("get.failed", "The download from {host} failed; start it again to continue.", host=host))


def _failed(message: Message) -> dict[str, Any]:
    return {"kind": "failed", "message": message}


def _progress(connection: Connection, done: int, total: int) -> None:
    with contextlib.suppress(OSError):  # the app has gone; the watching thread ends this process
        connection.send_bytes(encode({"kind": "progress", "done": done, "total": total}))


def _disk_words(error: OSError, folder: Path) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return msg(
            "get.disk-full",
            "The disk that holds {folder} is full; free some space, and start the download again to continue.",
            folder=folder.parent,
        )
    return msg(
        "get.not-written",
        "The download could not be written to {folder} ({why}); check the disk, and start again to continue.",
        folder=folder.parent,
        why=error.strerror or type(error).__name__,
    )


def _fetch_all(repository: str, folder: Path, report: Callable[[int, int], None]) -> list[str]:
    """Fetch what of the repository makes up its model; the files' names, the text model first."""
    revision, files = _listed(repository, folder)
    total = sum(one.size for one in files)
    check_room(folder, total)
    with _beating(lambda: report(min(total, _there(folder, files)), total)):
        for one in files:
            _fetch(repository, revision, one, folder)
    report(total, total)
    return [one.name for one in files]


def _listed(repository: str, folder: Path) -> tuple[str, list[_File]]:
    """The revision that is fetched, and its files; what was begun is finished as it was begun."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RevisionNotFoundError

    begun = _begun(folder)
    api = HfApi()
    try:
        info = api.model_info(repository, revision=begun, files_metadata=True)
    except RevisionNotFoundError:
        if begun is None:
            raise
        info = api.model_info(repository, files_metadata=True)
    if info.sha != begun:
        atomic.write(folder / REVISION, json.dumps({"revision": info.sha}))
        for stale in folder.glob(f"*{PART}"):
            stale.unlink()
    files = [
        _File(
            name=one.rfilename,
            size=int(one.size or 0),
            sha256=one.lfs.sha256 if one.lfs is not None else "",
            blob=one.blob_id or "",
        )
        for one in info.siblings or ()
    ]
    return str(info.sha), _wanted(repository, files)


def _begun(folder: Path) -> str | None:
    try:
        revision = json.loads((folder / REVISION).read_text(encoding="utf-8"))["revision"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return revision if isinstance(revision, str) else None


def _wanted(repository: str, files: list[_File]) -> list[_File]:
    """The model's own GGUF file and its mmproj: names only, never paths."""
    found = [one for one in files if one.name.endswith(".gguf") and Path(one.name).name == one.name and one.size > 0]
    seeing = [one for one in found if "mmproj" in one.name.lower()]
    text = sorted(
        (one for one in found if one not in seeing), key=lambda one: ("q4_0" not in one.name.lower(), one.name)
    )
    if not text:
        raise CheckpointError(
            msg("get.no-gguf", "{repository} holds no GGUF file; choose another model.", repository=repository)
        )
    return [*text[:1], *seeing[:1]]


def _there(folder: Path, files: list[_File]) -> int:
    """Bytes that have arrived."""
    found = 0
    for one in files:
        for path in (folder / one.name, folder / f"{one.name}{PART}"):
            with contextlib.suppress(OSError):
                found += path.stat().st_size
    return found


def _fetch(repository: str, revision: str, file: _File, folder: Path) -> None:
    """One file, whole and compared. Damage is fetched once more before it is an error."""
    target, part = folder / file.name, folder / f"{file.name}{PART}"
    if target.exists():
        return
    for _attempt in range(_ATTEMPTS):
        _download(repository, revision, file, part)
        if part.stat().st_size < file.size:
            continue  # the server ended early without a word; what is there is gone on with
        if _is_right(part, file):
            part.rename(target)
            return
        part.unlink()
    raise CheckpointError(
        msg("get.damaged", "Every attempt to download {name} brought a damaged file; try again later.", name=file.name)
    )


def _download(repository: str, revision: str, file: _File, part: Path) -> None:
    """What is missing of one file, with its connection made anew where it breaks and something had come."""
    import httpx2
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]  # public

    address = hf_hub_url(repository, file.name, revision=revision)
    idle = 0
    while (there := part.stat().st_size if part.exists() else 0) < file.size:
        headers = build_hf_headers() | {"Range": f"bytes={there}-", "Accept-Encoding": "identity"}
        try:
            with get_session().stream("GET", address, headers=headers, timeout=_SILENCE_S) as response:
                hf_raise_for_status(response)
                with part.open("ab" if response.status_code == _PARTIAL_CONTENT else "wb") as out:
                    for block in response.iter_bytes(_STEP):
                        out.write(block)
                    out.flush()
                    os.fsync(out.fileno())
            return
        except httpx2.TransportError:
            idle = 0 if part.exists() and part.stat().st_size > there else idle + 1
            if idle == _ATTEMPTS:
                raise


def _is_right(path: Path, file: _File) -> bool:
    if path.stat().st_size != file.size:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb", buffering=0) as data:
        while block := data.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


@contextlib.contextmanager
def _beating(report: Callable[[], None]) -> Iterator[None]:
    """``report`` again and again from another thread: also while the server is silent, so that the app sees life."""
    end = threading.Event()

    def beat() -> None:
        while not end.wait(BEAT_S):
            report()

    thread = threading.Thread(target=beat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
