"""``lectern mcp`` as an assistant uses it: a real process, the official client, the sample model."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from app.paths import resource

TOOLS = {"list_documents", "about_document", "read_document", "ask", "cost", "extract", "scenes", "transcribe"}
TOOLS |= {"compare", "pin_document", "unload_document", "delete_cached_data"}


def content(result: Any) -> Any:
    found = result.structured_content
    return found["result"] if isinstance(found, dict) and set(found) == {"result"} else found


def test_an_assistant_lists_reads_asks_and_extracts(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    shutil.copy(resource("samples", "invoice.pdf"), papers)
    (papers / "note.txt").write_text("The number is 5.")
    (papers / "newer.txt").write_text("The number is 7.")
    (tmp_path / "secret.txt").write_text("The number is 6.")
    environment = {**os.environ, "LECTERN_HOME": str(tmp_path / "home")}
    command = StdioServerParameters(command=sys.executable, args=["-m", "app.cli", "mcp", str(papers)], env=environment)

    async def assistant() -> None:
        async with Client(command) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == TOOLS
            listed = content(await client.call_tool("list_documents"))
            assert [one["name"] for one in listed] == ["invoice.pdf", "newer.txt", "note.txt"]
            read = content(await client.call_tool("read_document", {"document": "note.txt"}))
            assert "The number is 5." in read["text"] and read["next_start"] is None
            asked = {"question": "What is the due date?", "documents": [listed[0]["path"]]}
            answer = content(await client.call_tool("ask", asked))
            assert answer["answer"] == '8 April 2026 [page 1: "Due date: 8 April 2026"]'
            assert answer["evidence"][0]["state"] == "found"
            cost = content(await client.call_tool("cost", asked))
            assert cost["verdict"] == "go" and cost["reused_tokens"] > 700
            columns = {"type": "object", "properties": {"invoice number": {"type": "string"}}}
            table = content(await client.call_tool("extract", {"documents": ["invoice.pdf"], "columns": columns}))
            assert "LB-2041" in json.dumps(table["rows"])
            seen: list[float] = []

            async def far(done: float, _total: float | None, _words: str | None) -> None:
                seen.append(done)

            both = {"first": "note.txt", "second": "newer.txt"}
            compared = content(await client.call_tool("compare", both | {"explain": True}, progress_callback=far))
            (change,) = compared["changes"]
            assert change["numbers"] and [one["text"] for one in change["pieces"] if one["kind"] == "added"] == ["7."]
            assert seen == [1.0]
            assert content(await client.call_tool("pin_document", {"document": "invoice.pdf"}))["pinned"]
            about = content(await client.call_tool("about_document", {"document": "invoice.pdf"}))
            assert about["cache"]["pinned"] and about["document"]["pages"][0]["state"] == "text"
            for name in ("unload_document", "delete_cached_data"):
                assert not (await client.call_tool(name, {"document": "invoice.pdf"})).is_error
            about = content(await client.call_tool("about_document", {"document": "invoice.pdf"}))
            assert about["cache"]["state"] == "unread" and (papers / "invoice.pdf").is_file()
            silent = await client.call_tool("transcribe", {"document": "note.txt"})
            assert silent.is_error and "not a recording or video" in silent.content[0].text
            for document in (str(tmp_path / "secret.txt"), "../secret.txt", "none.pdf"):
                refused = await client.call_tool("read_document", {"document": document})
                assert refused.is_error and "not allowed" in refused.content[0].text
                assert "upload" not in refused.content[0].text and "list_documents" in refused.content[0].text
            empty = await client.call_tool("ask", {"question": "", "documents": []})
            assert empty.is_error and empty.content[0].text.endswith("The question is empty; ask one in words.")
            many = await client.call_tool("extract", {"documents": [], "question": "All totals"})
            assert many.is_error and "\n" not in many.content[0].text and "pydantic" not in many.content[0].text

    asyncio.run(asyncio.wait_for(assistant(), 150))
