"""What a database is, besides its rows: read from both sides with the same questions, and compared."""
