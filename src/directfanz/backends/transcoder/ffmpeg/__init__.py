"""ffmpeg on the worker's own machine."""
