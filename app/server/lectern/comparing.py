"""The differences between two documents, without a model; on request with what each of them means."""

from __future__ import annotations

import threading
from contextlib import aclosing

from app.chat.compare.aligning import compare
from app.chat.compare.explaining import Explaining
from app.chat.compare.export import as_objects
from app.server.errors import ApiError
from app.server.lectern.bodies import CompareBody
from app.server.lectern.documents import documents_of
from app.server.lectern.work import Progress, go_through
from app.server.service import Service
from model.cancel import AnyOf


async def comparison(service: Service, body: CompareBody, client: str) -> Progress:
    """``progress`` after each explanation, and ``comparison`` at the end. Raises ``ApiError``, ``LecternError``."""
    if body.explain:
        _ = service.queue.info  # fails at once, before the comparison, where no model can explain it
    held = await documents_of(service, [body.first, body.second], body.reading)
    first, second = (one.document for one in held)
    left = threading.Event()
    cancel = AnyOf(left, service.documents.stop)
    try:
        changes = await service.documents.run(lambda: compare(first, second, cancel))
    finally:
        left.set()
    work = Explaining(changes, body.language)
    if body.explain:
        steps = go_through(service, work, client)
        async with aclosing(steps):
            async for step in steps:
                if step == "stopped":
                    raise ApiError(503, "The explanations were stopped in Lectern.", "cancelled.answer")
                yield {"type": "progress", "done": work.done, "total": len(changes)}
    yield {
        "type": "comparison",
        "first": {"id": body.first, "name": first.name},
        "second": {"id": body.second, "name": second.name},
        "same_file": first.content_hash == second.content_hash,
        "changes": as_objects(changes, work.meanings if body.explain else ()),
        "pages_not_read": [
            {"document": one.name, "page": page.number}
            for one in (first, second)
            for page in one.pages
            if page.state == "skipped"
        ],
        "problems": [str(why) for why in work.without],
    }
