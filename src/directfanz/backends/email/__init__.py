from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.errors import ConfigurationError

if TYPE_CHECKING:
    from directfanz.backends.clock.contract import Clock
    from directfanz.backends.email.contract import Mailer
    from directfanz.backends.email.mailer import Carrier
    from directfanz.backends.telemetry.contract import Telemetry
    from directfanz.settings import Settings


def open_mailer(settings: Settings, clock: Clock, telemetry: Telemetry) -> Mailer:
    from directfanz.backends.email.mailer import CarriedMail

    return CarriedMail(_carrier(settings), settings.email_from, clock, telemetry)


def _carrier(settings: Settings) -> Carrier:
    """Each is imported only where it is used: an SDK more costs a third of a second at every start."""
    kind = settings.email_backend or ("smtp" if settings.profile == "local" else "ses")
    if kind == "smtp":
        from directfanz.backends.email.smtp import SmtpCarrier, read_url

        if not settings.smtp_url:
            raise ConfigurationError("DIRECTFANZ_SMTP_URL is missing: mail is to be sent over SMTP.")
        return SmtpCarrier(read_url(settings.smtp_url))
    if kind == "sendgrid":
        from directfanz.backends.email.sendgrid import SendGridCarrier

        if not settings.sendgrid_key:
            raise ConfigurationError("DIRECTFANZ_SENDGRID_KEY is missing: mail is to be sent with SendGrid.")
        return SendGridCarrier(settings.sendgrid_key, settings.sendgrid_endpoint)
    from directfanz.backends.email.ses import SesCarrier

    return SesCarrier(settings.aws_region, settings.aws_endpoint)
