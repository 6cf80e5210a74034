"""Threads, queues and the process itself: what the other parts of the engine are built on."""
