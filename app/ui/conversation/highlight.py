"""Colours for code in an answer: Pygments finds the tokens, Qt draws them.

Lexing is bounded in size and in time and continues in small slices between events, so that no block, however long or
hostile, holds the window up: what is not reached stays plain. While a block grows it is looked at again only when it
has become a good deal longer, so that the cost grows with its length and not with its square.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QApplication

MAX_CHARS = 60_000
MAX_LINE = 2_000
"""Beyond these a block stays plain."""
SLICE_S = 0.006
TOTAL_S = 0.4
GROW_SHARE = 4
SMALL_CHARS = 2_000

Span = tuple[int, int, str]
"""Start and length in a line, in UTF-16 units, and a kind of word."""


@dataclass(frozen=True)
class Scheme:
    """The colours of one theme; each keeps WCAG AA's contrast to the code's ground (tested)."""

    keyword: str
    name: str
    string: str
    number: str
    comment: str
    added: str
    removed: str


LIGHT = Scheme("#8a2a6b", "#1f4f86", "#2e6130", "#8a4500", "#635e57", "#2e6130", "#a3262a")
DARK = Scheme("#f0a6d8", "#8fbcf2", "#a5d6a0", "#f0b072", "#acaba7", "#a5d6a0", "#ff9d97")

_LEXERS = {
    "bash": ("shell", "BashLexer"),
    "c": ("c_cpp", "CLexer"),
    "cmake": ("make", "CMakeLexer"),
    "cpp": ("c_cpp", "CppLexer"),
    "csharp": ("dotnet", "CSharpLexer"),
    "css": ("css", "CssLexer"),
    "dart": ("javascript", "DartLexer"),
    "diff": ("diff", "DiffLexer"),
    "docker": ("configs", "DockerLexer"),
    "go": ("go", "GoLexer"),
    "haskell": ("haskell", "HaskellLexer"),
    "html": ("html", "HtmlLexer"),
    "ini": ("configs", "IniLexer"),
    "java": ("jvm", "JavaLexer"),
    "javascript": ("javascript", "JavascriptLexer"),
    "json": ("data", "JsonLexer"),
    "julia": ("julia", "JuliaLexer"),
    "kotlin": ("jvm", "KotlinLexer"),
    "latex": ("markup", "TexLexer"),
    "lua": ("scripting", "LuaLexer"),
    "make": ("make", "MakefileLexer"),
    "matlab": ("matlab", "MatlabLexer"),
    "perl": ("perl", "PerlLexer"),
    "php": ("php", "PhpLexer"),
    "powershell": ("shell", "PowerShellLexer"),
    "python": ("python", "PythonLexer"),
    "r": ("r", "SLexer"),
    "ruby": ("ruby", "RubyLexer"),
    "rust": ("rust", "RustLexer"),
    "scala": ("jvm", "ScalaLexer"),
    "sql": ("sql", "SqlLexer"),
    "swift": ("objective", "SwiftLexer"),
    "toml": ("configs", "TOMLLexer"),
    "typescript": ("javascript", "TypeScriptLexer"),
    "vbnet": ("dotnet", "VbNetLexer"),
    "xml": ("html", "XmlLexer"),
    "yaml": ("data", "YamlLexer"),
}
_ALIASES = {
    "c#": "csharp", "c++": "cpp", "cc": "cpp", "cs": "csharp", "dockerfile": "docker", "golang": "go", "h": "c",
    "hpp": "cpp", "hs": "haskell", "js": "javascript", "jsx": "javascript", "kt": "kotlin", "makefile": "make",
    "mjs": "javascript", "patch": "diff", "pl": "perl", "ps1": "powershell", "py": "python", "py3": "python",
    "python3": "python", "rb": "ruby", "rs": "rust", "sh": "bash", "shell": "bash", "svg": "xml", "tex": "latex",
    "ts": "typescript", "tsx": "typescript", "vb": "vbnet", "yml": "yaml", "zsh": "bash",
}  # fmt: skip


@lru_cache(maxsize=256)
def lexer(language: str) -> Any | None:
    """The lexer for a language as a model names it; ``None`` for one that is not known. Loaded when first needed."""
    name = language.strip().lower().strip("{}.")
    found = _LEXERS.get(_ALIASES.get(name, name))
    if found is None:
        return None
    module = importlib.import_module(f"pygments.lexers.{found[0]}")
    options = {"startinline": True} if found[1] == "PhpLexer" else {}
    return getattr(module, found[1])(stripnl=False, ensurenl=False, **options)


def tokens(text: str, language: str) -> Iterator[tuple[int, str, str]]:
    """Position, kind and words of everything that gets a colour."""
    known = lexer(language)
    if known is None or len(text) > MAX_CHARS or any(len(line) > MAX_LINE for line in text.split("\n")):
        return
    for at, token, words in known.get_tokens_unprocessed(text):
        yield at, _kind(token), words


@lru_cache(maxsize=256)
def _kind(token: Any) -> str:
    """Pygments' many kinds, as few of ours."""
    name = str(token)[len("Token.") :]
    if name.startswith("Comment"):
        return "name" if name.startswith("Comment.Preproc") else "comment"
    if name.startswith(("Keyword", "Operator.Word", "Name.Tag")):
        return "keyword"
    if name.startswith(("Literal.String", "String")):
        return "string"
    if name.startswith(("Literal", "Number")):
        return "number"
    if name.startswith(("Name.Function", "Name.Class", "Name.Decorator", "Name.Attribute", "Name.Builtin")):
        return "name"
    return {"Generic.Inserted": "added", "Generic.Deleted": "removed", "Generic.Heading": "name"}.get(name, "")


def by_line(found: Iterator[tuple[int, str, str]], lines: dict[int, list[Span]]) -> Iterator[None]:
    """Sort tokens into lines as they come; continues for as long as it is called."""
    number = column = 0
    for _, kind, words in found:
        for index, part in enumerate(words.split("\n")):
            if index:
                number, column = number + 1, 0
            length = len(part.encode("utf-16-le")) // 2
            if kind and length:
                lines.setdefault(number, []).append((column, length, kind))
            column += length
        yield None


def spans(text: str, language: str) -> dict[int, list[Span]]:
    """All coloured words by line, within the time that is allowed: for paper, where nobody waits."""
    lines: dict[int, list[Span]] = {}
    end = perf_counter() + TOTAL_S
    for _ in by_line(tokens(text, language), lines):
        if perf_counter() > end:
            break
    return lines


def formats(scheme: Scheme) -> dict[str, QTextCharFormat]:
    """How each kind of word looks: never by its colour alone where it matters (comments lean, keywords are heavier)."""
    found = {}
    for kind, colour in vars(scheme).items():
        form = QTextCharFormat()
        form.setForeground(QColor(colour))
        form.setFontItalic(kind == "comment")
        if kind == "keyword":
            form.setFontWeight(QFont.Weight.DemiBold)
        found[kind] = form
    return found


class Highlighter(QSyntaxHighlighter):
    """Colours one block of code, beside the event loop."""

    done = Signal()

    def __init__(self, document: QTextDocument, language: str, parent: QObject) -> None:
        super().__init__(parent)
        self._language, self._seen = language, 0
        self._lines: dict[int, list[Span]] = {}
        self._coming: dict[int, list[Span]] = {}
        self._work: Iterator[None] | None = None
        self._spent = 0.0
        self.lexed = 0
        """How many characters have been looked at: the work that this block has cost."""
        self._dark: bool | None = None
        self._formats: dict[str, QTextCharFormat] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._slice)
        self.setDocument(document)

    def follow(self, text: str, final: bool) -> None:
        """The code so far. Only whole lines are looked at until it is complete."""
        whole = len(text) if final else text.rfind("\n") + 1
        grown = whole - self._seen
        enough = final or whole < SMALL_CHARS or grown * GROW_SHARE > self._seen
        if grown > 0 and enough and whole <= MAX_CHARS and lexer(self._language) is not None:
            self._seen = whole
            self.lexed += whole
            self._coming, self._spent = {}, 0.0
            self._work = by_line(tokens(text[:whole], self._language), self._coming)
            self._timer.start()

    def _slice(self) -> None:
        start = perf_counter()
        assert self._work is not None
        over = False
        while not over and perf_counter() - start < SLICE_S:
            over = next(self._work, _END) is _END
        self._spent += perf_counter() - start
        if over or self._spent > TOTAL_S:
            self._timer.stop()
            self._work = None
            self._take()

    def _take(self) -> None:
        """Draw the lines that have become different, and no others."""
        before, self._lines = self._lines, self._coming
        for number in sorted(before.keys() | self._lines.keys()):
            if before.get(number) != self._lines.get(number):
                block: QTextBlock = self.document().findBlockByNumber(number)
                if block.isValid():
                    self.rehighlightBlock(block)
        self.done.emit()

    def highlightBlock(self, text: str) -> None:
        """Colour one line of code."""
        dark = QApplication.palette().window().color().lightness() < 128
        if dark != self._dark:
            self._dark, self._formats = dark, formats(DARK if dark else LIGHT)
        for start, length, kind in self._lines.get(self.currentBlock().blockNumber(), ()):
            self.setFormat(start, length, self._formats[kind])


_END = object()
