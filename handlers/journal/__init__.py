"""Journal: every event, once; nothing in it is ever changed or removed."""
