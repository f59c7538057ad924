"""When both sides are one S3 the store copies by itself: the bytes cross no network of ours.

The store is asked for the SHA-256 of what it wrote; one that does not tell it is read once. More than 5 GB go part by part.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from directfanz.migrate.errors import MigrationError
from directfanz.migrate.objects.hashing import Sizes, combined, hash_of, part_size, parts_of
from directfanz.migrate.objects.place import Listed, Place, kept, tagged

MD5_LENGTH = 32


def same_store(source: Place, target: Place) -> bool:
    """One endpoint, one region, and the key that writes there may read here."""
    here, there = source.address, target.address
    return (here.endpoint, here.region, here.access_key) == (there.endpoint, there.region, there.access_key)


def copy(source: Place, target: Place, one: Listed, sizes: Sizes) -> str:
    """The hash for the ledger."""
    version = {"VersionId": one.version} if one.version else {}
    place = {"Bucket": source.address.bucket, "Key": one.key, **version}
    from_where = {"CopySource": place, "CopySourceIfMatch": one.etag}
    if one.size > sizes.copy:
        return _in_parts(source, target, one, sizes, from_where)
    answer = target.ask("copy_object", Key=one.key, ChecksumAlgorithm="SHA256", **from_where)["CopyObjectResult"]
    _require_etag(one, str(answer.get("ETag", "")))
    return _told(answer, one.size) or hash_of(target, one, "", sizes)


def _require_etag(one: Listed, etag: str) -> None:
    here, there = one.etag.strip('"'), etag.strip('"')
    if len(here) == len(there) == MD5_LENGTH and here != there:
        raise MigrationError(f"{one.key} was copied as something else than what it is.")


def _told(answer: dict[str, Any], size: int) -> str:
    said = str(answer.get("ChecksumSHA256", ""))
    if not said or "-" in said:
        return hashlib.sha256(b"").hexdigest() if not size else ""
    return base64.b64decode(said).hex()


def _in_parts(source: Place, target: Place, one: Listed, sizes: Sizes, from_where: dict[str, Any]) -> str:
    first = source.get(one.key, etag=one.etag, size=1, version=one.version)
    words = kept(first.headers)
    if tagged(first.headers) and (tags := source.tags(one.key, one.version)):
        words["Tagging"] = tags
    upload = target.ask("create_multipart_upload", Key=one.key, **words)["UploadId"]
    size, parts = part_size(one, sizes), []
    for number in range(1, parts_of(one, sizes) + 1):
        begin = (number - 1) * size
        span = f"bytes={begin}-{min(begin + size, one.size) - 1}"
        answer = target.ask(
            "upload_part_copy", Key=one.key, UploadId=upload, PartNumber=number, CopySourceRange=span, **from_where
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    target.ask("complete_multipart_upload", Key=one.key, UploadId=upload, MultipartUpload={"Parts": parts})
    return hash_of(target, one, combined(["-"]), sizes)
