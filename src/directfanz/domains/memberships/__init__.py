"""What creators offer, and who is a member of it: tiers, joining, changing, pausing, leaving, offers and gifts."""
