"""Fetching a model: the one part of Lectern that opens a connection, and only when the user asks for it.

``catalogue`` says what can be fetched and what each needs, ``worker`` is the process that has the network, and
``fetching`` is the application's end of it. No Qt, no torch. Only ``worker`` imports huggingface_hub.
"""
