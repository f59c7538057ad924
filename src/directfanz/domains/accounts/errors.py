"""Why an account says no. What a stranger may see never tells whether an account exists."""

from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, InvalidInput, NotSignedIn, Unavailable


class SignInRefused(NotSignedIn):
    """Wrong password, no such account, erased account: one answer for all."""

    code = "sign_in_refused"


class CodeRefused(NotSignedIn):
    code = "code_refused"


class VerifyFirst(Forbidden):
    """Only said to somebody who knew the password."""

    code = "verify_first"


class Suspended(Forbidden):
    """Only said to somebody who proved that the account is theirs."""

    code = "suspended"


class LinkInvalid(InvalidInput):
    """A mailed link, or a ticket of a flow, that is used, old, altered or made for something else."""

    code = "link_invalid"


class PasswordNeeded(Forbidden):
    """The link was opened in another browser than the one that signed up."""

    code = "password_needed"


class PasskeyRefused(NotSignedIn):
    code = "passkey_refused"


class ProviderRefused(NotSignedIn):
    """The other provider said no, or said something that does not hold."""

    code = "provider_refused"


class ProviderUnavailable(Unavailable):
    code = "provider_unavailable"


class HandleTaken(Conflict):
    code = "handle_taken"


class EmailTaken(Conflict):
    """Only said to somebody who proved that the address is theirs."""

    code = "email_taken"


class LastWayIn(Conflict):
    code = "last_way_in"


class LastAdmin(Conflict):
    code = "last_admin"


class TooManyOf(Conflict):
    code = "too_many"


class StateChanged(Conflict):
    code = "state_changed"
