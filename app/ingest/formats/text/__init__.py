"""Plain text, Markdown, source code and other files that are read as they are written."""
