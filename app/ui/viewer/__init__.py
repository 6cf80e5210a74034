"""What is read, as a user sees it: pages, pictures and videos."""

from app.ui.viewer.pane import ViewerPane
from app.ui.viewer.regions import Region

__all__ = ["Region", "ViewerPane"]
