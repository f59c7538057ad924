"""Programs that read what strangers sent: they run with limits, without a network, and end with the worker."""

from __future__ import annotations

from directfanz.backends.transcoder.confinement.running import Confinement, Ended

__all__ = ["Confinement", "Ended"]
