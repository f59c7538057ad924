"""What people say and feel about posts, and who wants nothing to do with whom."""
