"""What went wrong at the engine, in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from directfanz.errors import Conflict, DirectFanzError, InvalidInput, NotFound, Rejected, Unavailable

_STATUS = re.compile(r"status code: (\d{3})")
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_CALLERS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "InvalidRange"})
_PASSING = frozenset({"SlowDown", "RequestTimeout", "RequestTimeTooSkewed", "BadDigest", "ConditionalRequestConflict"})


class RangeOutside(InvalidInput):
    code = "range_outside"


@contextmanager
def translated(key: str) -> Iterator[None]:
    try:
        yield
    except DirectFanzError:
        raise
    except FileNotFoundError as error:
        raise _missing(error, key) from error
    except BaseError as error:
        raise (_missing if "NoSuchBucket" in str(error) else _of_obstore)(error, key) from error
    except ClientError as error:
        raise _of_client(error, key) from error
    except BotoCoreError as error:  # no connection, no answer, no credentials
        raise Unavailable(f"The object store does not answer: {error}") from error


def _missing(error: Exception, key: str) -> DirectFanzError:
    if "NoSuchBucket" in str(error):
        return Rejected("A bucket of the object store is missing. `directfanz up` or Terraform makes it.")
    return NotFound(f"There is no object {key}.")


def _of_obstore(error: BaseError, key: str) -> DirectFanzError:
    if isinstance(error, AlreadyExistsError):
        return Conflict(f"There is an object {key} already.")
    if isinstance(error, PreconditionError):
        return Conflict(f"The object {key} was replaced meanwhile.")
    found = _STATUS.search(str(error))
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return Rejected(f"The object store does not let us at {key}.")
    return _by_status(int(found[1]) if found else 503, str(error).partition("\n")[0], key)


def _of_client(error: ClientError, key: str) -> DirectFanzError:
    response = cast(dict[str, Any], error.response)
    code = str(response.get("Error", {}).get("Code", ""))
    if code == "NoSuchUpload":
        return NotFound(f"There is no such upload of {key}; it is completed or aborted.")
    if code in _MISSING or code == "NoSuchBucket":
        return _missing(error, key)
    if code == "PreconditionFailed":
        return Conflict(f"There is an object {key} already.")
    if code in _CALLERS:
        return InvalidInput.in_field("parts", f"The parts of {key} do not make an object: {code}.")
    if code in _PASSING:
        return Unavailable(f"The object store could not do it now: {code}.")
    return _by_status(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 503), str(error), key)


def _by_status(status: int, text: str, key: str) -> DirectFanzError:
    if status == 416:
        return RangeOutside.in_field("range", f"The range lies outside the object {key}.")
    if status >= 500 or status in (408, 409, 429):
        return Unavailable(f"The object store does not answer as it should: {text}")
    return Rejected(f"The object store refused: {text}")
