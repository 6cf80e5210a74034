"""``/v1/files``: uploads, streamed to the disk as they come; what is in them is parsed in the child process only."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from app.server.errors import ApiError
from app.server.http import GoneError, Json
from app.server.service import Service
from app.server.uploads import Upload, safe_name

_PIECE = 1 << 20


async def upload(request: Request) -> Response:
    """Take a file."""
    return Json((await received(request)).as_json())


async def received(request: Request) -> Upload:
    """The file of a form. Raises ``ApiError``, ``GoneError``."""
    service: Service = request.app.state.service
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        words = "Send the file as a form (multipart/form-data) with the fields file and purpose."
        raise ApiError(415, words, "content_type")
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file, purpose = form.get("file"), form.get("purpose", "user_data")
            if file is None or isinstance(file, str):
                raise ApiError(400, "The form has no field “file” with a file in it.", "file_missing", param="file")
            name = safe_name(file.filename or "")
            place = service.uploads.begin()
            try:
                content = service.uploads.content(place, name)
                await service.documents.run(lambda: _copy(file.file, content))
                about = str(purpose)[:40] if isinstance(purpose, str) else "user_data"
                return await service.documents.run(lambda: service.uploads.finish(place, content, name, about))
            except BaseException:
                service.uploads.discard(place)
                raise
    except MultiPartException as error:
        raise ApiError(400, f"The form cannot be read: {error.message.rstrip('.')}.", "form") from None
    except ClientDisconnect:
        raise GoneError from None
    except OSError as error:
        raise ApiError(507, f"The file could not be stored ({error.strerror or error}).", "disk.full") from error


def _copy(source: BinaryIO, target: Path) -> None:
    with target.open("wb") as out:
        while piece := source.read(_PIECE):
            out.write(piece)


async def all_files(request: Request) -> Response:
    """Every upload."""
    service: Service = request.app.state.service
    return Json({"object": "list", "data": [one.as_json() for one in service.uploads.all()], "has_more": False})


async def about(request: Request) -> Response:
    """One upload."""
    service: Service = request.app.state.service
    return Json(service.uploads.get(request.path_params["id"]).as_json())


async def content(request: Request) -> Response:
    """The bytes of an upload, as a download and never as a page."""
    service: Service = request.app.state.service
    found = service.uploads.get(request.path_params["id"])
    return FileResponse(found.path, media_type="application/octet-stream", filename=found.name)


async def delete(request: Request) -> Response:
    """Delete an upload, and what was read of it in this process; cached data has its own endpoint."""
    service: Service = request.app.state.service
    gone = service.uploads.delete(request.path_params["id"])
    with contextlib.suppress(ApiError):
        service.documents.drop(gone.sha256)
    return Json({"id": gone.id, "object": "file", "deleted": True})
