"""What is read, as a person sees it: pages, pictures and clips."""

from app.ui.viewer.pane import ViewerPane
from app.ui.viewer.regions import Region

__all__ = ["Region", "ViewerPane"]
