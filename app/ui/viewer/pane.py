"""The viewer: one file at a time, with its line of tools, its list of pages and its search.

It picks the view by the kind of file; a video's player is made when the first video is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.chat.evidence.places import Place
from app.engine.media.rendering import RenderBridge
from app.i18n import tr, translated
from app.ingest.filekind import FileKind
from app.ingest.kinds import KINDS
from app.ingest.view.types import Sheets
from app.session.items import Item
from app.ui.files.words import changed_words
from app.ui.viewer.context_menu import build_menu
from app.ui.viewer.naming import kind_of
from app.ui.viewer.page_pictures import PagePictures
from app.ui.viewer.pages.image_view import ImageView
from app.ui.viewer.pages.pdf_view import PdfView
from app.ui.viewer.pages.text_view import TextView
from app.ui.viewer.pages.tiled_view import Fit
from model.messages import Message

if TYPE_CHECKING:
    from app.ui.viewer.recording.view import RecordingView
    from app.ui.viewer.video.view import VideoView


def _make_video() -> VideoView:
    from app.ui.viewer.video.view import VideoView

    return VideoView()


def _make_recording() -> RecordingView:
    from app.ui.viewer.recording.view import RecordingView

    return RecordingView()


class ViewerPane(PagePictures):
    """Call ``shutdown`` before it goes."""

    quote_wanted = Signal(str)
    searchable_wanted = Signal()
    """What is shown is to be saved as a PDF whose words can be searched."""
    link_wanted = Signal(QUrl)
    """A page leads to this address; the window asks before it opens it."""
    closed = Signal()

    def __init__(
        self,
        bridge: RenderBridge | None = None,
        make_video: Callable[[], VideoView] = _make_video,
        make_recording: Callable[[], RecordingView] = _make_recording,
        parent: QWidget | None = None,
    ) -> None:
        """Without a ``bridge`` it makes its own and ends it."""
        super().__init__(bridge, parent)
        self._own_bridge = bridge is None
        self._make_video, self._make_recording = make_video, make_recording
        self._kind: FileKind | None = None
        self._password: str | None = None
        self._content = ""
        """The hash of what is shown, as far as it has been read."""
        self._refused = False
        self.recording: RecordingView | None = None
        self._connect()
        self._add_keys()

    def _connect(self) -> None:
        tools, pdf, image, pages = self.toolbar, self.pdf, self.image, self.thumbnails
        tools.close_wanted.connect(self.closed)
        tools.page_wanted.connect(self._page_chosen)
        tools.zoom_wanted.connect(lambda zoom: self._with_view(lambda view: view.set_zoom(zoom)))
        tools.step_wanted.connect(lambda step: self._with_view(lambda view: view.zoom_by(step)))
        tools.fit_wanted.connect(self._set_fit)
        tools.find_wanted.connect(self.begin_find)
        tools.thumbnails_wanted.connect(self.show_thumbnails)
        tools.closer_wanted.connect(self.choose_region)
        for view in (pdf, image):
            view.opened.connect(self._opened)
            view.failed.connect(self._failed)
            view.zoom_changed.connect(self._show_zoom)
            view.page_changed.connect(self._show_page)
            view.region_chosen.connect(self._region_chosen)
            view.choosing_ended.connect(lambda: tools.closer_button.setChecked(False))
            view.menu_wanted.connect(self._menu)
            view.quote_wanted.connect(self.quote_wanted)
        pdf.link_wanted.connect(self.link_wanted)
        image.drag_begun.connect(lambda: self._prepare_drag(1))
        image.drag_wanted.connect(lambda: self._drag(1))
        pages.page_wanted.connect(self._turn_to)
        pages.drag_begun.connect(self._prepare_drag)
        pages.drag_wanted.connect(self._drag)
        self.find_bar.words_wanted.connect(self._find)
        self.find_bar.closed.connect(self.stack.setFocus)
        self.coverage.place_wanted.connect(self._cell_chosen)
        self.again_button.clicked.connect(self._again)

    def _add_keys(self) -> None:
        for keys, do in (
            ("F3", lambda: self._step_hit(1)),
            ("Shift+F3", lambda: self._step_hit(-1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    # For the window

    def show_item(self, item: Item, password: str | None = None) -> None:
        """Show a file, from its start; where it is shown already, it stays where it is."""
        kind = KINDS[kind_of(item)]
        password = password or item.options.password
        content = item.document.content_hash if item.document is not None else ""
        same = self._item is not None and self._item.path == item.path and not self._refused
        read_anew = bool(self._content and content and self._content != content)
        same = same and self._kind is kind  # reading may tell another one
        if not same or read_anew or password != self._password:
            self._close_views()
            self._password = password
            self._open(item, kind)
        elif self.recording is not None and self.stack.currentWidget() is self.recording:
            self.recording.show_recording(item)  # its length and waveform come with reading
        elif self.video is not None and self.stack.currentWidget() is self.video:
            self.video.show_video(item)
        self._item, self._kind, self._content = item, kind, content or self._content
        if self.view is not None:
            self.view.set_document(None if item.altered else item.document)
        self.toolbar.set_findable(self._findable)
        self.toolbar.set_title(item.name)
        self.toolbar.set_view(kind.view)
        self.toolbar.inside.set_files(item.document.attached if item.document is not None else ())
        self._show_coverage(item if kind.paged else None)
        if item.altered:
            self._say(changed_words(item), again=False)

    def show_place(self, item: Item, place: Place) -> None:
        """Show the page and mark the words, or the second of a video."""
        self.show_item(item)
        if self.video is not None and self.stack.currentWidget() is self.video:
            if place.time_s is not None:
                self.video.seek(place.time_s)
        elif self.recording is not None and self.stack.currentWidget() is self.recording:
            if place.time_s is not None:
                self.recording.mark(place.time_s)
        elif self.view is not None:
            self.view.mark(place.page or 1, place.boxes)

    def clear(self) -> None:
        """Close the file and show nothing."""
        self._close_views()
        self._item = self._password = None
        self.toolbar.set_title("")
        self.toolbar.set_view(None)
        self.toolbar.inside.set_files(())
        self._show_coverage(None)
        self.stack.setCurrentWidget(self.empty)

    def shutdown(self) -> None:
        """End processes and threads, remove files that were dragged out."""
        self.clear()
        for player in (self.video, self.recording):
            if player is not None:
                player.shutdown()
        if self._own_bridge:
            self.bridge.shutdown()
        self.carrier.close()

    # What the user wants

    @property
    def _findable(self) -> bool:
        if self._player is not None:
            return self._player.words.there
        return self.view is not None and self.view.has_words

    @property
    def _player(self) -> VideoView | RecordingView | None:
        """The player that is shown."""
        return next((one for one in (self.video, self.recording) if one is self.stack.currentWidget()), None)

    def begin_find(self) -> None:
        """Find words on pages, on a picture whose words were read, or in what is said in a video."""
        if self._player is not None:
            self._player.words.begin_find()
        elif self.view is not None and self.view.has_words:
            words = self.view.selected_text
            self.find_bar.use(self.view.finder)
            self.find_bar.begin(words if words and "\n" not in words and len(words) <= 100 else "")

    def show_thumbnails(self, on: bool) -> None:
        """Show or hide the list of pages."""
        self.toolbar.thumbnails_button.setChecked(on)
        shown = on and self.stack.currentWidget() is self.pdf
        self.thumbnails.setVisible(shown)
        if shown and not self.thumbnails.is_open and self._item is not None:
            self.thumbnails.open(self._item.path, self._password, self.pdf.page)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, find, select all of a page; Esc closes the search first."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.view is not None:
            self.view.copy() if self.view.selected else self.copy_page(self.view.page)
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self.view is not None:
            self.view.select_page()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.begin_find()
        elif event.key() == Qt.Key.Key_Escape and self.find_bar.isVisible():
            self.find_bar.leave()
        else:
            super().keyPressEvent(event)

    # Inside

    def _open(self, item: Item, kind: FileKind) -> None:
        if kind.view == "player":
            if self.video is None:
                self._add_video()
            assert self.video is not None
            self.stack.setCurrentWidget(self.video)
            self.stack.setFocusProxy(self.video)
            self.video.show_video(item)
        elif kind.view == "sound":
            if self.recording is None:
                self.recording = self._make_recording()
                self.stack.addWidget(self.recording)
            self.stack.setCurrentWidget(self.recording)
            self.stack.setFocusProxy(self.recording)
            self.recording.show_recording(item)
        else:
            view: PdfView | ImageView = self.pdf if kind.view == "pages" else self.image
            self.stack.setCurrentWidget(view)
            self.stack.setFocusProxy(view)
            self.toolbar.set_pages(1, len(item.document.pages) if item.document is not None else 1)
            self._item = item
            view.open(item.path, self._password)
            self.show_thumbnails(self.toolbar.thumbnails_button.isChecked())

    def _add_video(self) -> None:
        self.video = video = self._make_video()
        self.stack.addWidget(video)
        video.region_wanted.connect(self._frame_chosen)

    def _close_views(self) -> None:
        self._taker.forget()
        if self.find_bar.isVisible():
            self.find_bar.leave()
        for view in (self.pdf, self.image):
            view.set_choosing(False)
            view.clear()
        self.thumbnails.clear()
        self.thumbnails.hide()
        for player in (self.video, self.recording):
            if player is not None:
                player.clear()
        self.carrier.forget()
        self._content, self._refused = "", False
        self.note.set_text("")

    def _opened(self, sheets: Sheets) -> None:
        self.toolbar.set_pages(self.pdf.page if sheets.view == "pages" else 1, len(sheets.sizes))
        if sheets.total > len(sheets.sizes):
            words = tr(
                "Only the first {shown} of {total} pages are shown.", shown=len(sheets.sizes), total=sheets.total
            )
            self._say(words, again=False)

    def _failed(self, message: Message, locked: bool) -> None:
        self._refused = True
        self._say(translated(message), again=not locked)

    def _again(self) -> None:
        item, password = self._item, self._password
        if item is not None:
            self._item = None
            self.show_item(item, password)

    def _find(self, words: str) -> None:
        if self.view is not None:
            self.view.finder.find(words, self.view.page)

    def _with_view(self, do: Callable[[TextView], None]) -> None:
        if self.view is not None:
            do(self.view)

    def _set_fit(self, fit: Fit) -> None:
        self._with_view(lambda view: view.set_fit(fit))

    def _show_zoom(self) -> None:
        if self.view is not None:
            self.toolbar.set_zoom(self.view.zoom, self.view.fit)

    def _show_page(self, page: int) -> None:
        if self.stack.currentWidget() is self.pdf and self.pdf.pages:
            self.toolbar.set_pages(page, self.pdf.pages)
            self.thumbnails.show_page(page)
            self.coverage.show_page(page)

    def _show_coverage(self, item: Item | None) -> None:
        document = item.document if item is not None else None
        if document is not self.coverage.document:
            self.coverage.set_document(document)
        self.covered.setVisible(document is not None)

    def _cell_chosen(self, place: Place) -> None:
        self._turn_to(place.page or 1)

    def _turn_to(self, page: int) -> None:
        self.pdf.remember()
        self.pdf.go_to_page(page)

    def _page_chosen(self, page: int) -> None:
        self._turn_to(page)
        self.pdf.setFocus()

    def _step_hit(self, by: int) -> None:
        if self.find_bar.isVisible():
            self.find_bar.step(by)
        else:
            self.begin_find()

    def _menu(self, where: QPoint) -> None:
        menu = build_menu(self, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Only the views have one."""
        event.accept()
