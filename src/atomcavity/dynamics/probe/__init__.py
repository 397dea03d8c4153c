"""Linear response to a weak probe."""
