from __future__ import annotations


class ProtocolError(Exception):
    """The peer broke the protocol, or went beyond a limit: it is cut. The message says why, for the log and the console."""
