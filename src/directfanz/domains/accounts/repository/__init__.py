"""The tables of this domain, one module each (or a few that belong together)."""
