"""How people find what they may see: the home feed, search, tags, and feeds for other programs."""
