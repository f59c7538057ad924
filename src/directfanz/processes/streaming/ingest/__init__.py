"""The door for publishers."""
