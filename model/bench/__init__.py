"""What ``lectern bench`` measures with: limits counted from a configuration, the engine, peers on the same shape."""
