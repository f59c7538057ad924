"""The words by which a post is found: one spelling each, a few per post.

await tagging.set_tags(tx, post_id, ["Ink", "#still life"])     # on the transaction that saves the post
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.content.repository import tags
from directfanz.domains.content.service import writing
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

MOST_TAGS, LONGEST_TAG, LONGEST_TYPED = 10, 40, 600
_BETWEEN = re.compile(r"[\s_\-./\\]+")


def normal(typed: str) -> str:
    """`#Still  Life` is `still-life`; empty when nothing is left. Letters and digits of any script, a dash between words."""
    plain = unicodedata.normalize("NFKC", typed).strip().lstrip("#").casefold()
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in _BETWEEN.sub(" ", plain))
    return "-".join(kept.split())


def normal_all(typed: Sequence[str], field: str = "tags") -> list[str]:
    """In their order, each once."""
    found = list(dict.fromkeys(each for each in map(normal, typed) if each))
    if len(found) > MOST_TAGS:
        raise InvalidInput.in_field(field, f"A post has at most {MOST_TAGS} tags.", "Keep those that say most.")
    if too_long := next((each for each in found if len(each) > LONGEST_TAG), None):
        raise InvalidInput.in_field(
            field, f"A tag is at most {LONGEST_TAG} letters, and {too_long[:20]}… is longer.", "Make two of it."
        )
    return found


def typed_in(text: str) -> list[str]:
    """As people write them in one field: between commas, or each with its #."""
    return [each for each in re.split(r"[,;\n]|\s(?=#)", text) if each.strip()]


async def set_tags(tx: Writer, post_id: UUID, wanted: Sequence[str]) -> list[str]:
    """These and no others. What finds the post is brought up to date by the same transaction."""
    found = normal_all(wanted)
    if found != await tags.of_post(tx, post_id):
        await tags.replace(tx, post_id, found)
    return found


async def save(backends: Backends, caller: Caller, post_id: UUID, wanted: Sequence[str]) -> list[str]:
    """For the team of the page."""
    async with backends.database.writing() as tx:
        await writing.mine(tx, caller, post_id)
        return await set_tags(tx, post_id, wanted)


async def of_post(reader: Reader, post_id: UUID) -> list[str]:
    return await tags.of_post(reader, post_id)


async def of_posts(reader: Reader, post_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """In the order in which their author wrote them; a post without tags is left out."""
    return await tags.of_posts(reader, post_ids)
