"""Still images, from PNG and JPEG to scans in TIFF."""
