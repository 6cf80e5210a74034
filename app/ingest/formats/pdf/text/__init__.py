"""A page's text layer: read, put in order, and compared with what the page shows."""
