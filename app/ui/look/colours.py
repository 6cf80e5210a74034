"""The colours of the light and the dark theme, the palettes made of them, and sizes of type.

Every text pair keeps WCAG AA's contrast (tested).
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette


@dataclass(frozen=True)
class Colours:
    """One theme. ``strong`` is a border that has to be seen (3:1), ``border`` one that only divides."""

    window: str
    side: str
    surface: str
    hover: str
    border: str
    strong: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    soft: str
    code: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str


LIGHT = Colours(
    window="#fcfbf9",
    side="#f4f2ee",
    surface="#ffffff",
    hover="#e9e6df",
    border="#e2ded6",
    strong="#8b867d",
    text="#211f1c",
    muted="#635e57",
    accent="#24588f",
    accent_hover="#1b4674",
    on_accent="#ffffff",
    soft="#e6eef7",
    code="#f3f1ec",
    danger="#a3262a",
    danger_soft="#fcecea",
    warning="#7a4d00",
    warning_soft="#fdf2dc",
)
DARK = Colours(
    window="#1a1b1e",
    side="#202125",
    surface="#27282d",
    hover="#34363c",
    border="#36383e",
    strong="#7d8088",
    text="#ecebe8",
    muted="#acaba7",
    accent="#8fbcf2",
    accent_hover="#b0d0f7",
    on_accent="#10233c",
    soft="#25364c",
    code="#222327",
    danger="#ff9d97",
    danger_soft="#44272a",
    warning="#f0c274",
    warning_soft="#3d3220",
)


def contrast(first: str, second: str) -> float:
    """WCAG's contrast ratio of two colours."""
    light, dark = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def palette(colours: Colours) -> QPalette:
    """The roles that widgets read: ``PlaceholderText`` is muted text, ``Highlight`` the accent."""
    role = QPalette.ColorRole
    result = QPalette()
    for which, colour in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.code,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.BrightText: colours.danger,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.surface,
        role.ToolTipText: colours.text,
        role.Light: colours.soft,
        role.Midlight: colours.border,
        role.Mid: colours.strong,
        role.Dark: colours.strong,
        role.Shadow: colours.border,
        role.Accent: colours.accent,
    }.items():
        result.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.muted))
    return result


def scaled(font: QFont, factor: float) -> float:
    """A size relative to the system's own, in points, so that the user's text size counts."""
    points = font.pointSizeF()
    return round((points if points > 0 else 10.0) * factor, 1)


def small_font(font: QFont) -> QFont:
    """The font of a list's second line."""
    result = QFont(font)
    result.setPointSizeF(scaled(font, 0.88))
    return result
