"""The description of the API: ``/openapi.json``, and ``/docs``, one page of plain HTML without scripts."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app import __version__
from app.server.endpoints import ENDPOINTS, Endpoint
from app.server.http import Json

_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


def description() -> dict[str, Any]:
    """The API in OpenAPI's form, version 3.1."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for one in ENDPOINTS:
        paths.setdefault(_PLACE.sub(r"{\1}", one.path), {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lectern",
            "version": __version__,
            "description": "Answers for programs on this machine.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": {"description": "The answer"}, "4XX": {"description": "What is wrong, as a sentence with a code"}}
    operation: dict[str, Any] = {"summary": one.summary, "responses": answers}
    names = [found[1] for found in _PLACE.finditer(one.path)]
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if one.body is not None:
        schema = one.body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[one.body.__name__] = schema
        reference = {"$ref": f"#/components/schemas/{one.body.__name__}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return operation


async def as_json(request: Request) -> Response:
    """The description for programs."""
    return Json(description())


async def page(request: Request) -> Response:
    """The description for readers."""
    rows = []
    for one in ENDPOINTS:
        path = html.escape(_PLACE.sub(r"{\1}", one.path))
        rows.append(f"<h2><code>{one.method} {path}</code></h2><p>{html.escape(one.summary)}.</p>")
        if one.body is not None:
            schema = json.dumps(one.body.model_json_schema(), indent=1, ensure_ascii=False)
            rows.append(f"<details><summary>What it takes</summary><pre>{html.escape(schema)}</pre></details>")
    return HTMLResponse(_PAGE.replace("ROWS", "\n".join(rows)))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lectern’s API</title>
<style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}code,pre{font-size:14px}
pre{background:#f2f2f2;padding:1em;overflow:auto}h2{margin-bottom:0;font-size:1em}p{margin-top:.2em}</style></head>
<body><h1>Lectern’s API</h1>
<p>Every request carries the token as <code>Authorization: Bearer TOKEN</code>. Errors are objects with a sentence and a
code. The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
ROWS
</body></html>
"""
