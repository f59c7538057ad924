"""SRT: a gateway that reads who comes from the handshake and hands those that are let in to an ffmpeg of their own."""
