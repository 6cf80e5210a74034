"""The one style sheet. Looks are chosen by the dynamic property ``look``, never by colours in widgets."""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from PySide6.QtGui import QFont

from app import paths
from app.ui.look.colours import DARK, Colours, scaled

_SHEET = Template("""
QToolTip { background: $surface; color: $text; border: 1px solid $strong; padding: 5px 7px; }
QMainWindow, QDialog { background: $window; }
QMenuBar { background: $side; color: $text; border-bottom: 1px solid $border; padding: 2px 6px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; color: $text; border: 1px solid $strong; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 24px; border-radius: 5px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QScrollArea { background: transparent; border: 1px solid transparent; }
TiledView { border: 1px solid transparent; }
QScrollArea:focus, TiledView:focus { border-color: $accent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 2px; }
QScrollBar::handle { background: $strong; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QLabel[look="muted"] { color: $muted; }
QLabel[look="small"], QLabel[look="remark"], QLabel[look="error"] { font-size: ${small}pt; }
QLabel[look="small"] { color: $muted; }
QLabel[look="remark"] { color: $warning; }
QLabel[look="error"] { color: $danger; }
QLabel[look="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[look="heading"] { font-weight: 600; }
QLabel[look="badge"] { font-size: ${small}pt; border: 1px solid $strong; border-radius: 5px; padding: 0px 6px;
    color: $text; background: transparent; }
QLabel[look="badge"][state="resident"] { background: $soft; border-color: $accent; }
QLabel[look="badge"][state="disk"] { background: $hover; }
QLabel[look="badge"][state="unread"] { border-style: dashed; color: $muted; }
QLabel[look="name"] { font-weight: 500; }
QLabel[look="talk"] { font-weight: 600; }
QLabel[look="key"] { font-size: ${small}pt; border: 1px solid $strong; border-radius: 5px; padding: 1px 7px;
    background: $surface; }

QWidget[look="side"] { background: $side; }
QWidget[look="plain"] { background: $window; }
QFrame[look="head"] { background: $window; border: none; border-bottom: 1px solid $border; min-height: 47px; }
QFrame[look="strip"] { background: $window; border: none; border-bottom: 1px solid $border; }
QFrame[look="card"] { background: $surface; border: 1px solid $border; border-radius: 10px; }
QFrame[look="card"][shown="false"]:hover { border-color: $strong; }
QFrame[look="card"][shown="true"] { background: $soft; border-color: $accent; }
QFrame[look="card"]:focus { border: 2px solid $accent; }
QFrame[look="question"] { background: $soft; border: none; border-radius: 14px; }
QFrame[look="code"] { background: $code; border: 1px solid $border; border-radius: 8px; }
QFrame[look="quote"] { border: none; border-left: 3px solid $border; }
QFrame[look="notice"] { background: $soft; border: none; border-radius: 8px; }
QFrame[look="warning"] { background: $warning_soft; border: none; border-radius: 8px; }
QFrame[look="danger"] { background: $danger_soft; border: none; border-radius: 8px; }
QFrame[look="warning"] QLabel { color: $warning; }
QFrame[look="danger"] QLabel { color: $danger; }
QFrame[look="composer"] { background: $surface; border: 1px solid $strong; border-radius: 14px; }
QFrame[look="composer"][focused="true"] { border: 2px solid $accent; }
QFrame[look="thumb"] { background: $code; border: 1px solid $border; border-radius: 6px; }

QListView { background: transparent; border: none; color: $text; }
.QListView { background: $surface; border: 1px solid $strong; selection-background-color: $soft;
    selection-color: $text; }
QListView[look="bare"] { background: transparent; border: none; outline: none; }
QListView[look="bare"] QLineEdit { padding: 3px 6px; }

QPlainTextEdit, QTextBrowser { placeholder-text-color: $muted; background: transparent; border: none; color: $text;
    selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit[look="mono"] { font-family: $mono; }
QTextBrowser[look="thought"] { color: $muted; }
QTextBrowser:focus, QPlainTextEdit[look="mono"]:focus { border: 1px solid $accent; border-radius: 4px; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 4px;
    color: $text; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $border; }
QToolButton:focus { border: 2px solid $accent; padding: 3px; }
QToolButton:checked { background: $soft; border-color: $accent; color: $accent; }
QToolButton::menu-indicator { image: none; }
QToolButton[look="round"] { background: $accent; border-radius: 17px; border: 1px solid $accent; }
QToolButton[look="round"]:hover { background: $accent_hover; }
QToolButton[look="round"]:disabled { background: $border; border-color: $border; }
QToolButton[look="round"]:focus { border: 2px solid $text; }
QToolButton[look="model"] { border: 1px solid $border; padding: 4px 0px 4px 10px; color: $text; }
QToolButton[look="model"]:focus { border: 2px solid $accent; padding: 3px 0px 3px 9px; }
QToolButton[look="chip"] { border: 1px solid $border; padding: 4px 1px 4px 8px; }
QToolButton[look="chip"]:focus { border: 2px solid $accent; padding: 3px 0px 3px 7px; }
QToolButton[look="chip"]:checked { border: 1px solid $accent; }
QToolButton[look="new"] { border: 1px solid $border; background: $surface; padding: 7px 10px; font-weight: 500; }
QToolButton[look="new"]:hover { border-color: $strong; background: $surface; }
QToolButton[look="new"]:focus { border: 2px solid $accent; padding: 6px 9px; }
QToolButton[look="set"] { border: 1px solid $accent; background: $soft; padding: 4px 8px; }
QToolButton[look="set"]:focus { border: 2px solid $accent; padding: 3px 7px; }
QToolButton[look="small"] { font-size: ${small}pt; color: $muted; padding: 3px 6px; }

QPushButton { background: $surface; color: $text; border: 1px solid $strong; border-radius: 8px;
    padding: 7px 15px; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border: 2px solid $accent; padding: 6px 14px; }
QPushButton:disabled { color: $muted; border-color: $border; }
QPushButton[look="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[look="primary"]:disabled { background: $surface; color: $muted; border-color: $border; }
QPushButton[look="primary"]:hover { background: $accent_hover; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="link"] { background: transparent; border: 1px solid transparent; color: $accent;
    padding: 3px 6px; }
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus { border: 1px solid $accent; }
QPushButton[look="place"] { background: transparent; border: 1px solid transparent; border-radius: 4px; color: $accent;
    padding: 1px 2px; text-align: left; }
QPushButton[look="place"]:hover { text-decoration: underline; }
QPushButton[look="place"]:focus { border: 1px solid $accent; padding: 1px 2px; }
QPushButton[look="suggestion"] { background: $surface; border: 1px solid $border; text-align: left;
    padding: 10px 14px; }
QPushButton[look="suggestion"]:hover { border-color: $accent; background: $soft; }
QPushButton[look="suggestion"]:focus { border: 2px solid $accent; padding: 9px 13px; }
QPushButton[look="pill"] { border: 1px solid $strong; border-radius: 11px; padding: 4px 12px; }
QPushButton[look="pill"]:hover { border-color: $accent; background: $soft; }
QPushButton[look="pill"]:focus { border: 2px solid $accent; padding: 3px 11px; }

QProgressBar { background: $border; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QLineEdit { background: $surface; color: $text; placeholder-text-color: $muted; border: 1px solid $strong;
    border-radius: 7px; padding: 6px 8px; }
QLineEdit:focus { border: 2px solid $accent; padding: 5px 7px; }
QLineEdit[look="search"] { border-color: $border; padding: 5px 6px; }
QLineEdit[look="search"]:focus { border-color: $accent; padding: 4px 5px; }
QComboBox, QAbstractSpinBox { background: $surface; color: $text; border: 1px solid $strong; border-radius: 7px;
    padding: 5px 8px; }
QComboBox:focus, QAbstractSpinBox:focus { border: 2px solid $accent; padding: 4px 7px; }
QComboBox:disabled, QAbstractSpinBox:disabled { color: $muted; border-color: $border; }
QComboBox { padding-right: 26px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$chevron"); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $surface; color: $text; border: 1px solid $strong; padding: 4px;
    selection-background-color: $soft; selection-color: $text; outline: none; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0px; border: none; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid $strong; border-radius: 4px; background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QCheckBox::indicator:disabled { border-color: $border; }
QCheckBox, QRadioButton { color: $text; spacing: 8px; padding: 3px; border: 1px solid transparent; border-radius: 5px; }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QTableView { background: $surface; color: $text; border: 1px solid $border; border-radius: 8px; outline: none;
    selection-background-color: $soft; selection-color: $text; }
QTableView:focus { border: 2px solid $accent; }
QHeaderView::section { background: $side; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 6px 8px; }
QPlainTextEdit[look="field"] { background: $surface; border: 1px solid $strong; border-radius: 8px; padding: 4px; }
QPlainTextEdit[look="field"]:focus { border: 2px solid $accent; padding: 3px; }
""")


def stylesheet(colours: Colours, font: QFont) -> str:
    """The sheet in one theme's colours and relative to the system's font."""
    theme = "dark" if colours == DARK else "light"
    return _SHEET.substitute(
        asdict(colours),
        chevron=paths.resource("icons", f"chevron-{theme}.svg").as_posix(),
        tick=paths.resource("icons", f"tick-{theme}.svg").as_posix(),
        small=scaled(font, 0.9),
        title=scaled(font, 1.75),
        mono='"SF Mono", "Cascadia Mono", "Consolas", "DejaVu Sans Mono", "Noto Sans Mono", monospace',
    )
