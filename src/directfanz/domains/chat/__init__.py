"""Chat: rooms where people speak while something goes on, and what is left of it to read again."""
