"""Where the simulator keeps what it made: in memory, and in SQLite when it should outlive the process."""

from directfanz.local.simulators.stripe.store.journal import Journal
from directfanz.local.simulators.stripe.store.memory import Obj, Store

__all__ = ["Journal", "Obj", "Store"]
