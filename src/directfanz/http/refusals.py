"""A service's no, shown beside the form that asked.

form, status = await read_form(request, SignUp), 422
if form.value is not None:
    try:
        ...
        return see_other(...)
    except DirectFanzError as error:
        status = refuse(form, error)
return render(request, "accounts/sign_up.html", status, form=form)
"""

from __future__ import annotations

from typing import Any

from directfanz.errors import DirectFanzError, NotFound, NotSignedIn
from directfanz.http.caller import ConfirmFirst
from directfanz.http.forms import Form

UNPROCESSABLE = 422


def refuse(form: Form[Any], error: DirectFanzError) -> int:
    """The status of the page that shows it. What no form can mend is raised again: signed out, gone, down."""
    if error.status >= 500 or type(error) is NotSignedIn or isinstance(error, ConfirmFirst | NotFound):
        raise error
    form.take(error)
    return error.status if error.retryable else UNPROCESSABLE
