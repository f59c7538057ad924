"""The lower rungs: ffmpeg children that only encode."""
