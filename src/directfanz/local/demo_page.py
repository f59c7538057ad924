"""Ada's page in a fresh installation: something to look at, to follow and to become a member of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.repository import users
from directfanz.domains.content.models import Post
from directfanz.domains.content.service import collecting, writing
from directfanz.domains.content.service.collecting import CollectionForm
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.models import Creator, Link
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import beginning, following, page
from directfanz.domains.creators.service.beginning import NewPage
from directfanz.domains.creators.service.page import PageChange
from directfanz.domains.live.service import streams
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.http.caller import Caller

SLUG = "ada"
LOOK = PageChange(
    tagline="Songs written between midnight and four, recorded in a kitchen.",
    accent="#0b7a70",
    about="""I write **one song a week** and keep the first take.

Everybody hears one a month. Members hear them all, as they come, with the words and the chords.

- demos on Mondays
- the finished song on Fridays
- a letter when there is something to say""",
)
LINKS = [
    Link(label="Records", url="https://records.example.com/ada"),
    Link(label="Where I play next", url="https://ada.example.com/dates"),
    Link(label="Films", url="https://films.example.com/@ada"),
]
TIERS = [
    TierForm(
        name="Listener", about="You keep the kettle warm.", benefits=["Every demo, as it comes", "Words and chords"],
        min_amount=300, yearly_min_amount=3000,
    ),
    TierForm(
        name="Insider", about="Closer to the microphone.", trial_days=7, min_amount=800, suggested_amount=1000,
        pay_what_you_want=True, benefits=["All that listeners get", "The stems of each song", "A letter a month, on paper"],
    ),
    TierForm(
        name="Producer", about="Your name on the sleeve.", min_amount=4000, cap=12,
        benefits=["All that insiders get", "An evening in the kitchen, once a year"],
    ),
]  # fmt: skip
POSTS = [
    Draft(
        title="The long winter, first take",
        body="""It snowed for **three days** and I had nothing but a guitar and the old piano.

## What I used

1. one microphone, borrowed
2. the piano that is out of tune since March
3. the fridge, which hums in B flat; I left it in

> Sing as if nobody slept.

Tell me what you hear in it.""",
    ),
    Draft(
        title="Chords of the week: drop D, and why", access="members",
        teaser="Why the sixth string goes down before anything else happens, and three songs that prove it.",
        body="Tune the sixth string down a whole step: one finger makes a chord.\n\n- D: 0 0 0 2 3 2\n- G: 5 5 0 0 3 3",
    ),
    Draft(
        title="Stems: The long winter", access="rank", min_rank=2,
        teaser="Voice, guitar, piano and fridge, each by itself.",
        body="Voice, guitar, piano, fridge: four tracks, 24 bit. Do with them what you like, and send me what comes out.",
    ),
    Draft(
        title="A song for one person", access="paid", price=2500,
        teaser="I write you a song about somebody you name. Read how it works and what I need from you.",
        body="Write me three things about them that nobody else would write. Two weeks later you have a song.",
    ),
    Draft(
        title="Where I play in spring", access="followers",
        teaser="Four kitchens, two cellars and a boat. Followers read where, and when the doors open.",
        body="- Hamburg, a boat, 4 April\n- Leipzig, a cellar, 11 April\n- Prague, a kitchen, 12 April\n\nBring a cup.",
    ),
    Draft(
        title="Kitchen songs, side A", kind="release", access="members", comments="members",
        teaser="Five songs from one winter, in the order in which they came.",
        body="1. The long winter\n2. Fridge in B flat\n3. Salt\n4. One more sleep\n5. Rain on the window\n\nPlay it **in one go**.",
    ),
    Draft(
        title="For those who stayed: the book of sketches", access="members", drip_days=30,
        teaser="After a month with us you get the book: forty pages of what did not become a song.",
        body="You stayed. Here is all of it, with the coffee stains.",
    ),
]  # fmt: skip


async def seed(backends: Backends) -> None:
    """Where Ada has her page already, nothing happens."""
    async with backends.database.writing() as tx:
        ada, ben = await users.find_by_handle(tx, "ada"), await users.find_by_handle(tx, "ben")
        if ada is None or await pages.find_by_slug(tx, SLUG) is not None:
            return
    caller = Caller(user_id=ada.id, role=ada.role, name=ada.display_name)
    wanted = NewPage(name="Ada Moreau", slug=SLUG, country="DE", currency="EUR")
    creator = await beginning.begin(backends, caller, wanted)
    await page.change(backends, caller, creator.id, LOOK)
    await page.set_links(backends, caller, creator.id, LINKS)
    await page.publish(backends, caller, creator.id)
    await _fill(backends, caller, creator)
    if ben is not None:
        await _follow(backends, ben.id, creator)


async def _fill(backends: Backends, caller: Caller, creator: Creator) -> None:
    for form in TIERS:
        await tiers.create(backends, caller, creator.id, form, "open")
    made = [await _published(backends, caller, creator, draft, 3 * day + 1) for day, draft in enumerate(POSTS)]
    await writing.pin(backends, caller, made[0].id, True)
    songs = CollectionForm(
        title="The long winter", about="A song from its first take to its stems.", published=True,
        posts=[made[0].id, made[2].id, made[5].id]
    )  # fmt: skip
    await collecting.create(backends, caller, creator.id, songs)
    later = Draft(title="Salt, finished", body="It is **finished**. Headphones, please.", access="members")
    planned = await writing.begin(backends, caller, creator.id, later)
    await writing.publish(backends, caller, planned.id, backends.clock.now() + timedelta(days=2))
    evening = streams.Plan(title="An evening in the kitchen", scheduled_at=backends.clock.now() + timedelta(days=3))
    await streams.plan(backends, caller, creator.id, evening)


async def _published(backends: Backends, caller: Caller, creator: Creator, draft: Draft, days_ago: int) -> Post:
    """As if she had written it then: a page has a past."""
    then = replace(backends, clock=ManualClock(backends.clock.now() - timedelta(days=days_ago)))
    post = await writing.begin(then, caller, creator.id, draft)
    return await writing.publish(then, caller, post.id)


async def _follow(backends: Backends, user_id: UUID, creator: Creator) -> None:
    await following.follow(backends, Caller(user_id=user_id), creator.id)
