"""A conversation for other programs: as Markdown, as a Word file, as data."""
