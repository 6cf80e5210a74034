"""What is read, as a person sees it: pages, pictures and clips."""
