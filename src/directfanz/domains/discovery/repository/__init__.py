"""Tables of this domain. `post_search`, `tag_posts`, `creator_search` and `search_words` are kept by triggers (0150)."""
