"""The table of the API's functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.server import metrics
from app.server.lectern import bodies as own
from app.server.lectern import endpoints as lectern
from app.server.openai import bodies, chat, files, models, responses
from app.server.openai.responses_bodies import ResponsesBody

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the API's functions. ``body``: what it takes as JSON."""

    method: str
    path: str
    summary: str
    handler: Handler
    body: type[BaseModel] | None = None


ENDPOINTS = (
    Endpoint("GET", "/v1/models", "The open model", models.all_models),
    Endpoint("GET", "/v1/models/{id:path}", "One model", models.about),
    Endpoint("POST", "/v1/chat/completions", "Answer a conversation", chat.complete, bodies.ChatBody),
    Endpoint("POST", "/v1/responses", "Answer, in OpenAI’s newer form", responses.respond, ResponsesBody),
    Endpoint("GET", "/v1/responses/{id}", "One of the newest answers", responses.fetch),
    Endpoint("DELETE", "/v1/responses/{id}", "Delete an answer", responses.delete),
    Endpoint("POST", "/v1/files", "Upload a file (a form with the fields file and purpose)", files.upload),
    Endpoint("GET", "/v1/files", "All uploads", files.all_files),
    Endpoint("GET", "/v1/files/{id}", "One upload", files.about),
    Endpoint("GET", "/v1/files/{id}/content", "The bytes of an upload", files.content),
    Endpoint("DELETE", "/v1/files/{id}", "Delete an upload", files.delete),
    Endpoint(
        "POST",
        "/v1/lectern/documents",
        "Add a file (a form, or JSON) and read it",
        lectern.add,
        own.AddBody,
    ),
    Endpoint("GET", "/v1/lectern/documents", "All files", lectern.all_documents),
    Endpoint("GET", "/v1/lectern/documents/{id}", "What was read of a file, and where it is cached", lectern.about),
    Endpoint("GET", "/v1/lectern/documents/{id}/text", "The text that the model gets of a file", lectern.text),
    Endpoint("POST", "/v1/lectern/documents/{id}/pin", "Keep a document in memory", lectern.pin, own.PinBody),
    Endpoint("POST", "/v1/lectern/documents/{id}/unload", "Take a document out of memory", lectern.unload),
    Endpoint("DELETE", "/v1/lectern/documents/{id}/cache", "Delete a document’s cached data", lectern.delete_cached),
    Endpoint("POST", "/v1/lectern/cost", "What a question would cost", lectern.cost, own.AskBody),
    Endpoint("POST", "/v1/lectern/ask", "Answer a question with evidence", lectern.ask, own.AskBody),
    Endpoint("POST", "/v1/lectern/extract", "Check every page and return a table", lectern.extract, own.ExtractBody),
    Endpoint("POST", "/v1/lectern/scenes", "The scenes of a video", lectern.scenes, own.ScenesBody),
    Endpoint(
        "POST",
        "/v1/lectern/transcripts",
        "What is said in a recording or a video",
        lectern.transcripts,
        own.TranscriptBody,
    ),
    Endpoint("POST", "/v1/lectern/compare", "The differences between two documents", lectern.compare, own.CompareBody),
    Endpoint("GET", "/metrics", "Figures for Prometheus", metrics.metrics),
)
