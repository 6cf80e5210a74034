"""The local API: Lectern's answers for other programs on this machine, in OpenAI's form, and Lectern's own functions.

``lectern serve`` and the window start it (``serving``); it is off until somebody does. See ``README.md`` beside this
file for the endpoints. No Qt, no torch: the model belongs to its own thread (``app.engine.model.worker``), and the
window and all programs wait in its one queue.
"""
