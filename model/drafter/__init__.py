"""Google's drafters (``…-assistant``): small networks that guess the next tokens from a larger model's own state.

``config`` reads a drafter's folder and says whether it belongs to a model; ``network`` drafts. Drafts are checked
by the model itself (``model.engine.decode``), so that a drafter changes the speed of an answer and nothing else.
"""
