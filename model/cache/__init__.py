"""The KV cache, what stays in it between requests, and what is kept of it on disk."""
