"""Users: people register under an e-mail address that is theirs alone."""
