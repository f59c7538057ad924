"""What viewers ask for, through the edge."""
