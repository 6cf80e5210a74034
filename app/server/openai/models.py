"""``/v1/models``: the model that is open in Lectern."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.server.http import Json
from app.server.service import Service
from model.types import ModelInfo


async def all_models(request: Request) -> Response:
    """The open model; an empty list while there is none."""
    service: Service = request.app.state.service
    info = service.queue.source.info
    return Json({"object": "list", "data": [] if info is None else [as_json(info, service.started)]})


async def about(request: Request) -> Response:
    """The model of this name, where it is open."""
    service: Service = request.app.state.service
    return Json(as_json(service.model(request.path_params["id"]), service.started))


def as_json(info: ModelInfo, created: int) -> dict[str, Any]:
    """A model as OpenAI describes one, with what Lectern knows besides."""
    return {
        "id": info.name,
        "object": "model",
        "created": created,
        "owned_by": "lectern",
        "lectern": {
            "context_tokens": info.context_tokens,
            "quantisation": info.quantisation,
            "device": info.device,
            "sample": info.sample,
            "capabilities": asdict(info.capabilities),
        },
    }
