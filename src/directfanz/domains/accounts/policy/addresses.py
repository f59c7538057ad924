"""E-mail addresses as people type them. Only their form is judged; whether one exists the verification mail finds out."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from directfanz.errors import InvalidInput

LONGEST = 254


def checked_address(text: str, field: str = "email") -> str:
    """In its usual form: the domain in small letters, nothing around it."""
    try:
        found = validate_email(
            text.strip()[: LONGEST + 1], check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError as error:
        raise InvalidInput.in_field(field, "This is not an e-mail address.", str(error)) from None
    if len(found.normalized) > LONGEST:
        raise InvalidInput.in_field(field, f"An e-mail address has at most {LONGEST} characters.")
    return found.normalized


def same_address(one: str | None, other: str | None) -> bool:
    """As the database compares them: people type theirs in any case."""
    return one is not None and other is not None and one.lower() == other.lower()


def spoken_address(text: str) -> str:
    """For asking whether an account has it: one that cannot be an address is asked for like any other."""
    try:
        return checked_address(text)
    except InvalidInput:
        return text.strip()[:LONGEST].replace("\0", "")
