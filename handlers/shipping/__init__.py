"""Shipping: a confirmed order becomes a shipment, which the carrier delivers."""
