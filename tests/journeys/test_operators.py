"""Olu operates."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.house import House


def test_olu_suspends_with_a_reason_and_lifts_it_again(
    house: House, opened: Callable[..., Page], somebody: NewPerson
) -> None:
    olu, ben = somebody("Olu", "admin"), somebody("Ben")
    desk, home = opened(), opened()
    sign_in(desk, olu)
    sign_in(home, ben)

    desk.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Administration").click()
    expect(desk.get_by_text("PostgreSQL")).to_be_visible()
    desk.get_by_role("link", name="People").last.click()
    desk.goto("/admin/users")
    desk.get_by_label("Name, handle or address").fill(ben.handle)
    expect(desk.get_by_role("listitem").filter(has_text=ben.email)).to_be_visible()
    expect(desk).to_have_url(re.compile(f"search={ben.handle}"))
    desk.reload()  # the address holds the search; a click meanwhile could meet a list that is being exchanged
    desk.get_by_role("link", name="Ben").click()
    desk.get_by_role("button", name="Suspend").click()
    expect(desk.get_by_text("Say why, in a sentence.")).to_be_visible()
    desk.get_by_label("Reason").fill("Sent the same advert to forty people.")
    desk.get_by_role("button", name="Suspend").click()
    expect(desk.get_by_text("Ben is suspended. You can lift it below.")).to_be_visible()

    home.goto("/settings")
    expect(home.get_by_role("heading", name="Good to see you")).to_be_visible()
    home.get_by_label("E-mail address").fill(ben.email)
    home.get_by_label("Password", exact=True).fill(ben.password)
    home.get_by_role("button", name="Sign in", exact=True).click()
    expect(home.get_by_text("This account is suspended.")).to_be_visible()
    assert home.goto(f"/@{ben.handle}").status == 404  # type: ignore[union-attr]

    desk.get_by_role("button", name="Lift the suspension").click()
    expect(desk.get_by_text("Ben can sign in again.")).to_be_visible()
    sign_in(home, ben)
    desk.goto("/admin/audit")
    expect(desk.get_by_text("accounts.unsuspended").first).to_be_visible()
    desk.get_by_role("button", name="Check the chain").click()
    expect(desk.get_by_text(re.compile("entries are there, unchanged and in order"))).to_be_visible()


def test_olu_makes_a_fan_a_creator(opened: Callable[..., Page], somebody: NewPerson) -> None:
    olu, ada = somebody("Olu", "admin"), somebody("Ada")
    desk, page = opened(), opened()
    sign_in(desk, olu)
    sign_in(page, ada)
    desk.goto(f"/admin/users?search={ada.handle}")
    desk.get_by_role("link", name="Ada").click()
    desk.get_by_label("What they may do").select_option("creator")
    desk.get_by_role("button", name="Save the role").click()
    expect(desk.get_by_text("Ada now has the role creator")).to_be_visible()
    page.goto(f"/@{ada.handle}")
    expect(page.get_by_role("main").get_by_text("Creator", exact=True)).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_others_find_no_door(page: Page, somebody: NewPerson) -> None:
    sign_in(page, somebody("Cy"))
    for path in ("/admin", "/admin/users", "/admin/jobs", "/admin/audit"):
        answer = page.goto(path)
        assert answer
        assert answer.status == 403
        expect(page.get_by_text("If you write to us, quote this id:")).to_be_visible()


def test_olu_runs_a_dead_job_again_and_discards_another(house: House, page: Page, somebody: NewPerson) -> None:
    again, gone = dead_jobs(house, 2)
    sign_in(page, somebody("Olu", "admin"))
    page.goto("/admin")
    page.get_by_role("link", name=re.compile("^Dead")).click()
    page.get_by_role("button", name=f"Run again: job {again}").click()
    expect(page.get_by_text(f"Job {again} runs again, with all its tries.")).to_be_visible()
    page.get_by_role("button", name=f"Discard job {gone}").click()
    expect(page.get_by_text(f"Job {gone} is discarded.")).to_be_visible()
    page.get_by_role("link", name="Waiting").click()
    expect(page.get_by_text(f"#{again}")).to_be_visible()
    page.goto("/admin/audit?action=jobs.")
    expect(page.get_by_text("jobs.replayed").first).to_be_visible()
    expect(page.get_by_text("jobs.discarded").first).to_be_visible()


def dead_jobs(house: House, count: int) -> list[int]:
    """Of a queue that no worker minds, so that what happens to them is ours alone."""
    with psycopg.connect(house.environment["DIRECTFANZ_DATABASE_OWNER_URL"]) as connection:
        rows = connection.execute(
            """INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)
               SELECT 'nobody', 'tests.nothing', 'failed', 8 FROM generate_series(1, %s) RETURNING id""",
            [count],
        ).fetchall()
    return [int(row[0]) for row in rows]
