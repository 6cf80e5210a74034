"""The same functions for assistants on this machine, by the Model Context Protocol on standard input and output.

No socket and no token: whoever starts the process talks to it. The assistant sees the files of the folders that the
user named on the command line, and no others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from app import __version__
from app.ingest.kinds import SUFFIXES
from app.server.errors import ApiError
from app.server.lectern import work
from app.server.lectern.bodies import AS_USUAL, AskBody, CompareBody, ExtractBody, ScenesBody, TranscriptBody
from app.server.lectern.comparing import comparison
from app.server.lectern.documents import described, documents_of
from app.server.lectern.transcripts import transcript
from app.server.service import Service
from app.server.uploads import Upload
from app.session.collecting import collect
from app.session.export.data import model_text
from model.errors import LecternError

CLIENT = "mcp"
MOST_TEXT = 60_000
"""Characters that one reading gives; the next ones are given with ``start``."""
_T = TypeVar("_T")
_ABOUT = """\
Lectern reads documents, pictures, videos and recordings on this machine and answers questions about them with a local \
model. list_documents names the files. ask answers with evidence: every quotation is looked up in the file, and \
"state" says whether it was found. read_document gives the text itself. extract checks every page and makes a table, \
compare finds the differences between two documents, scenes and transcribe are for videos and recordings."""
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_DELETES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)


def mcp_server(service: Service, folders: Sequence[Path]) -> MCPServer[Any]:
    """The server with its tools. ``service`` has to allow the same folders."""
    server: MCPServer[Any] = MCPServer("lectern", title="Lectern", instructions=_ABOUT, version=__version__)

    async def upload_of(document: str) -> Upload:
        for path in _files(folders):
            if document in (path.name, str(path)):
                return await service.named(str(path))
        try:
            return await service.named(document)
        except ApiError as error:
            if error.code != "path_refused":
                raise
            words = f"Lectern was not allowed to read {document}; list_documents names the files it may read."
            raise ToolError(words) from None

    async def uploads_of(documents: list[str]) -> list[str]:
        return [(await upload_of(document)).id for document in documents]

    @server.tool(annotations=_READS)
    async def list_documents() -> list[dict[str, Any]]:
        """The files that can be asked about, with their paths and sizes."""
        files = await service.documents.run(lambda: _files(folders))
        return [{"name": path.name, "path": str(path), "bytes": path.stat().st_size} for path in files]

    @server.tool(annotations=_READS)
    async def about_document(document: str) -> dict[str, Any]:
        """What was read of a document and what was not, page by page, and whether it is cached in memory or on disk."""

        async def look() -> dict[str, Any]:
            upload = await upload_of(document)
            (parsed,) = await documents_of(service, [upload.id], AS_USUAL)
            return await described(service, upload, parsed)

        return await _told(look())

    @server.tool(annotations=_CHANGES)
    async def pin_document(document: str, pinned: bool = True) -> dict[str, Any]:
        """Keep a document in memory whatever else is asked about, so that questions about it start fast."""

        async def pin() -> dict[str, Any]:
            service.queue.document("pin" if pinned else "unpin", (await upload_of(document)).sha256)
            return {"document": document, "pinned": pinned}

        return await _told(pin())

    @server.tool(annotations=_CHANGES)
    async def unload_document(document: str) -> dict[str, Any]:
        """Take a document out of memory; it stays cached on disk."""

        async def unload() -> dict[str, Any]:
            service.queue.document("unload document", (await upload_of(document)).sha256)
            return {"document": document, "resident": False}

        return await _told(unload())

    @server.tool(annotations=_DELETES)
    async def delete_cached_data(document: str) -> dict[str, Any]:
        """Delete what Lectern has cached of a document, its transcript and tables included; the file itself stays."""

        async def delete() -> dict[str, Any]:
            upload = await upload_of(document)
            service.documents.drop(upload.sha256)
            service.queue.document("forget", upload.sha256)
            return {"document": document, "deleted": True}

        return await _told(delete())

    @server.tool(annotations=_READS)
    async def read_document(document: str, start: int = 0) -> dict[str, Any]:
        """The text of a document with its pages or times, by its name or path, from the character `start` on."""

        async def read() -> dict[str, Any]:
            upload = await upload_of(document)
            (parsed,) = await documents_of(service, [upload.id], AS_USUAL)
            text = await service.documents.run(lambda: model_text(1, parsed.document))
            at = max(0, start)
            more = at + MOST_TEXT if at + MOST_TEXT < len(text) else None
            return {"name": upload.name, "text": text[at : at + MOST_TEXT], "next_start": more, "characters": len(text)}

        return await _told(read())

    @server.tool(annotations=_READS)
    async def ask(question: str, documents: list[str], think: bool = False) -> dict[str, Any]:
        """Answer a question about documents (names or paths), with evidence: each quotation and where it was found."""

        async def answer() -> dict[str, Any]:
            _check_question(question)
            body = AskBody.model_validate(
                {"question": question, "documents": await uploads_of(documents), "think": think}
            )
            asked = await work.prepared(service, body)
            found = await work.result_of(work.ask(service, asked, CLIENT, stream=False))
            return {name: found[name] for name in ("answer", "evidence", "usage", "model", "ended", "note")}

        return await _told(answer())

    @server.tool(annotations=_READS)
    async def cost(question: str, documents: list[str]) -> dict[str, Any]:
        """What a question would cost, without asking it: tokens, seconds, and whether it fits."""

        async def measure() -> dict[str, Any]:
            _check_question(question)
            body = AskBody.model_validate({"question": question, "documents": await uploads_of(documents)})
            return (await work.prepared(service, body)).cost() or {}

        return await _told(measure())

    @server.tool(annotations=_READS)
    async def extract(
        documents: list[str], context: Context[Any, Any], question: str = "", columns: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A table of every page; `columns` is a JSON schema of one row, else they are chosen from the question."""

        async def go() -> dict[str, Any]:
            body = ExtractBody.model_validate(
                {"documents": await uploads_of(documents), "question": question, "schema": columns}
            )
            return await _last(work.extract(service, body, CLIENT), context)

        return await _told(go())

    @server.tool(annotations=_READS)
    async def scenes(document: str, context: Context[Any, Any], summaries: bool = True) -> dict[str, Any]:
        """The scenes of a video with their times, and what each shows."""

        async def go() -> dict[str, Any]:
            body = ScenesBody.model_validate({"document": (await upload_of(document)).id, "summaries": summaries})
            return await _last(work.scenes(service, body, CLIENT), context)

        return await _told(go())

    @server.tool(annotations=_READS)
    async def transcribe(document: str, context: Context[Any, Any], again: bool = False) -> dict[str, Any]:
        """What is said in a recording or a video, with times. The open model has to hear unless one is stored."""

        async def go() -> dict[str, Any]:
            body = TranscriptBody.model_validate({"document": (await upload_of(document)).id, "again": again})
            return await _last(transcript(service, body, CLIENT), context)

        return await _told(go())

    @server.tool(annotations=_READS)
    async def compare(first: str, second: str, context: Context[Any, Any], explain: bool = False) -> dict[str, Any]:
        """The differences between two documents, those of numbers first; `explain`: what each of them means."""

        async def go() -> dict[str, Any]:
            one, other = await uploads_of([first, second])
            body = CompareBody.model_validate({"first": one, "second": other, "explain": explain})
            return await _last(comparison(service, body, CLIENT), context)

        return await _told(go())

    return server


async def _last(steps: work.Progress, context: Context[Any, Any]) -> dict[str, Any]:
    """The result; assistants that ask for progress get it."""

    async def reporting() -> work.Progress:
        async with aclosing(steps):
            async for one in steps:
                if one["type"] == "progress":
                    done, total = (one.get(name, one.get(f"{name}_s")) for name in ("done", "total"))
                    await context.report_progress(float(done or 0), float(total or 0) or None)
                yield one

    return await work.result_of(reporting())


def _files(folders: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(path for path in collect(folders).files if path.suffix.lower() in SUFFIXES)


def _check_question(question: str) -> None:
    if not question.strip():
        raise ToolError("The question is empty; ask one in words.")


async def _told(work: Awaitable[_T]) -> _T:
    """What was expected to go wrong is told to the assistant in one sentence."""
    try:
        return await work
    except ApiError as error:
        raise ToolError(error.message) from None
    except LecternError as error:
        raise ToolError(str(error)) from None
    except ValidationError as error:  # of arguments that are too long or too many
        first = error.errors(include_url=False)[0]
        raise ToolError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    except ValueError as error:
        raise ToolError(" ".join(str(error).split())[:300]) from None
