"""From a browser: WHIP (RFC 9725), an offer over HTTP and the media over WebRTC. Needs the extra `whip`."""
