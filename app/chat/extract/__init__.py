"""The every-page pass: columns, one request for each page, and the rows of the table."""
