"""DirectFanz: the creator platform, on one machine or on AWS."""

__version__ = "0.1.0"
