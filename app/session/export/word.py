"""A conversation as a Word document: questions, answers, and what their quotations rest on as real footnotes. No Qt.

Markdown becomes Word's own headings, lists and tables. Nothing in an answer can load anything: pictures and HTML are
text, and addresses are shown, not linked.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.chat.evidence.citing import Names, marks
from app.chat.evidence.places import Evidence
from app.session.conversation import Conversation, Exchange
from app.session.export.markdown import (
    ANSWER,
    INSTRUCTIONS,
    UNTITLED,
    Tell,
    note_words,
    question_heading,
    small_print,
    tool_words,
    write,
)

_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PRIVATE = range(0xE000, 0xF8FF)
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_FOOTNOTES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_DEEPEST = 9
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{sign}/></w:r></w:p></w:footnote>'
    for kind, number, sign in (
        ("separator", -1, "separator"),
        ("continuationSeparator", 0, "continuationSeparator"),
    )
)


def save_docx(talk: Conversation, path: Path, name_of: Names = lambda _: "", tell: Tell = str) -> None:
    """Write the conversation to ``path``; raises ``ExportError`` with one sentence, and then leaves no file behind."""
    write(path, to_docx(list(talk), talk.title or tell(UNTITLED), talk.instructions, name_of, tell))


def to_docx(
    exchanges: Sequence[Exchange],
    title: str,
    instructions: str = "",
    name_of: Names = lambda _: "",
    tell: Tell = str,
) -> bytes:
    """The exchanges as a Word document."""
    writing = _Writing(name_of, tell)
    writing.begin(title, instructions)
    for number, one in enumerate(exchanges, 1):
        writing.exchange(number, one)
    return writing.finish()


def markdown_docx(title: str, markdown: str) -> bytes:
    """A text in Markdown as a Word document below a title."""
    writing = _Writing(lambda _: "", str, above=-1)
    writing.begin(title, "")
    writing.text(markdown)
    return writing.finish()


class _Writing:
    """State while one document is written. ``above``: the levels that headings of a text have above them."""

    def __init__(self, name_of: Names, tell: Tell, above: int = 2) -> None:
        import docx  # with lxml, which the window's start does without

        self._above = above

        self._document: Any = docx.Document()
        self._name_of, self._tell = name_of, tell
        self._notes: list[str] = []
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

    def begin(self, title: str, instructions: str) -> None:
        """Title and instructions."""
        self._document.core_properties.title = _sound(title)[:250]
        self._document.core_properties.author = "Lectern"
        self._document.add_heading(_sound(title), 0)
        if instructions.strip():
            self._document.add_heading(self._tell(INSTRUCTIONS), 1)
            self._document.add_paragraph(_sound(instructions.strip()), "Quote")

    def exchange(self, number: int, one: Exchange) -> None:
        """A question and its answer."""
        self._document.add_heading(self._tell(question_heading(number)), 1)
        self._document.add_paragraph(_sound(one.question), "Intense Quote")
        if small := small_print(one):
            self._document.add_paragraph().add_run(_sound(small)).italic = True
        for use in one.tool_uses:
            self._document.add_paragraph(_sound(tool_words(use, self._tell)), "List Bullet")
        if one.answer.strip():
            self._answer(one.answer, one.evidence)
        if one.error:
            self._document.add_paragraph().add_run(_sound(self._tell(one.error))).italic = True

    def text(self, markdown: str) -> None:
        """A text without evidence."""
        self._blocks(self._markdown.parse(_sound(markdown)), {})

    def finish(self) -> bytes:
        """The whole file."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        body = "".join(_note_xml(number, words) for number, words in enumerate(self._notes, 1))
        xml = f'<w:footnotes xmlns:w="{_NAMESPACE}">{_SEPARATORS}{body}</w:footnotes>'
        part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES_TYPE, xml.encode(), self._document.part.package)
        self._document.part.relate_to(part, _FOOTNOTES_RELATION)
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _answer(self, text: str, evidence: Sequence[Evidence]) -> None:
        """The answer's blocks; where a quotation ends, its footnote."""
        self._document.add_heading(self._tell(ANSWER), 2)
        first = len(self._notes) + 1
        self._notes += [note_words(one, self._name_of, self._tell) for one in evidence]
        marked, signs = _marked(text, evidence, first)
        self._blocks(self._markdown.parse(_sound(marked)), signs)

    def _blocks(self, tokens: Sequence[Token], signs: Mapping[str, int]) -> None:
        lists: list[str] = []
        quoted = 0
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("bullet_list_open", "ordered_list_open"):
                lists.append("List Bullet" if token.type.startswith("bullet") else "List Number")
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                lists.pop()
            elif token.type in ("blockquote_open", "blockquote_close"):
                quoted += 1 if token.type.endswith("open") else -1
            elif token.type in ("fence", "code_block"):
                self._code(token.content, signs)
            elif token.type == "table_open":
                end = next(other for other in range(at, len(tokens)) if tokens[other].type == "table_close")
                self._table(tokens[at:end], signs)
                at = end
            elif token.type == "inline":
                before = tokens[at - 1]
                if before.type == "heading_open":
                    paragraph = self._document.add_heading("", min(9, max(1, self._above + int(before.tag[1]))))
                else:
                    paragraph = self._document.add_paragraph(style=_style(lists, quoted))
                self._inline(paragraph, token, signs)
            at += 1

    def _code(self, text: str, signs: Mapping[str, int]) -> None:
        paragraph = self._document.add_paragraph()
        for number, line in enumerate(text.rstrip("\n").split("\n")):
            if number:
                paragraph.add_run().add_break()
            self._run(paragraph, line, signs, code=True)

    def _table(self, tokens: Sequence[Token], signs: Mapping[str, int]) -> None:
        rows: list[list[Token]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
        table = self._document.add_table(len(rows), max(map(len, rows), default=1), "Table Grid")
        for cells, row in zip(table.rows, rows, strict=True):
            for cell, token in zip(cells.cells, row, strict=False):
                self._inline(cell.paragraphs[0], token, signs)

    def _inline(self, paragraph: Any, inline: Token, signs: Mapping[str, int]) -> None:
        bold = italic = struck = 0
        address = ""
        for token in inline.children or ():
            match token.type:
                case "strong_open" | "strong_close":
                    bold += 1 if token.type.endswith("open") else -1
                case "em_open" | "em_close":
                    italic += 1 if token.type.endswith("open") else -1
                case "s_open" | "s_close":
                    struck += 1 if token.type.endswith("open") else -1
                case "softbreak":
                    paragraph.add_run(" ")
                case "hardbreak":
                    paragraph.add_run().add_break()
                case "link_open":
                    address = str(token.attrGet("href") or "")
                case "link_close":
                    if address and address not in inline.content.partition("](")[0]:
                        self._run(paragraph, f" ({address})", signs)
                case "text" | "code_inline" | "image":
                    self._run(paragraph, token.content, signs, bold, italic, struck, code=token.type == "code_inline")

    def _run(
        self,
        paragraph: Any,
        text: str,
        signs: Mapping[str, int],
        bold: int = 0,
        italic: int = 0,
        struck: int = 0,
        *,
        code: bool = False,
    ) -> None:
        """Words, with a footnote in the place of each sign."""
        for piece, number in _split(text, signs):
            if piece:
                run = paragraph.add_run(piece)
                run.bold, run.italic, run.font.strike = bool(bold) or None, bool(italic) or None, bool(struck) or None
                if code:
                    run.font.name = "Consolas"
            if number:
                _refer(paragraph.add_run(), number)


def _marked(text: str, evidence: Sequence[Evidence], first: int) -> tuple[str, dict[str, int]]:
    """The answer with a private sign behind each quotation, and the footnote that each sign stands for."""
    free = (chr(code) for code in _PRIVATE if chr(code) not in text)
    signs: dict[str, int] = {}
    parts, at = [], 0
    for mark in sorted(marks(text, evidence), key=lambda mark: mark.end):
        signs[sign := next(free)] = first + mark.index
        parts += [text[at : mark.end], sign]
        at = mark.end
    return "".join([*parts, text[at:]]), signs


def _split(text: str, signs: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Words with the footnote behind them; 0 where there is none."""
    start = 0
    for at, letter in enumerate(text):
        if letter in signs:
            yield text[start:at], signs[letter]
            start = at + 1
    yield text[start:], 0


def _refer(run: Any, number: int) -> None:
    """Make a run the mark of a footnote."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run.font.superscript = True
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), str(number))
    run._r.append(reference)


def _note_xml(number: int, words: str) -> str:
    raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    small = '<w:rPr><w:sz w:val="18"/></w:rPr>'
    text = _escaped(_sound(words))
    return (
        f'<w:footnote w:id="{number}"><w:p><w:r>{raised}<w:footnoteRef/></w:r>'
        f'<w:r>{small}<w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sound(text: str) -> str:
    """Without characters that XML does not have."""
    return _STRANGE.sub(" ", text)


def _style(lists: Sequence[str], quoted: int) -> str | None:
    """The paragraph's style: Word's template has three levels of lists."""
    if lists:
        level = min(3, len(lists[:_DEEPEST]))
        return lists[-1] if level == 1 else f"{lists[-1]} {level}"
    return "Quote" if quoted else None
