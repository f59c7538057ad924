"""AWS Elemental MediaLive: an input and a channel for each stream, HLS into the bucket."""
