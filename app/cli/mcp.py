"""``lectern mcp``: documents for assistants on this machine, by the Model Context Protocol."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from app.cli.common.arguments import add_model
from app.cli.common.engine import chosen_model
from app.cli.common.terminal import Status
from app.cli.serve import check_folders, opener
from app.server.allowed import check_allowed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern mcp``."""
    parser.description = (
        "Let an assistant on this machine list, read and ask about the files in some folders, through the Model "
        "Context Protocol on standard input and output. The assistant starts this command itself; no network port is "
        "opened."
    )
    parser.epilog = "The assistant sees these folders, with what is in them, and no other file."
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder that the assistant may use")
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    check_allowed()
    check_folders(options.folders)
    from app.server.model import OwnModel

    source = OwnModel(opener(options))
    try:
        status = Status()
        try:
            source.open(chosen_model(options), status.loading)
        finally:
            status.clear()
        asyncio.run(_serve(source, tuple(options.folders)))
    finally:
        source.close()
    return 0


async def _serve(source: object, folders: tuple[Path, ...]) -> None:
    from app.server.mcp import mcp_server
    from app.server.model import OwnModel
    from app.server.service import Service

    assert isinstance(source, OwnModel)
    service = Service(source, allowed=folders)
    try:
        await mcp_server(service, folders).run_stdio_async()
    finally:
        service.close()
