"""A person's data is theirs: to take along, and to have erased."""
