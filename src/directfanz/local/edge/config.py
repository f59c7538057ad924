"""The whole of nginx.conf."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence

import msgspec

from directfanz.local.edge.addresses import EdgeAddresses
from directfanz.local.edge.locations import Locations, own_answers
from directfanz.local.edge.routes import hosts_of, routes_under
from directfanz.local.edge.text import block, headers, quoted
from directfanz.platform_toml import Platform

MAX_WORKERS = 4
LEAVING_SECONDS = 150
# On the inner port, for programs of this machine that tell a service something: they need not know at which address it is.
INSIDE = "/_inside/"
CONFIGURATION = "X-Edge-Configuration"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
TYPES = {
    "text/html": "html htm",
    "text/css": "css",
    "text/javascript": "js mjs",
    "text/plain": "txt",
    "text/vtt": "vtt",
    "application/json": "json map webmanifest",
    "application/wasm": "wasm",
    "application/vnd.apple.mpegurl": "m3u8",
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/x-icon": "ico",
    "font/woff2": "woff2",
    "font/woff": "woff",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
}
COMPRESSED = (
    "application/json application/problem+json application/xml application/rss+xml application/vnd.apple.mpegurl "
    "application/dash+xml application/wasm image/svg+xml text/css text/javascript text/plain text/vtt text/xml"
)
# A path has one spelling. Others would let a signature or a rule for one path pass for another. The text looked at is the
# address as it came, which holds no space, and after a space where nginx has got to.
ODD_PATHS = {
    r"~^\S+ /_edge/answer$": "0",  # on the way to say so
    r"~*^[^? ]*(//|\\|#|%2f|%5c|%00)": "1",
    r"~*^[^? ]*/([.]|%2e){1,2}(/|[?]| )": "1",
    "default": "0",
}
LOG_FIELDS = {
    "time": "$time_iso8601",
    "request_id": "$request_id",
    "method": "$request_method",
    "path": "$edge_path",  # without the query, where signatures and tokens are
    "status": "$status",
    "bytes": "$body_bytes_sent",
    "seconds": "$request_time",
    "origin_seconds": "$upstream_response_time",
    "origin": "$upstream_addr",
    "origin_status": "$upstream_status",
    "cache": "$upstream_cache_status",
    "refused": "$edge_refusal",
    "network": "$edge_network",  # enough to see a flood, too little to see a person
}


def nginx_conf(platform: Platform, addresses: EdgeAddresses, bucket_prefix: str) -> str:
    lines = [
        "# Generated from platform.toml. What is changed here is lost at the next start.",
        "daemon off;",
        "pid nginx.pid;",
        # Not below: such lines carry addresses of people and the queries they sent. The access log tells what failed.
        "error_log stderr crit;",
        f"worker_processes {min(MAX_WORKERS, os.cpu_count() or 1)};",
        "worker_rlimit_nofile 16384;",
        # After a change of addresses, what a socket or a slow request needs to come to its end at the old ones.
        f"worker_shutdown_timeout {LEAVING_SECONDS}s;",
        *block("events", ["worker_connections 4096;"]),
        *block("http", _http(platform, addresses, bucket_prefix)),
    ]
    return "\n".join(lines) + "\n"


def _http(platform: Platform, addresses: EdgeAddresses, bucket_prefix: str) -> list[str]:
    return [
        *_scripts(),
        *_manners(platform),
        *_cache(platform),
        *_limits(platform),
        *_log(),
        *_maps(platform),
        *_upstreams(platform, addresses),
        *block("server", _edge(platform, addresses, bucket_prefix, ())),
        *_subdomains(platform, addresses, bucket_prefix),
        *block("server", _hop(platform, addresses)),
    ]


def _scripts() -> list[str]:
    return [
        "js_path njs;",
        *(f"js_import {name} from {name}.js;" for name in ("signed", "storage", "lifetime", "answers")),
        "js_preload_object known from known.json;",
        # Evicted sooner when full. A minute, so that a key that is withdrawn is soon of no use.
        "js_shared_dict_zone zone=edge_signed:16m type=number timeout=60s evict;",
        "js_set $signed_target signed.target;",
        "js_set $storage_object storage.object;",
        "js_set $storage_disposition storage.disposition;",
        "js_set $storage_date storage.date;",
        "js_set $storage_authorization storage.authorization;",
        *(f'js_var $edge_{name} "";' for name in ("refusal", "bucket", "prefix", "method", "presigned", "methods")),
    ]


def _manners(platform: Platform) -> list[str]:
    limits = platform.limits
    wait = f"{limits.request_timeout_seconds}s"
    return [
        *(f"{name}_temp_path temporary/{name};" for name in TEMPORARY),
        *block("types", [f"{kind} {endings};" for kind, endings in TYPES.items()]),
        "default_type application/octet-stream;",
        "charset utf-8;",
        "charset_types text/css text/javascript text/plain text/vtt;",
        "server_tokens off;",
        "more_clear_headers Server;",
        "sendfile on;",
        "tcp_nopush on;",
        "absolute_redirect off;",
        "reset_timedout_connection on;",
        f"client_max_body_size {limits.body_limit_mib}m;",
        "client_header_buffer_size 1k;",
        f"large_client_header_buffers 2 {limits.header_kib // 2}k;",
        "client_header_timeout 10s;",
        f"client_body_timeout {wait};",
        f"send_timeout {wait};",
        "keepalive_timeout 65s;",
        # A connection that was used just now is not closed under its next request when the addresses change.
        "keepalive_min_timeout 30s;",
        "keepalive_requests 10000;",
        "ignore_invalid_headers on;",
        "underscores_in_headers off;",
        "gzip_vary on;",
        "gzip_proxied any;",
        "gzip_min_length 1024;",
        "gzip_comp_level 4;",
        f"gzip_types {COMPRESSED};",
        "proxy_http_version 1.1;",
        "proxy_connect_timeout 2s;",
        f"proxy_read_timeout {wait};",
        f"proxy_send_timeout {wait};",
        # Another task is asked only when this one did not answer at all, and never twice for a POST.
        "proxy_next_upstream error timeout;",
        "proxy_next_upstream_tries 3;",
        f"proxy_next_upstream_timeout {wait};",
        # A service decides what it answers, not what the edge does beyond it.
        "proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Charset;",
    ]


def _cache(platform: Platform) -> list[str]:
    size = f"keys_zone=edge:32m max_size={platform.edge.cache_gib}g min_free=512m"
    return [f"proxy_cache_path cache levels=1:2 {size} inactive=7d use_temp_path=off;"]


def _limits(platform: Platform) -> list[str]:
    rate = platform.limits.requests_per_second_per_address
    return [
        f"limit_req_zone $binary_remote_addr zone=edge_requests:10m rate={rate}r/s;",
        "limit_req_status 429;",
        "limit_conn_zone $binary_remote_addr zone=edge_connections:10m;",
        "limit_conn_status 429;",
        "limit_req_log_level info;",
        "limit_conn_log_level info;",
    ]


def _log() -> list[str]:
    fields = ",".join(f'"{name}":"{value}"' for name, value in LOG_FIELDS.items())
    return [f"log_format edge escape=json '{{{fields}}}';", "access_log access.log edge buffer=32k flush=1s;"]


def _map(source: str, name: str, pairs: dict[str, str], *, volatile: bool = False) -> list[str]:
    choices = [f'{key if key == "default" else quoted(key)} "{value}";' for key, value in pairs.items()]
    return block(f"map {source} ${name}", [*(["volatile;"] if volatile else []), *choices])


def _maps(platform: Platform) -> list[str]:
    static = platform.cache_policies.get("immutable")
    forever = static.ttl_seconds if static else 31_536_000
    return [
        *_map("$http_host", "edge_host", {"": "localhost", "default": "$http_host"}),
        *_map("$request_uri", "edge_path", {r"~^(?<edge_before>[^?]*)": "$edge_before"}),
        *_map('"$request_uri $uri"', "edge_odd_path", ODD_PATHS, volatile=True),
        # Compressing weakens an ETag on its way out; a client that says it back means the strong one.
        *_map("$http_if_match", "edge_if_match", {r'~^W/(?<edge_strong>"[^"]*")$': "$edge_strong", "default": "$http_if_match"}),
        *_map("$http_upgrade", "edge_upgrade", {"~*^websocket$": "websocket", "default": ""}),
        *_map("$edge_upgrade", "edge_connection", {"websocket": "upgrade", "default": ""}),
        *_map("$http_authorization$http_cookie", "edge_personal", {"": "", "default": "1"}),
        *_map("$request_method", "edge_method_known", {"~^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$": "1", "default": "0"}),
        *_map("$upstream_http_x_edge_hop", "edge_cache_control", _put_aside("cache_control")),
        *_map("$upstream_http_x_edge_hop", "edge_expires", _put_aside("expires")),
        *_map("$uri", "edge_static_cache", {
            r"~/assets/[^/]+-[A-Za-z0-9_-]{8}[.][a-z0-9]+$": f"public, max-age={forever}, immutable",
            "default": "public, max-age=60",
        }),
        *_map("$remote_addr", "edge_network", {
            r"~^(?<edge_v4>[0-9]+[.][0-9]+[.][0-9]+)[.]": "$edge_v4.0/24",
            r"~^(?<edge_v6>[0-9a-f]+:[0-9a-f]*:[0-9a-f]*)": "$edge_v6::/48",
            "default": "",
        }),
        *_choices(platform),
    ]  # fmt: skip


def _put_aside(name: str) -> dict[str, str]:
    return {"1": f"$upstream_http_x_edge_{name}", "default": f"$upstream_http_{name}"}


def _choices(platform: Platform) -> list[str]:
    """Only what might be kept takes the way over the hop: reading, by nobody in particular."""
    lines: list[str] = []
    for name in sorted({route.service for route in platform.routes.values() if route.service is not None}):
        ways = {"GET:": "edge_hop", "HEAD:": "edge_hop", "default": f"service_{name}"}
        lines += _map('"$request_method:$edge_personal"', f"edge_to_{name}", ways)
    return lines


def _upstreams(platform: Platform, addresses: EdgeAddresses) -> list[str]:
    idle = platform.edge.keepalive_seconds
    lines = _upstream("edge_hop", [addresses.hop], idle)
    for name, service in platform.services.items():
        lines += _upstream(f"service_{name}", addresses.services.get(name, ()), idle, sticky=service.sticky)
    lines += _upstream("local_mail", [addresses.mail] if addresses.mail else [], idle)
    return lines + _upstream("storage", [addresses.storage] if addresses.storage else [], idle)


def _upstream(name: str, servers: Iterable[str], idle_seconds: int, *, sticky: bool = False) -> list[str]:
    known = [f"server {server} max_fails=2 fail_timeout=2s;" for server in servers]
    return block(
        f"upstream {name}",
        [
            f"zone {name} 128k;",
            *(known or ["server 127.0.0.1:9 down;"]),
            *([f"sticky cookie {name} path=/ httponly samesite=lax;"] if sticky and len(known) > 1 else []),
            "keepalive 64;",
            "keepalive_requests 100000;",
            f"keepalive_timeout {idle_seconds}s;",
        ],
    )


def _subdomains(platform: Platform, addresses: EdgeAddresses, bucket_prefix: str) -> list[str]:
    """`ws.` and `stream.` lead to their service whatever the path, as the load balancer's rules do; any other name, and `api.`
    with it, to what the path says."""
    lines: list[str] = []
    for service, names in hosts_of(platform).items():
        theirs = msgspec.structs.replace(platform, routes=routes_under(platform, service))
        lines += block("server", _edge(theirs, addresses, bucket_prefix, names))
    return lines


def _edge(platform: Platform, addresses: EdgeAddresses, bucket_prefix: str, names: Sequence[str]) -> list[str]:
    return [
        f"listen {addresses.listen}{'' if names else ' default_server backlog=1024'};",
        *([f"server_name {' '.join(names)};"] if names else []),
        *own_answers(),
        "if ($edge_odd_path) { return 400; }",
        *block("location = /_edge/answer", [
            "internal;",
            "js_content answers.answer;",
            "add_header X-Request-ID $request_id always;",
        ]),
        *block("location /_edge/", ["return 404;"]),
        *block("location = /_edge/health", [
            "access_log off;",
            "default_type text/plain;",
            f"add_header {CONFIGURATION} {configuration_of(addresses)};",
            'return 200 "ok\\n";',
        ]),
        *Locations(platform, addresses, bucket_prefix).all(),
    ]  # fmt: skip


def configuration_of(addresses: EdgeAddresses) -> str:
    """The edge says it at its health address: so one sees that it has taken new addresses in."""
    told = json.dumps({name: list(tasks) for name, tasks in addresses.services.items()}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _inside(platform: Platform) -> list[str]:
    return [
        line
        for name in sorted(platform.services)
        for line in block(f"location {INSIDE}{name}/", [
            "client_max_body_size 4m;",
            *headers("proxy_set_header", {"Host": "$http_host", "Connection": ""}),
            f"proxy_pass http://service_{name}/;",
        ])
    ]  # fmt: skip


def _hop(platform: Platform, addresses: EdgeAddresses) -> list[str]:
    """Between the cache and the origin: lifetime.js bounds what the origin says before the cache reads it.

    It adds no right: whoever reaches this port could reach the origin. When the origin is gone it hangs up, so that
    the edge sees a failure and not an answer.
    """
    wait = platform.limits.request_timeout_seconds + 2
    passed = dict.fromkeys(["X-Edge-Policy", "X-Edge-Target"], "") | {"Host": "$http_host", "Connection": ""}
    targets = {f"service_{name}" for name in platform.services} | {"storage"}
    return [
        f"listen {addresses.hop};",
        "access_log off;",
        "large_client_header_buffers 4 32k;",
        "error_page 400 413 414 494 500 502 504 @gone;",
        *block("location @gone", ["return 444;"]),
        *_inside(platform),
        *block("location /", [
            f"if ($http_x_edge_target !~ ^({'|'.join(sorted(targets))})$) {{ return 444; }}",
            f"proxy_read_timeout {wait}s;",
            *headers("proxy_set_header", passed),
            "proxy_pass http://$http_x_edge_target;",
            "js_header_filter lifetime.bound;",
        ]),
    ]  # fmt: skip
