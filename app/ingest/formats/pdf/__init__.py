"""PDF files: text with its boxes, forms, comments, and what is wrong with them."""
