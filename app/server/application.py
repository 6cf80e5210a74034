"""The table of endpoints, and the application made of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.server import metrics
from app.server.errors import ApiError, of_error, unexpected
from app.server.guard import Guard
from app.server.http import GoneError, Json
from app.server.lectern import bodies as own
from app.server.lectern import endpoints as lectern
from app.server.openai import bodies, chat, files, models, responses
from app.server.openai.responses_bodies import ResponsesBody
from app.server.service import Service
from model.errors import LecternError

_log = logging.getLogger(__name__)
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


def application(service: Service, token: str, port: int) -> Guard:
    """The whole server, as an ASGI application for requests to this port."""
    from app.server import openapi

    routes = [Route(one.path, one.handler, methods=[one.method]) for one in ENDPOINTS]
    routes += [Route("/openapi.json", openapi.as_json), Route("/docs", openapi.page)]
    app = Starlette(
        routes=routes,
        exception_handlers={
            ApiError: _refused,
            LecternError: _failed,
            HTTPException: _not_found,
            GoneError: _gone,
            ClientDisconnect: _gone,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return Guard(app, token, port)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    headers = {} if error.retry_s is None else {"retry-after": str(error.retry_s)}
    return Json(error.as_json(), error.status, headers)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, LecternError)
    return await _refused(request, of_error(error))


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = "There is no such address in this API; /docs lists them."
    if error.status_code == 405:
        words = f"This address does not take {request.method[:20]}; /docs lists what it takes."
    elif error.status_code not in (404, 405):
        words = str(error.detail)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return await _refused(request, ApiError(error.status_code, words, code))


async def _broken(request: Request, error: Exception) -> Response:
    """What nobody expected; it is raised again, and ``Guard`` puts it into the log."""
    return await _refused(request, unexpected())


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)
