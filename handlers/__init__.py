"""What runs in Lambda: a package per service, and what they share."""
