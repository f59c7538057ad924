"""Rules without I/O: what may be asked and given, which state may follow which, codes that are handed on."""
