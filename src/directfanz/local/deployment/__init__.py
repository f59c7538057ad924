"""A new version takes over on one machine without dropping a request: a second colour beside the first, and the edge between them."""
