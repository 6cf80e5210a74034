"""Scans and pictures saved as PDF files whose words can be searched: both ends of the pipe to a confined process."""
