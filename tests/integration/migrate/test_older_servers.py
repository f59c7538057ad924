"""Where people are today: PostgreSQL 15, 16 and 17 move to 18, with one of everything in them."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.migrate import verbs
from directfanz.migrate.verify.verify import verify
from tests.integration.migrate.shop import SHOP
from tests.support.old_postgres import old_postgres
from tests.support.two_homes import SWITCH, Homes

# Only 18 knows generated columns that are not stored.
OLD_SHOP = tuple(text.replace(") VIRTUAL", ") STORED") for text in SHOP)


@pytest.mark.requirement("C11.1")
@pytest.mark.parametrize("version", [15, 16, 17])
async def test_an_older_server_moves(homes: Homes, version: int) -> None:
    def moved() -> None:
        with old_postgres(version) as address, homes.move_from(address, *OLD_SHOP) as moving:
            back = version >= 16  # 15 cannot leave out what came from elsewhere
            moving.plan(reverse=back)
            with moving.work() as work:
                verbs.run_to_stream(work)
                first = verify(work)
                assert first.equal, "\n".join(first.sentences())
                moving.in_source(
                    "UPDATE people SET pocket = id WHERE id <= 50",
                    "DELETE FROM diary WHERE ctid = '(0,1)'",
                    "SELECT nextval('invoice_number')",
                )
                assert verify(work).equal
                verbs.cutover(work, SWITCH)
                assert moving.ask(moving.target, "SELECT nextval('invoice_number')") == [(1000 + 7 * 2001,)]
                if back:
                    moving.in_target("INSERT INTO diary VALUES ('epoch', 'on the new side')")
                    assert verify(work).equal
                    verbs.rollback(work, SWITCH)
                    assert moving.ask(moving.source, "SELECT count(*) FROM diary WHERE line LIKE 'on the%'") == [(1,)]

    await asyncio.to_thread(moved)
