"""Who may see what, until when, and why: the only thing that a check of access reads."""
