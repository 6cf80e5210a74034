"""Pages and pictures in the viewer: where they are, drawn, searched, selected and marked."""
