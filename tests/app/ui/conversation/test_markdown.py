import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from app.ui.conversation.answer import AnswerBody
from app.ui.conversation.code_view import CodeView
from app.ui.conversation.markdown import MarkdownView, SealedDocument
from app.ui.window.dialogs import LinkDialog, openable

HOSTILE = [
    "![a]({web}/x.png)",
    "![a](file://{file})",
    "![a]({file})",
    "![a](file://server/share/x.png)",
    r"![a](\\server\share\x.png)",
    "![a](data:image/png;base64,iVBORw0KGgo=)",
    '<img src="{web}/x.png">',
    '<link rel="stylesheet" href="{web}/x.css"><style>@import url({web}/y.css)</style>',
    '<object data="{web}/x"></object><iframe src="{web}/x"></iframe>',
    "[![a]({web}/x.png)]({web}/y)",
    "![a][ref]\n\n[ref]: {web}/z.png",
]


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes every request."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, name="web")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_is_fetched(
    qtbot: QtBot, web: tuple[str, list[str]], tmp_path: Path, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = web
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not a picture")
    loaded: list[str] = []
    sealed = SealedDocument.loadResource

    def watch(self: SealedDocument, kind: int, name: QUrl) -> object:
        loaded.append(str(name))
        return sealed(self, kind, name)

    monkeypatch.setattr(SealedDocument, "loadResource", watch)
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown(hostile.format(web=address, file=secret))
    view.resize(500, 300)
    view.show()
    qtbot.waitExposed(view)
    view.grab()
    assert asked == []
    for kind in QTextDocument.ResourceType:
        for name in (f"{address}/x.png", secret.as_uri(), "file://server/share/x", "qrc:/x", "data:,x"):
            assert view.loadResource(kind.value, QUrl(name)) is None
            assert view.document().resource(kind.value, QUrl(name)) is None


def test_a_picture_is_named_not_shown(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown("Look: ![a **big** cat](https://example.org/cat.png) and ![x](x.png) and ![](y.png)")
    assert "[picture, not loaded: a big cat]" in view.toPlainText()
    assert "[picture, not loaded: x]" in view.toPlainText()
    assert "\ufffc" not in view.toPlainText()


def test_html_is_text(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown("A <b>bold</b> <script>alert(1)</script>")
    assert view.toPlainText() == "A <b>bold</b> <script>alert(1)</script>"


def test_tables_lists_and_code_are_drawn(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\n1. x\n2. y\n\nUse `code`.")
    tables = [frame for frame in view.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert [(table.rows(), table.columns()) for table in tables] == [(2, 2)]
    assert view.document().findBlock(view.toPlainText().index("x")).textList() is not None


def test_a_view_is_as_high_as_its_text(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.resize(400, 50)
    view.show()
    view.set_markdown("word " * 20)
    low = view.height()
    view.set_markdown("word " * 2000)
    assert view.height() > 10 * low
    assert view.verticalScrollBar().maximum() <= 1


def test_a_link_asks_before_it_leads_anywhere(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown("[a](https://example.org/x)")
    assert not view.openLinks() and not view.openExternalLinks()


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "file://server/x", "//server/x", "javascript:alert(1)", "mailto:a@b.c", "smb://s/x",
     "relative/page.html", "#anchor", "http:///nohost", "data:text/html,x", "ms-settings:x", ""],
)  # fmt: skip
def test_only_web_addresses_can_be_opened(address: str) -> None:
    assert not openable(QUrl(address))


def test_the_dialog_shows_the_whole_address(qtbot: QtBot) -> None:
    url = QUrl("https://example.org.evil.test/" + "a" * 300 + "?q=ü#frag")
    dialog = LinkDialog(url)
    qtbot.addWidget(dialog)
    shown = dialog.address.toPlainText()
    assert shown.startswith("https://example.org.evil.test/aaa") and shown.endswith("?q=%C3%BC#frag")
    assert len(shown) > 300
    assert dialog.cancel_button.isDefault()


def test_lookalike_names_are_shown_in_their_true_form(qtbot: QtBot) -> None:
    dialog = LinkDialog(QUrl("https://ex\u0430mple.org/"))  # a Cyrillic letter
    qtbot.addWidget(dialog)
    assert "xn--" in dialog.address.toPlainText()


def test_only_the_growing_piece_is_drawn_again(qtbot: QtBot) -> None:
    body = AnswerBody()
    qtbot.addWidget(body)
    body.resize(700, 400)
    body.show()
    text = "\n\n".join(f"Paragraph {number}: " + "word " * 60 for number in range(30))
    body.set_text(text[: len(text) // 2], final=False)
    qtbot.waitUntil(lambda: len(body.pieces) > 2)
    first = body.pieces[0]
    drawn: list[str] = []
    first.document().contentsChanged.connect(lambda: drawn.append("again"))
    body.set_text(text, final=True)
    assert body.pieces[0] is first and drawn == []


def test_a_long_answer_costs_as_much_as_its_length(qtbot: QtBot) -> None:
    def cost(paragraphs: int) -> float:
        body, area = AnswerBody(), QScrollArea()
        qtbot.addWidget(area)
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.resize(700, 400)
        area.show()
        text, start = "", perf_counter()
        for number in range(paragraphs):
            text += f"Paragraph {number}: " + "word " * 60 + "\n\n"
            body.set_text(text, final=False)
            body._draw()
            QApplication.processEvents()
        return perf_counter() - start

    cost(10)
    assert cost(160) < 12 * cost(40)  # quadratic would be 16 times, linear 4


def test_code_can_be_copied_and_grows_at_its_end(qtbot: QtBot) -> None:
    body = AnswerBody()
    qtbot.addWidget(body)
    body.set_text("```py\nx = 1\n", final=False)
    qtbot.waitUntil(lambda: len(body.pieces) == 1)
    code = body.pieces[0]
    assert isinstance(code, CodeView)
    body.set_text("```py\nx = 1\ny = 2\n```\n", final=True)
    assert body.pieces == [code]
    from app.ui.look.widgets import CopyButton

    code.findChild(CopyButton).click()
    assert QApplication.clipboard().text() == "x = 1\ny = 2\n"


def test_a_new_theme_draws_the_text_anew(qtbot: QtBot, qapp: QApplication) -> None:
    from app.ui.look.theme import Theme

    theme = Theme(qapp, "light")
    view = MarkdownView("Answer")
    qtbot.addWidget(view)
    view.set_markdown("Use `code`.")
    drawn: list[bool] = []
    view.document().contentsChanged.connect(lambda: drawn.append(True))
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: bool(drawn))
    theme.set_mode("system")
