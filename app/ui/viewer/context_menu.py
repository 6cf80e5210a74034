"""The context menu of the viewer."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import tr
from app.ingest.searchable.saving import has_words
from app.ingest.types import Box
from app.session.items import Item
from app.ui.viewer.pages.pdf_view import PdfView
from app.ui.viewer.pages.text_view import TextView


class Viewer(Protocol):
    """What the menu needs of the viewer."""

    pdf: PdfView

    @property
    def searchable_wanted(self) -> SignalInstance:
        """Save what is shown as a searchable PDF."""

    @property
    def view(self) -> TextView | None:
        """The view that is shown, if it has words."""

    @property
    def current(self) -> Item | None:
        """The file that is shown."""

    def want_region(self, page: int, box: Box | None) -> None:
        """Look closer at a page or a part of it."""

    def choose_region(self, on: bool = True) -> None:
        """Let the mouse choose a region."""

    def copy_page(self, page: int) -> None:
        """A page as a picture, to the clipboard."""

    def save_page(self, page: int) -> None:
        """A page as a picture, as a file."""


def build_menu(pane: Viewer, parent: QWidget) -> QMenu:
    """For the selected words first, then for the page or the picture."""
    menu = QMenu(parent)
    view, pdf = pane.view, pane.pdf
    if view is None:
        return menu
    page = view.page
    if view.has_words:
        chosen = view.selected_box()
        copy = menu.addAction(tr("Copy"), view.copy)
        quote = menu.addAction(tr("Quote in the question"), view.quote)
        closer = menu.addAction(tr("Look closer at the selection"))
        if chosen is not None:
            closer.triggered.connect(partial(pane.want_region, *chosen))
        for action in (copy, quote, closer):
            action.setEnabled(chosen is not None)
        everything = tr("Select all text of page {number}", number=page) if view is pdf else tr("Select all text")
        menu.addAction(everything, view.select_page)
        menu.addSeparator()
    if view is pdf:
        menu.addAction(tr("Look closer at page {number}", number=page), partial(pane.want_region, page, None))
    else:
        menu.addAction(tr("Look closer at the picture"), partial(pane.want_region, page, None))
    menu.addAction(tr("Look closer at a region…"), partial(pane.choose_region, True))
    menu.addSeparator()
    if view is pdf:
        menu.addAction(tr("Copy page {number} as a picture", number=page), partial(pane.copy_page, page))
        menu.addAction(tr("Save page {number} as a picture…", number=page), partial(pane.save_page, page))
    else:
        menu.addAction(tr("Copy the picture"), partial(pane.copy_page, page))
        menu.addAction(tr("Save the picture…"), partial(pane.save_page, page))
    document = pane.current.document if pane.current is not None else None
    if document is not None and has_words(document) and not (pane.current and pane.current.altered):
        menu.addAction(tr("Save as searchable PDF…"), pane.searchable_wanted.emit)
    if view.source is not None and page in view.source.broken_pages:
        menu.addAction(tr("Redraw page {number}", number=page), partial(view.retry, page))
    if view.marked is not None:
        menu.addSeparator()
        menu.addAction(tr("Remove highlights"), view.unmark)
    return menu
