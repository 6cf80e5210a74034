"""Files that are not pages, laid out into pages: a kind says what is in a file, and all the rest is here."""
