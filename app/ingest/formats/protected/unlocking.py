"""Office files that need a password, unlocked: those of today ([MS-OFFCRYPTO], agile and standard encryption) and older
workbooks. What was unlocked lies in the temporary folder of the confined process, and only as long as it is read.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from app.ingest.attached import MAX_ATTACHED_BYTES
from app.ingest.compound import MAGIC
from app.ingest.filekind import Form
from app.ingest.kinds import sniff, too_large
from app.ingest.view.types import password_error
from model.errors import IngestError
from model.messages import msg

_OLDER = "xls"
_FORMS = ("encrypted", "docx", "xlsx", "pptx", _OLDER)
"""Formats of files that may need a password, before and after it is known what is inside."""

_INSIDE = ("word", "sheet", "slides")
_MOST_ROUNDS = 1_000_000
"""Of hashing the password, ten times what Office does; each million takes about a second."""

_USUAL = "VelvetSweatshop"
"""With it Excel encrypts what is only protected from changes, and opens it without asking."""

_DAMAGED = msg("file.incomplete", "The file is damaged or incomplete; try to get it again from its source.")
_UNUSUAL = msg(
    "protected.unusual",
    "The file is encrypted in a way that cannot be opened here; save it without a password and read that.",
)


@contextmanager
def unlocked(path: Path, form: str, password: str | None) -> Iterator[tuple[Path, str]]:
    """The file and its format; where it is encrypted those of a copy that is not. Raises ``IngestError``."""
    data = _decrypted(path, form, password)
    if data is None:
        yield path, form
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "unlocked"
        copy.write_bytes(data)
        inner = sniff(copy)
        if inner.kind not in _INSIDE:
            raise IngestError(_DAMAGED)
        yield copy, inner.format


def what_it_is(path: Path, form: str, password: str | None) -> Form:
    """The form of what is inside. Raises ``IngestError``."""
    with unlocked(path, form, password) as (copy, _):
        return sniff(copy)


def _decrypted(path: Path, form: str, password: str | None) -> bytes | None:
    """The file without encryption; nothing where it has none."""
    if form not in _FORMS:
        return None
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return None
        office = _encrypted(file, form)
        return _opened(office, form, password) if office is not None else None


def _encrypted(file: BinaryIO, form: str) -> Any:
    """The file to be unlocked, where it is an encrypted one."""
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError

    try:
        office = OfficeFile(file)
        if form == _OLDER and not office.is_encrypted():
            return None
    except MemoryError:
        raise
    except DecryptionError:
        raise IngestError(_UNUSUAL) from None
    except Exception:  # msoffcrypto and olefile raise nearly anything on damaged data
        if form == _OLDER:
            return None  # its own reader tells what is wrong
        raise IngestError(_DAMAGED) from None
    if form != _OLDER and office.info.get("spinValue", 0) > _MOST_ROUNDS:
        raise IngestError(_UNUSUAL)
    return office


def _opened(office: Any, form: str, password: str | None) -> bytes:
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    checked: dict[str, Any] = {} if form == _OLDER else {"verify_password": True}  # older ones always are
    for key in (password, _USUAL) if password else (_USUAL,):
        made = io.BytesIO()
        try:
            try:
                office.load_key(password=key, **checked)
            except InvalidKeyError:
                continue
            office.decrypt(made)
        except InvalidKeyError:  # the password is right, so it is the contents that are not
            raise IngestError(_DAMAGED) from None
        except (IndexError, DecryptionError, UnicodeError):  # old kinds of encryption know short passwords only
            if key == _USUAL:
                continue
            raise IngestError(_UNUSUAL) from None
        except MemoryError:
            raise
        except Exception:  # msoffcrypto and olefile raise nearly anything on damaged data
            raise IngestError(_DAMAGED) from None
        if made.tell() > MAX_ATTACHED_BYTES:
            raise IngestError(too_large(MAX_ATTACHED_BYTES))
        return made.getvalue()
    raise password_error(password)
