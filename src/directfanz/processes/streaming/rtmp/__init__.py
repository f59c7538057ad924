"""RTMP and what it carries, without any I/O."""
