"""Buying one post. Its price is the row's, never what came with a request."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.domains.content.errors import NotForSale
from directfanz.domains.content.models import Post
from directfanz.domains.creators.models import Creator
from directfanz.domains.payments.service import checkout
from directfanz.domains.payments.service.checkout import Purchase
from directfanz.http.caller import Caller


async def begin(backends: Backends, caller: Caller, creator: Creator, post: Post, key: str) -> str:
    """The address of the page where it is paid. The same key, as of a button pressed twice, makes one order."""
    if post.access != "paid" or post.cost is None or not post.visible(backends.clock.now()):
        raise NotForSale("This post is not sold by itself.")
    wanted = Purchase(creator_id=creator.id, object_kind="post", object_id=post.id, title=post.title, price=post.cost)
    return (await checkout.purchase(backends, caller, wanted, key)).url
