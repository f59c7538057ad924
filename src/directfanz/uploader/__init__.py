"""Uploading from the command line: a program at the creator's own machine, which knows the platform by its API alone."""
