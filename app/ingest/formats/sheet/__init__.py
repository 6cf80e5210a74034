"""Tables of cells: Excel workbooks and files of separated values."""
