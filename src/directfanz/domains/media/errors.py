from __future__ import annotations

from directfanz.errors import Conflict, InvalidInput, NotFound, TooLarge, UnsupportedMedia


class NoSuchAsset(NotFound):
    code = "no_such_asset"


class NoSuchUpload(NotFound):
    """Also one of another page: who may not go on with it is not told that it exists."""

    code = "no_such_upload"


class AssetMoved(Conflict):
    """Its state is not the one that this needs, or it changed meanwhile."""

    code = "asset_moved"


class UploadOver(Conflict):
    code = "upload_over"


class PartsMissing(Conflict):
    """The store does not hold all parts, or holds others than were announced."""

    code = "parts_missing"


class PartWrong(InvalidInput):
    code = "part_wrong"


class FileTooLarge(TooLarge):
    code = "file_too_large"


class StorageFull(Conflict):
    code = "storage_full"


class TooManyFiles(Conflict):
    code = "too_many_files"


class KindNotTaken(UnsupportedMedia):
    code = "kind_not_taken"


class NotReady(Conflict):
    code = "not_ready"


class NoSuchSubtitles(NotFound):
    code = "no_such_subtitles"
