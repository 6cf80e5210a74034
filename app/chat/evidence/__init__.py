"""Are the words that an answer quotes in the files, and where? ``check`` and ``prepare`` are the door."""
