"""Web pages saved as HTML or MHTML."""
