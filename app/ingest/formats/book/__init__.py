"""Electronic books and print files, which MuPDF opens by itself."""
