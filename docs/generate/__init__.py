"""Writes the pages and schemas that follow from the catalogue and from what the program declares."""
