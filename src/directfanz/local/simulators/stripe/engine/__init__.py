"""What Stripe does, without its wire: objects, money, time and events."""

from directfanz.local.simulators.stripe.engine.core import API_VERSION, Engine, Happened
from directfanz.local.simulators.stripe.engine.options import Options

__all__ = ["API_VERSION", "Engine", "Happened", "Options"]
