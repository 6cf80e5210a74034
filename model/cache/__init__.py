"""The KV cache, which parts stay in it between requests, and which are saved to disk."""
