"""Streams over HTTP."""

from directfanz.domains.live.api import after, streams, together

TAGS = streams.TAGS
routes = [*streams.routes, *after.routes, *together.routes]
