"""What the worker makes of a file on its own machine, here and on AWS alike: small work that costs more to send than to do.

Every program that touches the file is confined. What is made lies in a folder; names are those it will have in the bucket.
"""

from __future__ import annotations

from directfanz.backends.transcoder.workshop.documents import Documents
from directfanz.backends.transcoder.workshop.films import Films
from directfanz.backends.transcoder.workshop.pictures import Pictures
from directfanz.backends.transcoder.workshop.sounds import Sounds
from directfanz.platform_toml.media import Processing

__all__ = ["Workshop"]


class Workshop:
    def __init__(self, rules: Processing) -> None:
        self.pictures = Pictures(rules)
        self.documents = Documents(rules)
        self.films = Films(rules, self.pictures)
        self.sounds = Sounds(rules)
