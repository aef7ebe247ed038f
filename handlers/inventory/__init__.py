"""Inventory: stock is reserved for an order and released again."""
