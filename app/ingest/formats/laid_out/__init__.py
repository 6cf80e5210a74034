"""Files that are not pages, laid out into pages: a kind gives a file's content, and all the rest is here."""
