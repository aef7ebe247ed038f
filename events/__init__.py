"""The event catalogue: imported by components, handlers and tests alike."""
