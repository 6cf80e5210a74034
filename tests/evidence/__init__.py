"""Generated documents whose every word's place is known, quotations from them, and how well they are looked up."""
