"""Documents that programs added: read by their ids, and described, for the endpoints and the MCP server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chat.request import AskOptions, Turn, build_request
from app.ingest.read.describe import describe
from app.ingest.types import Document, ReadOptions
from app.server.lectern.bodies import Reading
from app.server.reading import Parsed
from app.server.service import Service
from app.server.uploads import Upload
from app.session.export.data import document_objects


def options_of(reading: Reading) -> ReadOptions:
    """How a file is to be read."""
    return ReadOptions(reading.detail, reading.mode, reading.frames, reading.password)


async def documents_of(service: Service, ids: Sequence[str], reading: Reading) -> list[Parsed]:
    """The documents of these ids. Raises ``ApiError``."""
    uploads = [service.uploads.get(id) for id in ids]
    options = options_of(reading)
    read = service.documents.read
    return [await read(one, options, recognise=reading.recognise, param="documents") for one in uploads]


def numbered(documents: list[Document]) -> list[Document]:
    """Without duplicates: the same file named twice is one document."""
    return list({one.content_hash: one for one in documents}.values())


async def described(service: Service, upload: Upload, parsed: Parsed) -> dict[str, Any]:
    """A document: what was read and what was not, and where it is cached."""
    about = await service.documents.run(lambda: describe(parsed.document))
    for page in about["pages"]:
        page.pop("words", None)
    about.pop("file", None)
    cache: dict[str, Any] | None = None
    info = service.queue.source.info
    if info is not None and info.capabilities.residency and info.capabilities.preflight:
        costs = await service.queue.preflight(
            build_request([parsed.document], [Turn("?")], AskOptions(hears=info.capabilities.sound))
        )
        (cache,) = document_objects(costs, [parsed.document])
        cache |= {"pinned": any(one.pinned for one in costs.documents)}
        cache.pop("file")
    return {"id": upload.id, "name": upload.name, "bytes": upload.bytes, "document": about, "cache": cache}
