"""The IAM judge: what a policy document allows, measured against what AWS says of each action."""
