"""The token that every request has to carry: random, in a file that only this user may read."""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
from pathlib import Path

from app import paths
from model import atomic
from model.errors import LecternError
from model.messages import msg

_FORM = re.compile(r"lectern-[A-Za-z0-9_-]{43}")


def token_path() -> Path:
    """Where it is."""
    return paths.data_dir() / "api-token"


def read_token(path: Path | None = None, *, new: bool = False) -> tuple[str, bool]:
    """The token, and whether it was made now: at the first use, with ``new``, or where others could read the file.

    Raises ``LecternError`` where it cannot be kept.
    """
    path = path or token_path()
    if not new and (known := _known(path)):
        return known, False
    token = f"lectern-{secrets.token_urlsafe(32)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # what others may read keeps its mode when it is replaced
        with atomic.replacing(path) as temporary:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as out:
                out.write(f"{token}\n")
    except OSError as error:
        raise LecternError(
            msg(
                "api.token-not-kept",
                "The access token for the API cannot be written to {path} ({why}).",
                path=path,
                why=error.strerror or error,
            )
        ) from error
    return token, True


def _known(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            return ""
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if _FORM.fullmatch(text) else ""


def is_token(given: str, token: str) -> bool:
    """Whether a request carries the token; takes as long for a wrong one as for the right one."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
