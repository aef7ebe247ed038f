"""Orders: the API, the saga's pivot and its undo, and how an order is seen to end."""
