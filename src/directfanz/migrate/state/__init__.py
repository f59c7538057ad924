"""What a move knows about itself, kept in the target."""
