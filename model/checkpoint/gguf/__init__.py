"""GGUF files, llama.cpp's format: read, checked, and converted into quantised model folders."""
