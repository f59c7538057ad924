"""What SQL knows of streams."""
