"""Amazon IVS: a channel for each stream, seen with a signed token."""
