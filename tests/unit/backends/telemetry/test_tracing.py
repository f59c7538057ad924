"""Traces: kept whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.tracing import Tracing


class Ended(SpanProcessor):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)

    def parents(self) -> dict[str, str | None]:
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return {span.name: names[span.parent.span_id] if span.parent else None for span in self.spans}


@pytest.fixture
def ended() -> Ended:
    return Ended()


def test_a_kept_trace_has_all_its_steps(ended: Ended) -> None:
    tracing = Tracing("web", 1.0, ended)
    with tracing.span("request", {"route": "/"}):
        kept = context.trace_id.get()
        with tracing.span("query", {}):
            assert context.trace_id.get() == kept
        with tracing.span("render", {}):
            pass
    assert context.trace_id.get() == ""
    assert ended.parents() == {"query": "request", "render": "request", "request": None}
    assert {f"{span.context.trace_id:032x}" for span in ended.spans if span.context} == {kept}
    assert dict(ended.spans[-1].attributes or {}) == {"route": "/"}


def test_an_unkept_trace_has_none_of_its_steps(ended: Ended) -> None:
    tracing = Tracing("web", 0.0, ended)
    with tracing.span("request", {}), tracing.span("query", {}):
        assert context.trace_id.get() == ""
    assert ended.spans == []


def test_the_share_that_is_kept_is_as_asked(ended: Ended) -> None:
    tracing = Tracing("web", 0.2, ended)
    for _ in range(3_000):
        with tracing.span("request", {}), tracing.span("query", {}):
            pass
    roots = [span for span in ended.spans if span.parent is None]
    assert 450 <= len(roots) <= 750
    assert len(ended.spans) == 2 * len(roots), "a step without its root, or the other way round"


def test_a_root_that_is_not_kept_is_none(ended: Ended) -> None:
    assert Tracing("web", 0.0, ended).kept_root("request") is None
    tracing = Tracing("web", 0.2, ended)
    roots = [root for _ in range(3_000) if (root := tracing.kept_root("request")) is not None]
    assert 450 <= len(roots) <= 750
    with roots[0], tracing.span("query", {}):
        assert context.trace_id.get()
    assert ended.parents() == {"query": "request", "request": None}


def test_an_error_is_named_and_not_quoted(ended: Ended) -> None:
    tracing = Tracing("web", 1.0, ended)
    with pytest.raises(ValueError, match="ada"), tracing.span("request", {}):
        raise ValueError("ada@example.com")
    (span,) = ended.spans
    assert (span.status.is_ok, span.status.description) == (False, "ValueError")
    assert "ada@example.com" not in span.to_json()


async def test_requests_side_by_side_keep_apart(ended: Ended) -> None:
    tracing = Tracing("web", 1.0, ended)

    async def request(number: int) -> None:
        with tracing.span(f"request-{number}", {}):
            await asyncio.sleep(0)
            with tracing.span(f"query-{number}", {}):
                await asyncio.sleep(0)

    await asyncio.gather(*(request(number) for number in range(20)))
    assert ended.parents() == {f"query-{n}": f"request-{n}" for n in range(20)} | {
        f"request-{n}": None for n in range(20)
    }


async def test_a_task_begun_in_a_trace_belongs_to_it_and_leaves_quietly(ended: Ended) -> None:
    tracing = Tracing("web", 1.0, ended)
    with tracing.span("request", {}):
        task = asyncio.create_task(_step(tracing))
    await task
    assert ended.parents()["later"] == "request"


async def _step(tracing: Tracing) -> None:
    with tracing.span("later", {}):
        await asyncio.sleep(0)


async def test_a_generator_left_in_another_task_is_no_error(ended: Ended) -> None:
    for ratio in (0.0, 1.0):
        tracing = Tracing("web", ratio, ended)

        async def steps(tracing: Tracing = tracing) -> AsyncGenerator[int, None]:
            with tracing.span("stream", {}):
                yield 1

        generator = steps()
        for each in (generator.__anext__, generator.aclose):
            await asyncio.create_task(_call(each))


async def _call(step: Callable[[], Awaitable[Any]]) -> None:
    await step()
