"""GGUF files, llama.cpp's format: read, checked, and turned into model folders of our own."""
