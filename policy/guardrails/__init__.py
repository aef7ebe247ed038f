"""Guardrails for AWS: rules as data and pure functions, with a judge of IAM documents at their core."""
