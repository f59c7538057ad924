"""What those who run the platform do with it."""
