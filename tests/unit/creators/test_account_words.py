from __future__ import annotations

from directfanz.domains.creators.policy.account_words import in_words


def test_what_is_missing_is_said_once_and_plainly() -> None:
    asked = ["external_account", "individual.dob.day", "individual.dob.month", "individual.verification.document"]
    assert in_words(asked) == ["your bank account", "your date of birth", "a picture of your identity document"]


def test_what_we_do_not_know_is_named_as_it_came() -> None:
    assert in_words(["settings.new_thing"]) == ["settings: new thing"]
    assert in_words([]) == []
