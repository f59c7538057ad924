from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.errors import ConfigurationError

if TYPE_CHECKING:
    from directfanz.backends.storage.contract import Storage
    from directfanz.backends.transcoder.contract import Transcoder
    from directfanz.platform_toml import Platform
    from directfanz.settings import Settings


def open_transcoder(settings: Settings, platform: Platform, storage: Storage) -> Transcoder:
    """Each is imported only where it is used."""
    kind = settings.transcoder_backend or ("ffmpeg" if settings.profile == "local" else "mediaconvert")
    if kind == "ffmpeg":
        from directfanz.backends.transcoder.ffmpeg.adapter import FfmpegTranscoder

        return FfmpegTranscoder(storage, platform.processing, settings.scratch_dir)
    from directfanz.backends.transcoder.mediaconvert.adapter import MediaConvert

    if not settings.mediaconvert_role:
        raise ConfigurationError(
            "DIRECTFANZ_MEDIACONVERT_ROLE is missing: MediaConvert reads and writes buckets with it."
        )
    return MediaConvert(settings, platform.processing, storage)
