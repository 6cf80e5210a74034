import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from app.chat.evidence.places import Evidence, Place
from app.chat.tools.uses import ToolUse
from app.session.conversation import Conversation, Exchange, Stage
from app.session.export.markdown import ExportError, answer, harmless, plain, save_markdown, to_markdown
from app.text.fences import blocks
from model.messages import NOTHING
from model.messages import plain as told

ASKED_AT = 1_790_000_000.0


def said(question: str, answer: str = "", **about: Any) -> Exchange:
    """A finished exchange about a contract."""
    fields = {"sources": ("contract.pdf",), "model": "Gemma", "created": ASKED_AT, **about}
    return Exchange(0, question, Stage.DONE, answer=answer, **fields)


def talk_of(*exchanges: Exchange, title: str = "When does it end?") -> Conversation:
    """A conversation of these, one after the other."""
    talk = Conversation()
    talk.title, talk.created = title, ASKED_AT
    for key, one in enumerate(exchanges, 1):
        talk.restore(replace(one, key=key, parent=key - 1 or None))
    return talk


ANSWER = 'It ends in May: "31 May 2027" (contract.pdf, page 3). The dog is "Rex" (contract.pdf, page 9).'
FOUND = (
    Evidence(16, 52, "31 May 2027", "found", Place("c", 3), told("The words stand on page 3 of contract.pdf.")),
    Evidence(65, 93, "Rex", "unverified", None, told("contract.pdf has only 5 pages.")),
)


def name_of(document: str) -> str:
    return {"c": "contract.pdf"}.get(document, "")


def test_a_conversation_with_its_evidence() -> None:
    talk = talk_of(said("When?", ANSWER, evidence=FOUND), said("And who?", "Me.", error=told("It was cut.")))
    text = to_markdown(talk, name_of)
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert json.loads(fields["title"]) == "When does it end?"
    assert json.loads(fields["models"]) == ["Gemma"] and json.loads(fields["files"]) == ["contract.pdf"]
    assert body.index("## Question 1") < body.index("> When?") < body.index("### Answer") < body.index("## Question 2")
    assert '"31 May 2027" (contract.pdf, page 3)[^1]. The dog is "Rex" (contract.pdf, page 9)[^2].' in body
    assert "[^1]: ✓ Found · contract.pdf, page 3 · “31 May 2027”. The words stand on page 3" in body
    assert "[^2]: ? Not found · “Rex”. contract.pdf has only 5 pages." in body
    assert "It was cut." in body


def test_notes_are_numbered_through_and_tools_and_instructions_are_told() -> None:
    use = ToolUse("find", "{}", told("Looked for “dog”"), None, told("No such file"))
    talk = talk_of(said("1", ANSWER, evidence=FOUND), said("2", ANSWER, evidence=FOUND, tool_uses=(use,)))
    talk.instructions = "Be brief.\nIn English."
    text = to_markdown(talk)
    assert all(text.count(f"[^{number}]: ") == 1 for number in (1, 2, 3, 4))
    assert "- Looked for “dog” · No such file" in text
    assert "> Be brief.  \n> In English." in text


def test_a_note_never_stands_inside_code() -> None:
    text = 'Say `"so" (page 3)` now'
    found = Evidence(text.index('"so"'), text.index("`", 8), "so", "found", Place("c", 3), NOTHING)
    assert answer(text, (found,), 1) == 'Say `"so" (page 3)`[^1] now'
    fenced = '```\n"so" (page 3)\n```'
    assert "[^" not in answer(fenced, (Evidence(4, 17, "so", "found", None, NOTHING),), 1)


def test_code_keeps_every_character_in_a_fence_of_our_own() -> None:
    text = "Before\n~~~md\n```\n![a](http://x/y)\n```\n~~~\nAfter"
    assert [(piece.kind, piece.language) for piece in blocks(text)] == [("prose", ""), ("code", "md"), ("prose", "")]
    assert answer(text, (), 1) == "Before\n\n````md\n```\n![a](http://x/y)\n```\n````\n\nAfter"


HOSTILE = [
    "![a](http://x/y.png)",
    "\\\\![a](http://x/y.png)",
    "text ![a][r]\n\n[r]: http://x/y.png",
    '<img src="http://x/y">',
    "<div style='background:url(http://x)'>a</div>",
    "`a ![b](http://x/y) `` c`",
    "\\`![b](http://x/y)`",
    "| a ` | ![b](http://x/y) ` |\n|---|---|\n| 1 | 2 |",
    "1. a\n\n   ```\n![b](http://x/y)\n   ```\n",
    "> ```\n![b](http://x/y)\n> ```",
    "<!-- \n```\n-->\n![b](http://x/y)\n```",
    "<style>\n@import 'http://x/y';\n</style>",
    "`<img`` src=http://x/y>`",
    "```\n![a](http://x/y)",
    "a\n    ```\n![b](http://x/y)\n    ```\n",
    "* ![b](http://x/y)\n* <IMG\nSRC=http://x>",
    "![a\n](http://x/y)",
    "[![a](http://x/y)](http://x/z)",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_another_program_that_opens_the_file_loads_nothing(hostile: str) -> None:
    text = to_markdown(talk_of(said(hostile, hostile, error=told(hostile)), title=hostile.split("\n")[0]), name_of)
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    kinds = [token.type for block in reader.parse(text) for token in (block, *(block.children or ()))]
    assert not {"image", "html_block", "html_inline"} & set(kinds)


def test_ordinary_markdown_stays_as_it_was() -> None:
    text = (
        "**bold** `List<int>` [link](https://example.org) <https://example.org> a < b\n\n| a | b |\n|---|---|\n| 1 | 2"
    )
    assert harmless(text) == text
    assert plain("a *b* [c] <d>\ne") == r"a \*b\* \[c\] \<d\> e"


def test_the_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    save_markdown(talk_of(said("When?", ANSWER)), path, name_of)
    assert path.read_text(encoding="utf-8").endswith("page 9).\n")
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_in_the_way_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"^talk.md could not be written: .+\.$"):
        save_markdown(talk_of(said("When?")), tmp_path / "nowhere" / "talk.md")
    folder = tmp_path / "talk.md"
    folder.mkdir()
    (folder / "inside").touch()
    with pytest.raises(ExportError):
        save_markdown(talk_of(said("When?")), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.md"] and (folder / "inside").exists()
