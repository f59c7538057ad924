"""The ways in which a provider, or somebody on the way, may lie; one at a time, chosen when signing in.

A client that falls for any of them lets the wrong person in.
"""

from __future__ import annotations

from typing import Any

# Name -> what it does, as the page says it.
TRICKS = {
    "": "Everything is in order",
    "unverified_email": "The address was never verified",
    "no_email": "No address is given",
    "wrong_nonce": "The token answers another question (nonce)",
    "no_nonce": "The token answers no question (no nonce)",
    "wrong_audience": "The token is for another site (audience)",
    "second_audience": "The token is for another site too (two audiences)",
    "wrong_issuer": "The token comes from another provider (issuer)",
    "expired": "The token has expired",
    "not_yet": "The token was issued in the future",
    "bad_signature": "The token was changed on the way (signature)",
    "unknown_key": "The token is signed with a key never published",
    "unsigned": "The token is not signed at all (alg none)",
    "symmetric": "The token is signed with the public key as a password (HS256)",
    "wrong_state": "The answer is for another browser (state)",
    "mixed_up": "The answer claims to be from another provider (iss)",
    "denied": "The person says no",
    "token_error": "The token endpoint breaks down",
}
ELSEWHERE = "https://evil.example"


def altered_claims(trick: str, claims: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "unverified_email": {"email_verified": False},
        "wrong_nonce": {"nonce": "another-question"},
        "wrong_audience": {"aud": "another-site"},
        "second_audience": {"aud": [claims["aud"], "another-site"]},
        "wrong_issuer": {"iss": ELSEWHERE},
        "expired": {"exp": claims["iat"] - 3600, "iat": claims["iat"] - 7200},
        "not_yet": {"iat": claims["iat"] + 7200, "nbf": claims["iat"] + 7200, "exp": claims["iat"] + 10_800},
    }
    gone = {"no_nonce": {"nonce"}, "no_email": {"email", "email_verified"}}.get(trick, set())
    return {name: value for name, value in (claims | changes.get(trick, {})).items() if name not in gone}


def altered_answer(trick: str, answer: dict[str, str]) -> dict[str, str]:
    if trick == "wrong_state":
        return answer | {"state": "another-browser"}
    if trick == "mixed_up":
        return answer | {"iss": ELSEWHERE}
    if trick == "denied":
        return {name: value for name, value in answer.items() if name != "code"} | {"error": "access_denied"}
    return answer
