"""The scenes of a video as a list: a picture, the times, a title, what happens."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.chat.scenes.asking import Scene, SceneList
from app.chat.scenes.export import name_of
from app.i18n import tr, translated
from app.text.times import h_mm_ss
from app.ui.look.colours import scaled

PICTURE = QSize(112, 63)
_PAD = 8
_LINES = 4
"""Of a summary; all of it is in the tooltip."""
Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


class SceneModel(QAbstractListModel):
    """What the list shows. Rows are scenes, in order; ``current`` is the one on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._scenes: tuple[Scene, ...] = ()
        self._pictures: dict[int, QPixmap] = {}
        self.current = -1

    def set_scenes(self, scenes: SceneList | None) -> bool:
        """Show these; rows that stay the same are left alone. Whether the rows' heights may have changed."""
        new = scenes.scenes if scenes is not None else ()
        if len(new) != len(self._scenes):
            self.beginResetModel()
            self._scenes = new
            self._pictures.clear()
            self.endResetModel()
            return True
        changed = [row for row, (old, now) in enumerate(zip(self._scenes, new, strict=True)) if old is not now]
        self._scenes = new
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))
        return bool(changed)

    def set_current(self, row: int) -> None:
        """Mark the scene that is shown."""
        if row == self.current:
            return
        old, self.current = self.current, row
        for one in (old, row):
            if 0 <= one < len(self._scenes):
                self.dataChanged.emit(self.index(one), self.index(one))

    def scene(self, row: int) -> Scene | None:
        """The scene of a row."""
        return self._scenes[row] if 0 <= row < len(self._scenes) else None

    def picture(self, row: int, ratio: float) -> QPixmap:
        """The scene's small picture, decoded when it is first painted."""
        if row not in self._pictures:
            image = QImage.fromData(self._scenes[row].thumbnail)
            if not image.isNull():
                smooth = Qt.TransformationMode.SmoothTransformation
                image = image.scaled(PICTURE * ratio, Qt.AspectRatioMode.KeepAspectRatio, smooth)
                image.setDevicePixelRatio(ratio)
            self._pictures[row] = QPixmap.fromImage(image)
        return self._pictures[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many scenes there are."""
        return 0 if parent.isValid() else len(self._scenes)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        """The words of a row, for the eye and for a screen reader."""
        scene = self.scene(index.row())
        if scene is None:
            return None
        title = translated(name_of(index.row() + 1, scene))
        if role == _ROLE.DisplayRole:
            return title
        if role in (_ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            times = tr("{start} to {end}", start=h_mm_ss(scene.start_s), end=h_mm_ss(scene.end_s))
            words = [times, title, scene.summary]
            if index.row() == self.current and role == _ROLE.AccessibleTextRole:
                words.insert(0, tr("current"))
            return ("\n" if role == _ROLE.ToolTipRole else ", ").join(word for word in words if word)
        return None


class SceneDelegate(QStyledItemDelegate):
    """Draws a row: the picture on the left, on the right the times over the title over the summary."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self._sizes: dict[int, tuple[Scene, int, str, QSize]] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one scene."""
        model, view = index.model(), option.widget
        assert isinstance(model, SceneModel)
        scene = model.scene(index.row())
        if scene is None:
            return
        painter.save()
        palette, rect = option.palette, option.rect
        current = index.row() == model.current
        if current:
            painter.fillRect(rect, palette.light())
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), palette.highlight())
        ratio = view.devicePixelRatioF() if view is not None else 1.0
        picture = model.picture(index.row(), ratio)
        frame = QRect(rect.left() + _PAD, rect.top() + _PAD, PICTURE.width(), PICTURE.height())
        painter.fillRect(frame, palette.alternateBase())
        size = picture.deviceIndependentSize().toSize()
        painter.drawPixmap(frame.center().x() - size.width() // 2, frame.center().y() - size.height() // 2, picture)
        self._words(painter, option, scene, translated(name_of(index.row() + 1, scene)))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(palette.highlight().color())
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def _words(self, painter: QPainter, option: QStyleOptionViewItem, scene: Scene, title: str) -> None:
        palette, area = option.palette, _text_area(option.rect)
        small, bold = _fonts(option.font)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(small)
        line = QFontMetrics(small).lineSpacing()
        painter.drawText(area, int(flags), f"{h_mm_ss(scene.start_s)} – {h_mm_ss(scene.end_s)}")
        area.setTop(area.top() + line)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.setFont(bold)
        height = QFontMetrics(bold).boundingRect(area, int(flags), title).height()
        painter.drawText(area, int(flags), title)
        if scene.summary:
            area.setTop(area.top() + height)
            painter.setFont(small)
            painter.setClipRect(area)
            painter.drawText(area, int(flags), scene.summary)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its words need, up to a few lines of summary."""
        model, view = index.model(), option.widget
        assert isinstance(model, SceneModel)
        scene = model.scene(index.row())
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 320
        if scene is None:
            return QSize(width, PICTURE.height() + 2 * _PAD)
        known = self._sizes.get(index.row())
        if known is not None and known[0] is scene and known[1:3] == (width, option.font.key()):
            return known[3]
        small, bold = _fonts(option.font)
        area = _text_area(QRect(0, 0, width, 10_000))
        wrap = int(Qt.TextFlag.TextWordWrap)
        line = QFontMetrics(small).lineSpacing()
        title = translated(name_of(index.row() + 1, scene))
        height = line + QFontMetrics(bold).boundingRect(area, wrap, title).height()
        if scene.summary:
            height += min(_LINES * line, QFontMetrics(small).boundingRect(area, wrap, scene.summary).height())
        size = QSize(width, max(PICTURE.height(), height) + 2 * _PAD)
        self._sizes[index.row()] = (scene, width, option.font.key(), size)
        return size


class SceneListView(QListView):
    """The list view of a video's scenes."""

    def __init__(self, model: SceneModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(SceneDelegate(self))
        self.setAccessibleName(tr("Scenes"))
        self.setUniformItemSizes(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QListView.Shape.NoFrame)


def _text_area(rect: QRect) -> QRect:
    return rect.adjusted(PICTURE.width() + 2 * _PAD + 4, _PAD - 2, -_PAD, -_PAD + 2)


def _fonts(base: QFont) -> tuple[QFont, QFont]:
    small, bold = QFont(base), QFont(base)
    small.setPointSizeF(scaled(base, 0.9))
    bold.setWeight(QFont.Weight.DemiBold)
    return small, bold
