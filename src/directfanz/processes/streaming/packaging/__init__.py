"""From frames to parts, segments and playlists. One set of segments for LL-HLS, HLS and DASH."""
