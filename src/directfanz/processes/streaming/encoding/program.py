"""Where ffmpeg is."""

from __future__ import annotations

import shutil

from directfanz.settings import Settings


def ffmpeg(settings: Settings) -> str | None:
    """As told, else the one that comes with the local engines, else the system's; None when there is none."""
    if settings.ffmpeg is not None:
        return settings.ffmpeg
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return shutil.which("ffmpeg")
