"""Names on AWS: what a plan says about them, answered by an authority while endpoints die and come back.

Waiting is of a clock that the test moves; endpoints, looks at them and answers are real.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.names import ALIAS_SECONDS, HOST, Endpoint, Name, Watch, authority
from tests.support.planned import Case

pytestmark = pytest.mark.timeout(900)
Cases = dict[str, Case]
# What docs/aws.md promises: nobody is sent to a dead region longer than this.
LEAVES_WITHIN_SECONDS = 90
PRIMARY, STANDBY = "192.0.2.1", "192.0.2.2"


def _watches(cases: Cases, name: str) -> set[Watch]:
    """A region is away when the tasks behind its load balancer are."""
    looks = [
        group.values["health_check"][0]
        for group in cases[name].of("aws_lb_target_group")
        if ".balancer." in group.address
    ]
    assert looks
    return {Watch(one["interval"], one["unhealthy_threshold"], one["healthy_threshold"]) for one in looks}


def _origin(cases: Cases, alive: dict[str, bool]) -> tuple[str, Name]:
    """The one name under which the edge looks for its origin, with both regions' records for it."""
    made, hosts = {}, set()
    for region, address in (("prod", PRIMARY), ("dr", STANDBY)):
        record = next(
            one.values
            for one in cases[region].of("aws_route53_record")
            if one.address.endswith(".aws_route53_record.origin")
        )
        assert record["alias"][0]["evaluate_target_health"] is True
        hosts.add(record["name"])
        (watch,) = _watches(cases, region)
        role = record["failover_routing_policy"][0]["type"]
        made[role] = Endpoint(address, partial(alive.__getitem__, address), watch)
    (host,) = hosts
    return host, Name("FAILOVER", ALIAS_SECONDS, (made["PRIMARY"], made["SECONDARY"]))


@pytest.mark.property("P27")
def test_a_dead_region_leaves_its_name_in_time(planned: Cases) -> None:
    """Generated deaths and returns: whoever is dead so long is answered to nobody, while the other one lives."""
    (watch,) = _watches(planned, "prod")
    schedules = st.lists(st.tuples(st.sampled_from([PRIMARY, STANDBY]), st.integers(1, 30)), min_size=1, max_size=12)

    @settings(max_examples=200)
    @given(schedule=schedules)
    def holds(schedule: list[tuple[str, int]]) -> None:
        alive, for_seconds = {PRIMARY: True, STANDBY: True}, Counter[str]()
        _, origin = _origin(planned, alive)
        held: list[str] = []  # what resolvers may still hold, newest last
        for turned, looks in schedule:
            alive[turned] = not alive[turned]
            for_seconds[turned] = 0
            for _ in range(looks):
                for one in origin.endpoints:
                    one.look()
                    for_seconds[one.address] += watch.every_seconds
                held = [*held, *origin.answers(random.Random(1))][-(ALIAS_SECONDS // watch.every_seconds) - 1 :]
                steady = min(for_seconds.values()) >= LEAVES_WITHIN_SECONDS
                if steady and sum(alive.values()) == 1:
                    assert set(held) == {address for address, lives in alive.items() if lives}
                if steady and alive[PRIMARY]:
                    assert set(held) == {PRIMARY}

    holds()
    assert watch.every_seconds * watch.looks_to_leave + ALIAS_SECONDS <= LEAVES_WITHIN_SECONDS


@pytest.mark.property("P27")
def test_real_answers_follow_real_endpoints(planned: Cases) -> None:
    (watch,) = _watches(planned, "prod")
    with _endpoint() as primary, _endpoint() as standby:
        places = {PRIMARY: primary, STANDBY: standby}
        host, origin = _origin(planned, {PRIMARY: True, STANDBY: True})
        real = tuple(Endpoint(one.address, partial(_answers, places[one.address]), watch) for one in origin.endpoints)
        with authority({host: Name(origin.routing, origin.seconds, real)}) as ask:
            assert ask(host) == ([PRIMARY], ALIAS_SECONDS)
            primary.shutdown()
            primary.server_close()
            passed = 0
            while ask(host)[0] == [PRIMARY]:
                passed += watch.every_seconds
                for one in real:
                    one.look()
                assert passed <= LEAVES_WITHIN_SECONDS
            found, holds = ask(host)
            assert found == [STANDBY]
            assert passed + holds <= LEAVES_WITHIN_SECONDS
            standby.shutdown()
            standby.server_close()
            for _ in range(watch.looks_to_leave):
                for one in real:
                    one.look()
            assert ask(host)[0] == [PRIMARY], "when nobody is left, the name stays with the primary"


@pytest.mark.property("P29")
def test_answers_are_spread_as_the_plan_says(planned: Cases) -> None:
    """Everything to the primary while it lives; PgBouncer's tasks one like the other, and a stopped one not at all."""
    (pool,) = planned["prod"].of("aws_service_discovery_service")
    told = pool.values["dns_config"][0]
    assert told["routing_policy"] == "MULTIVALUE"
    (record,) = told["dns_records"]
    assert (record["type"], record["ttl"]) == ("A", 10), "a task that is gone is asked for no longer than this"
    tasks = next(
        one.values["desired_count"]
        for one in planned["prod"].of("aws_ecs_service")
        if one.values["name"] == "pgbouncer"
    )
    alive = dict.fromkeys((f"10.40.1.{number}" for number in range(1, 2 + tasks * 2)), True)
    watch = Watch(1, 1, 1)
    instances = tuple(Endpoint(address, partial(alive.__getitem__, address), watch) for address in alive)
    host, origin = _origin(planned, {PRIMARY: True, STANDBY: True})
    asked = 1500
    with authority({"pool": Name(told["routing_policy"], record["ttl"], instances), host: origin}) as ask:
        assert {ask(host)[0][0] for _ in range(50)} == {PRIMARY}
        first = Counter(ask("pool")[0][0] for _ in range(asked))
        assert set(first) == set(alive)
        assert _odd(first, asked / len(alive)) < 30, f"not alike: {first}"
        gone = next(iter(alive))
        alive[gone] = False
        for one in instances:
            one.look()
        assert gone not in {address for _ in range(100) for address in ask("pool")[0]}


def _odd(counts: Counter[str], wanted: float) -> float:
    """Chi squared: with a handful of tasks, 30 is passed once in ten thousand times by answers that are alike."""
    return sum((count - wanted) ** 2 / wanted for count in counts.values())


@contextmanager
def _endpoint() -> Iterator[ThreadingHTTPServer]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer((HOST, 0), Answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _answers(server: ThreadingHTTPServer) -> bool:
    try:
        with urlopen(f"http://{HOST}:{server.server_address[1]}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
