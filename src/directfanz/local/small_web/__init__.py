"""What the small local websites share: how they are served, and what their pages may do."""
