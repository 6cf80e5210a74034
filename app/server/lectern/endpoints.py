"""``/v1/lectern/…`` over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.engine.model import kept
from app.server.errors import ApiError, of_error
from app.server.http import Events, Json, body_of, client_of, event_bytes, unless_gone
from app.server.lectern import work
from app.server.lectern.bodies import (
    AS_USUAL,
    AddBody,
    AskBody,
    CompareBody,
    ExtractBody,
    PinBody,
    Reading,
    ScenesBody,
    TranscriptBody,
)
from app.server.lectern.comparing import comparison
from app.server.lectern.documents import described, documents_of
from app.server.lectern.transcripts import transcript
from app.server.openai.files import received
from app.server.service import Service
from app.server.uploads import Upload
from app.session.export.data import model_text
from model.errors import LecternError


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def add(request: Request) -> Response:
    """Add a file and read it."""
    service = _service(request)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        upload, reading = await received(request), AS_USUAL
    else:
        body = await body_of(request, AddBody)
        if (body.file_id is None) == (body.path is None):
            raise ApiError(400, "Name the file either by file_id or by path.", "file_part")
        path = body.path
        upload = service.uploads.get(body.file_id or "") if path is None else await service.named(path)
        reading = body.reading
    return Json(await unless_gone(request, _read(service, upload, reading)))


async def _read(service: Service, upload: Upload, reading: Reading) -> dict[str, Any]:
    (parsed,) = await documents_of(service, [upload.id], reading)
    return await described(service, upload, parsed)


async def all_documents(request: Request) -> Response:
    """All files, and which of them are read already in this process."""
    service = _service(request)
    parsed = service.documents.parsed()
    rows = [one.as_json() | {"read": one.sha256 in parsed} for one in service.uploads.all()]
    return Json({"object": "list", "data": rows})


async def about(request: Request) -> Response:
    """One document, read where it is not yet."""
    service = _service(request)
    upload = service.uploads.get(request.path_params["id"])
    return Json(await unless_gone(request, _read(service, upload, AS_USUAL)))


async def text(request: Request) -> Response:
    """The text that the model gets of a document."""
    service = _service(request)
    upload = service.uploads.get(request.path_params["id"])
    (parsed,) = await unless_gone(request, documents_of(service, [upload.id], AS_USUAL))
    return Json({"id": upload.id, "text": await service.documents.run(lambda: model_text(1, parsed.document))})


async def pin(request: Request) -> Response:
    """Keep a document in memory, or no longer."""
    service = _service(request)
    upload = service.uploads.get(request.path_params["id"])
    body = await body_of(request, PinBody)
    service.queue.document("pin" if body.pinned else "unpin", upload.sha256)
    return Json({"id": upload.id, "pinned": body.pinned})


async def unload(request: Request) -> Response:
    """Take a document out of memory; it stays on disk, and the next question about it loads it again."""
    service = _service(request)
    upload = service.uploads.get(request.path_params["id"])
    service.queue.document("unload document", upload.sha256)
    return Json({"id": upload.id, "resident": False})


async def delete_cached(request: Request) -> Response:
    """Delete a document's cached data, of all models; the file itself stays."""
    service = _service(request)
    upload = service.uploads.get(request.path_params["id"])
    service.documents.drop(upload.sha256)
    if service.queue.source.worker is None:
        await service.documents.run(lambda: kept.forget([upload.sha256]))
    else:
        service.queue.document("forget", upload.sha256)
    return Json({"id": upload.id, "deleted": True})


async def cost(request: Request) -> Response:
    """What a question would cost, without asking it."""
    service = _service(request)
    body = await body_of(request, AskBody)
    asked = await unless_gone(request, work.prepared(service, body))
    return Json(asked.cost() or {})


async def ask(request: Request) -> Response:
    """Answer a question, with every quotation looked up."""
    service = _service(request)
    body = await body_of(request, AskBody)
    asked = await unless_gone(request, work.prepared(service, body))
    steps = work.ask(service, asked, client_of(request, body.user), stream=body.stream)
    return await _answered(request, steps, stream=body.stream)


async def extract(request: Request) -> Response:
    """Check every page, and give a table."""
    body = await body_of(request, ExtractBody)
    steps = work.extract(_service(request), body, client_of(request, body.user))
    return await _answered(request, steps, stream=body.stream)


async def scenes(request: Request) -> Response:
    """The scenes of a video."""
    body = await body_of(request, ScenesBody)
    steps = work.scenes(_service(request), body, client_of(request, body.user))
    return await _answered(request, steps, stream=body.stream)


async def transcripts(request: Request) -> Response:
    """What is said in a recording or a video."""
    body = await body_of(request, TranscriptBody)
    steps = transcript(_service(request), body, client_of(request, body.user))
    return await _answered(request, steps, stream=body.stream)


async def compare(request: Request) -> Response:
    """What is different between two documents."""
    body = await body_of(request, CompareBody)
    steps = comparison(_service(request), body, client_of(request, body.user))
    return await _answered(request, steps, stream=body.stream)


async def _answered(request: Request, steps: work.Progress, *, stream: bool) -> Response:
    if stream:
        return Events(_events(steps))
    return Json(await unless_gone(request, work.result_of(steps)))


async def _events(steps: work.Progress) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(steps):
            async for one in steps:
                yield event_bytes(one)
    except ApiError as error:
        yield event_bytes(error.as_json())
    except LecternError as error:
        yield event_bytes(of_error(error).as_json())
