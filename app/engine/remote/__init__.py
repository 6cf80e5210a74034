"""A model on another machine, or in another program on this one, spoken to as OpenAI's API defines it.

``server`` says which server and what it can do, ``secrets`` keeps its key, ``messages`` turns a request into the API's
words, and ``engine`` is an ``Engine`` like any other. Nothing here runs unless the user has chosen a server. No Qt, no
torch.
"""
