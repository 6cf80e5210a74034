"""A real server on a free port: with the sample model, or with an engine that does what a test says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import openai

from app.engine.model.protocols import Engine, OpenEngine
from app.library.model_ref import SampleModel
from app.server.model import OwnModel
from app.server.serving import Server
from tests.app.engine.scripted import Script, ScriptedEngine

TOKEN = "lectern-" + "t" * 43


@dataclass
class Running:
    """A server, and clients for it."""

    server: Server
    source: OwnModel
    openai: openai.OpenAI
    http: httpx2.Client

    @property
    def model(self) -> str:
        """The name of the open model."""
        assert self.source.info is not None
        return self.source.info.name


@contextlib.contextmanager
def running(folder: Path, open_engine: OpenEngine, allowed: tuple[Path, ...] = ()) -> Iterator[Running]:
    """A server for as long as a test needs it."""
    source = OwnModel(open_engine)
    try:
        source.open(SampleModel())
        server = Server(source, TOKEN, port=0, folder=folder / "uploads", allowed=allowed)
        server.start()
        try:
            with (
                openai.OpenAI(api_key=TOKEN, base_url=server.address, max_retries=0, timeout=120) as client,
                httpx2.Client(
                    base_url=server.address.removesuffix("/v1"),
                    headers={"Authorization": f"Bearer {TOKEN}"},
                    timeout=120,
                    trust_env=False,
                ) as http,
            ):
                yield Running(server, source, client, http)
        finally:
            assert server.end(20)
    finally:
        source.close()


@contextlib.contextmanager
def scripted(folder: Path, script: Script, **able: bool) -> Iterator[tuple[Running, ScriptedEngine]]:
    """A server whose engine does what ``script`` says."""
    from dataclasses import replace

    engine = ScriptedEngine(script)
    engine.info = replace(engine.info, capabilities=replace(engine.info.capabilities, **able))

    def open_engine(*_arguments: object) -> Engine:
        return engine

    with running(folder, open_engine) as found:
        yield found, engine
