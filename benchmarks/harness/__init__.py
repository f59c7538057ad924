"""Start a server, load it, count what it cost, say it beside its peers."""
