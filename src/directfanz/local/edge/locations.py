"""One route as nginx's locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directfanz.local.edge.addresses import EdgeAddresses
from directfanz.local.edge.routes import bare_paths, hidden_paths, is_kept, locations_of
from directfanz.local.edge.text import block, headers
from directfanz.platform_toml import CachePolicy, Platform, Route

# A range that begins further in is fetched by itself; nearer ones wait for the whole, which is then kept.
MAX_RANGE_OFFSET = "16m"
WEBSOCKET_IDLE = "1h"
NOWHERE = "nowhere"
ANSWERED = "400 403 404 405 408 413 414 416 429 431 501 503 504 505"
# What people uploaded is shown from our own address, so it must not be able to act there.
NO_SCRIPTS = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# The service is told who asked and how; nothing of that is taken from the client.
FORWARDED = {
    "Host": "$edge_host",
    "X-Request-ID": "$request_id",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Proto": "$scheme",
    "X-Forwarded-Host": "$edge_host",
    "X-Forwarded-Port": "",
    "X-Real-IP": "",
    "Forwarded": "",
    "Proxy": "",
    "TE": "",
    "X-Edge-Policy": "",
    "X-Edge-Target": "",
}


@dataclass(frozen=True, slots=True)
class Locations:
    platform: Platform
    addresses: EdgeAddresses
    bucket_prefix: str

    def all(self) -> list[str]:
        lines: list[str] = []
        for path, route in self.platform.routes.items():
            for location in locations_of(path):
                lines += block(f"location {location}", self.route(path, route))
        for bare, path in bare_paths(self.platform.routes).items():
            lines += block(f"location = {bare}", self.route(path, self.platform.routes[path]))
        for path in hidden_paths(self.platform):
            lines += block(f"location = {path}", ["return 404;"])
        for name, bucket in sorted(self.platform.buckets.items()):
            if bucket.presigned and self.addresses.storage:
                lines += block(f"location /{self.bucket_prefix}{name}/", self.presigned())
        return lines

    def route(self, path: str, route: Route) -> list[str]:
        policy = self.platform.cache_policies[route.cache]
        if route.bucket in self.addresses.folders:
            return self.folder(route.bucket or "", policy)
        lines = [*self.limits(), *(["js_access signed.open;"] if route.signed else [])]
        if route.bucket is not None:
            return [*lines, *self.bucket(path, route, policy)]
        return [*lines, *self.service(path, route, policy)]

    def limits(self) -> list[str]:
        limits = self.platform.limits
        return [
            f"limit_req zone=edge_requests burst={limits.burst_per_address} nodelay;",
            f"limit_conn edge_connections {limits.connections_per_address};",
        ]

    # --- a folder of this machine -----------------------------------------------------------------------------------

    def folder(self, bucket: str, policy: CachePolicy) -> list[str]:
        """The built front end: a hash in the name makes a file another file when it changes."""
        return [
            f"alias folders/{bucket}/;",
            'set $edge_methods "GET, HEAD";',
            'if ($uri ~ "/[.]") { return 404; }',  # the build's manifest, and whatever else begins with a dot
            "etag on;",
            *self.answered({"Cache-Control": "$edge_static_cache", "Cross-Origin-Resource-Policy": "same-origin"}),
            "add_header X-Content-Type-Options nosniff always;",
            *_compressed(policy),
        ]

    # --- a bucket -----------------------------------------------------------------------------------------------------

    def bucket(self, path: str, route: Route, policy: CachePolicy) -> list[str]:
        bucket = self.platform.buckets[route.bucket or ""]
        prefix = path if path.endswith("/") else path + "/"
        kept = is_kept(policy)
        return [
            f"set $edge_bucket {self.bucket_prefix}{route.bucket};",
            f"set $edge_prefix {prefix};",
            f"set $edge_method {'GET' if kept else '$request_method'};",
            'set $edge_methods "GET, HEAD";',
            "if ($request_method !~ ^(GET|HEAD)$) { return 405; }",
            'if ($storage_object = "") { return 404; }',
            *(self.kept(path, policy, "$storage_object") if kept else []),
            *(["proxy_force_ranges on;", f"proxy_cache_max_range_offset {MAX_RANGE_OFFSET};"] if kept else []),
            *self.storage_headers(route.cache if kept else ""),
            *own_answers(store=True),
            f"proxy_pass http://{'edge_hop' if kept else 'storage'}$storage_object;",
            *self.stored_answer("cross-origin" if bucket.public else "same-origin", kept, _to_clients(route, policy)),
            *_compressed(policy),
        ]

    def storage_headers(self, policy: str) -> list[str]:
        """Only what reads an object; a client's own words to S3 do not pass."""
        sent = {
            "Host": self.addresses.storage or NOWHERE,
            "Authorization": "$storage_authorization",
            "X-Amz-Date": "$storage_date",
            "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
            "X-Amz-Security-Token": "",
            "Cookie": "",
            "Origin": "",
            "Accept-Encoding": "",
            "Connection": "",
            "X-Edge-Policy": policy,
            "X-Edge-Target": "storage" if policy else "",
        }
        return headers("proxy_set_header", sent)

    def stored_answer(self, readers: str, kept: bool, more: Mapping[str, str] | None = None) -> list[str]:
        own = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": NO_SCRIPTS,
            "Cross-Origin-Resource-Policy": readers,
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }
        told = (_unbounded() if kept else {}) | dict(more or {})
        hidden = (
            "Set-Cookie",
            *(name for name in own),
            *(name for name in told if name not in _unbounded()),
            "Access-Control-Allow-Origin",
            "Access-Control-Expose-Headers",
        )
        return [
            *(f"proxy_hide_header {name};" for name in hidden),
            "more_clear_headers Server 'X-Amz-*' 'X-Seaweedfs-*' 'Seaweed-*';",
            *self.answered(own | told),
        ]

    def presigned(self) -> list[str]:
        """Browsers read and write with addresses that the store itself checks; it sees the host they signed."""
        sent = {"Host": "$edge_host", "Authorization": "", "Cookie": "", "Connection": "", "X-Forwarded-Host": ""}
        return [
            *self.limits(),
            "set $edge_presigned yes;",
            'set $edge_methods "GET, HEAD, PUT";',
            "if ($request_method !~ ^(GET|HEAD|PUT)$) { return 405; }",
            "if ($args !~ (^|&)X-Amz-Signature=) { return 403; }",
            "client_max_body_size 5g;",
            "proxy_request_buffering off;",
            "proxy_read_timeout 300s;",
            *own_answers(store=True),
            *headers("proxy_set_header", sent),
            "proxy_pass http://storage;",
            *self.stored_answer("same-origin", kept=False),
        ]

    # --- a service ----------------------------------------------------------------------------------------------------

    def service(self, path: str, route: Route, policy: CachePolicy) -> list[str]:
        own = f"service_{route.service}" if route.service is not None else f"local_{route.local}"
        kept = is_kept(policy)
        name = f"$edge_to_{route.service}" if kept and not policy.shared else "edge_hop" if kept else own
        target = "$signed_target" if route.signed else ""  # as it came
        if kept and not policy.vary_on_query:
            target = "$edge_path"
        limit = route.body_limit_mib or self.platform.limits.body_limit_mib
        return [
            f"client_max_body_size {limit}m;",
            "if ($edge_method_known = 0) { return 405; }",
            *(self.kept(path, policy, f"$edge_host{target or '$request_uri'}") if kept else []),
            *self.service_headers(route, policy),
            f"proxy_pass http://{name}{target};",
            *(["proxy_hide_header X-Request-ID;", "proxy_hide_header X-Powered-By;"]),
            *self.answered(_unbounded() if kept else {}),
            *(_long_lived() if route.websocket else []),
            *_compressed(policy),
        ]

    def service_headers(self, route: Route, policy: CachePolicy) -> list[str]:
        sent = dict(FORWARDED)
        sent["Connection"] = "$edge_connection" if route.websocket else ""
        sent["Upgrade"] = "$edge_upgrade" if route.websocket else ""
        if policy.shared:  # the same for everyone, so it may not know who asks
            sent |= {"Cookie": "", "Authorization": ""}
        if policy.compress:
            sent["If-Match"] = "$edge_if_match"
            sent["Accept-Encoding"] = ""  # what is kept serves clients that compress and those that do not
        if is_kept(policy):
            sent |= {"X-Edge-Policy": route.cache, "X-Edge-Target": f"service_{route.service}"}
        return headers("proxy_set_header", sent)

    # --- what they share ----------------------------------------------------------------------------------------------

    def kept(self, path: str, policy: CachePolicy, key: str) -> list[str]:
        lines = [
            "proxy_cache edge;",
            f'proxy_cache_key "{path} {key}";',
            "proxy_cache_background_update on;",
            "proxy_hide_header Cache-Control;",
            "proxy_hide_header Expires;",
            *(f"proxy_hide_header X-Edge-{name};" for name in ("Hop", "Cache-Control", "Expires")),
        ]
        if policy.shared and not policy.coalesce:
            return lines
        if policy.shared:
            # One asks, the others wait for its answer. Not for what is mostly not kept: they would wait in a line.
            return [*lines, "proxy_cache_lock on;", "proxy_cache_lock_timeout 10s;"]
        return [*lines, "proxy_cache_bypass $edge_personal;", "proxy_no_cache $edge_personal;"]

    def answered(self, more: dict[str, str]) -> list[str]:
        return headers(
            "add_header", {"X-Request-ID": "$request_id", "X-Cache": "$upstream_cache_status"} | more, " always"
        )


def own_answers(*, store: bool = False) -> list[str]:
    """What nginx answers by itself goes through answers.js; so does what the store says, whose XML is for programs.

    What a service answers is left alone. nginx's own 494 is 431 in the world's numbers, and a part that is gone is 503.
    """
    return [
        f"error_page {ANSWERED}{'' if store else ' 500'} /_edge/answer;",
        "error_page 494 =431 /_edge/answer;",
        f"error_page {'500 ' if store else ''}502 =503 /_edge/answer;",
        *(["proxy_intercept_errors on;"] if store else []),
    ]


def _unbounded() -> dict[str, str]:
    """The origin's own words on keeping, which the hop put aside."""
    return {"Cache-Control": "$edge_cache_control", "Expires": "$edge_expires"}


def _to_clients(route: Route, policy: CachePolicy) -> dict[str, str]:
    """What is opened for one person is kept by nobody between here and them, and by themselves not longer than it is open."""
    told = {"Content-Disposition": "$storage_disposition"} if route.signed else {}
    if policy.client_seconds is not None:
        told |= {"Cache-Control": f"private, max-age={policy.client_seconds}", "Expires": ""}
    return told


def _compressed(policy: CachePolicy) -> list[str]:
    return ["gzip on;"] if policy.compress else []


def _long_lived() -> list[str]:
    return [f"proxy_read_timeout {WEBSOCKET_IDLE};", f"proxy_send_timeout {WEBSOCKET_IDLE};", "proxy_buffering off;"]
