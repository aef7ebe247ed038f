"""Payments: a card is charged through a gateway and refunded."""
