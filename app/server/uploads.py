"""Files that programs have sent: each in a private folder of its own, under a name that we chose.

The name that came with a file is shown and told to the model, and never becomes a path.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.server.errors import ApiError
from model import atomic

MOST_FILES = 1000
MOST_NAME = 200
_ID = re.compile(r"file-[0-9a-f]{24}")
_ABOUT, _CONTENT = "about.json", "content"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, or named where the user allowed its folder (``path``)."""

    id: str
    name: str
    bytes: int
    created: int
    purpose: str
    sha256: str
    path: str

    def as_json(self) -> dict[str, object]:
        """As OpenAI describes a file."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.bytes,
            "created_at": self.created,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        }


def safe_name(name: str) -> str:
    """The name of a file, as it came. Raises ``ApiError`` where it is a path, or could be taken for one."""
    if not name.strip() or len(name) > MOST_NAME:
        raise ApiError(400, f"A file needs a name of 1 to {MOST_NAME} characters.", "file_name", param="file")
    if name.strip() in (".", "..") or any(letter in "/\\\0:" or not letter.isprintable() for letter in name):
        words = "The file's name may not hold slashes, colons or control characters; send the name without its folder."
        raise ApiError(400, words, "file_name", param="file")
    return name


class Uploads:
    """All of them, below one folder. For the server's loop only."""

    def __init__(self, folder: Path, allowed: tuple[Path, ...] = ()) -> None:
        self._folder = folder
        self._allowed = tuple(one.resolve() for one in allowed)
        self._named: dict[str, Upload] = {}

    def begin(self) -> Path:
        """A private place for a file that is coming. Raises ``ApiError``."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if sum(1 for _ in self._folder.iterdir()) >= MOST_FILES:
                words = f"There are {MOST_FILES:,} files already; delete some."
                raise ApiError(409, words, "too_many_files")
            place = self._folder / f"file-{secrets.token_hex(12)}"
            place.mkdir(mode=0o700)
        except OSError as error:
            raise _no_room(error) from error
        return place

    def content(self, place: Path, name: str) -> Path:
        """The file to write in a place from ``begin``; its ending helps to tell what it is."""
        suffix = Path(name).suffix.lower()
        return place / f"{_CONTENT}{suffix if _SUFFIX.fullmatch(suffix) else ''}"

    def finish(self, place: Path, content: Path, name: str, purpose: str) -> Upload:
        """The file is whole. Raises ``ApiError``."""
        try:
            size = content.stat().st_size
            if not size:
                raise ApiError(400, "The file is empty.", "file.empty", param="file")
            with content.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            upload = Upload(place.name, name, size, int(time.time()), purpose, digest, str(content))
            atomic.write(place / _ABOUT, json.dumps(asdict(upload) | {"path": content.name}))
        except OSError as error:
            raise _no_room(error) from error
        return upload

    def discard(self, place: Path) -> None:
        """A file did not come whole."""
        shutil.rmtree(place, ignore_errors=True)

    def named(self, path: str) -> Upload:
        """A file of the user's own, without a copy. Raises ``ApiError`` outside the folders that the user allowed."""
        words = "Lectern was not allowed to read this path; upload the file, or start `lectern serve --allow FOLDER`."
        refused = ApiError(403, words, "path_refused", param="path")
        if "\0" in path or not self._allowed:
            raise refused
        try:
            real = Path(path).resolve(strict=True)
            if not any(real.is_relative_to(folder) for folder in self._allowed) or not real.is_file():
                raise refused
            with real.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            about = real.stat()
        except (OSError, ValueError, RuntimeError):
            raise refused from None
        return Upload(f"file-{digest[:24]}", real.name, about.st_size, int(about.st_mtime), "path", digest, str(real))

    def keep(self, upload: Upload) -> Upload:
        """Remember a file that was named, for as long as this process runs."""
        if len(self._named) >= MOST_FILES:
            del self._named[next(iter(self._named))]
        self._named[upload.id] = upload
        return upload

    def get(self, id: str) -> Upload:
        """The file with this id. Raises ``ApiError``."""
        missing = ApiError(404, "There is no file with this id.", "file_not_found")
        if id in self._named:
            return self._named[id]
        if not _ID.fullmatch(id):
            raise missing
        place = self._folder / id
        try:
            about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
            upload = Upload(**(about | {"path": str(place / Path(about["path"]).name)}))
        except (OSError, ValueError, TypeError, KeyError):
            raise missing from None
        return upload

    def all(self) -> list[Upload]:
        """Every file, the newest first."""
        found = list(self._named.values())
        for place in self._folder.iterdir() if self._folder.is_dir() else ():
            try:
                found.append(self.get(place.name))
            except ApiError:
                continue
        return sorted(found, key=lambda one: (-one.created, one.id))

    def delete(self, id: str) -> Upload:
        """Delete a file that was sent. Raises ``ApiError``."""
        upload = self.get(id)
        if self._named.pop(id, None) is not None:  # the user's own file stays
            return upload
        self.discard(self._folder / id)
        return upload


def _no_room(error: OSError) -> ApiError:
    return ApiError(507, f"The file could not be stored ({error.strerror or error}).", "disk.full")
