"""The application: the endpoints, their description, and the answers to errors."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.server import openapi
from app.server.endpoints import ENDPOINTS
from app.server.errors import ApiError, of_error, unexpected
from app.server.guard import Guard
from app.server.http import GoneError, Json
from app.server.service import Service
from model.errors import LecternError

_log = logging.getLogger(__name__)


def application(service: Service, token: str, port: int) -> Guard:
    """The whole server, as an ASGI application for requests to this port."""
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
