"""Which pages of the files a question is about: full-text ranking, for machines that take minutes to read all."""
