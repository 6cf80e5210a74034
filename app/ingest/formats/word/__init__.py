"""Documents of Word and compatible programs (.docx)."""
