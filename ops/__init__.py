"""The operator's commands, on any stack by its outputs."""
