"""Fragmented MP4 as CMAF asks for it: written and read, without any I/O."""
