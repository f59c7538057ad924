"""The cache: rebuilt from what it was made of, but for what lives nowhere else, which is carried over."""
