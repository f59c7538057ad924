"""What administrators and security settings did: append-only, each entry sealing the one before it."""
