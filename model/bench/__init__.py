"""The parts of ``lectern bench``: limits counted from a configuration, the engine, peers on the same shape."""
