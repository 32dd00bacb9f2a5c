"""symopt inside other people's tools."""
