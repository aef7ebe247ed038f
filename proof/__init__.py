"""The proof that every role may do what it needs, and nothing else."""
