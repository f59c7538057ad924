from __future__ import annotations

from directfanz.errors import Conflict, NotFound


class ExportUnderWay(Conflict):
    code = "export_under_way"


class NoSuchExport(NotFound):
    code = "no_such_export"


class NotClosing(Conflict):
    code = "not_closing"
