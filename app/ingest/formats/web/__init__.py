"""Web pages saved as HTML."""
