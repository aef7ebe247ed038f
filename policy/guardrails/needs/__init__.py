"""What a role has to allow, derived from the definitions of what uses it."""
