"""Notifications: customers hear what became of their orders, once."""
