"""Files become Documents here, in a separate process that may crash or hang. No Qt, no torch."""
