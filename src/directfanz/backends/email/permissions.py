from __future__ import annotations

from directfanz.backends.permissions import Statement

# Our letters are whole MIME messages: SES asks for the second when the first carries one.
SENDING = (
    Statement(
        "SendMail",
        ("ses:SendEmail", "ses:SendRawEmail"),
        (
            "arn:aws:ses:{region}:{account}:identity/{mail_domain}",
            "arn:aws:ses:{region}:{account}:configuration-set/{name}",
        ),
    ),
)
