"""What Anthropic's errors mean for the person who waits: one table, for errors before the stream and inside it.

Anthropic names an error by its type; a status stands in where a proxy answered without one. The words are ours: the
vendor's text may name keys, hosts or the request, so it is never shown.
"""

from __future__ import annotations

from typing import NamedTuple

from analysis.signals import ModelBroke, Usage


class Meaning(NamedTuple):
    """Code, words, whether trying again may help, whose fault."""

    code: str
    text: str
    retryable: bool = True
    fault: str = "upstream"


AUTH = Meaning("provider_auth", "Anthropic refused the key. Check ANTHROPIC_API_KEY and what it may use.", False)
BILLING = Meaning("provider_billing", "Anthropic cannot bill this account. Check its plan and credit.", False)
REFUSED = Meaning("provider_refused_request", "Anthropic did not accept the request; it may be too long.", False)
TOO_LARGE = Meaning(
    "provider_request_too_large", "The conversation has grown too large for Anthropic. Start a new one.", False
)
UNKNOWN_MODEL = Meaning("unknown_model", "Anthropic does not know this model. Choose another.", False, "caller")
RATE_LIMITED = Meaning("provider_rate_limited", "Anthropic's rate limit is reached. Try again in a minute.")
OVERLOADED = Meaning("provider_overloaded", "Anthropic is overloaded at the moment. Try again in a minute.")
FAILED = Meaning("provider_failed", "Anthropic had an internal error. Try again.")
NO_API = Meaning(
    "provider_failed", "The server does not speak the Messages API at this address. Check ANTHROPIC_BASE_URL.", False
)
UNREADABLE = Meaning("provider_failed", "The answer held something that cannot be read. Try again.")
CUT = Meaning("provider_cut", "The connection to Anthropic broke before the answer was complete. Try again.")
UNREACHABLE = Meaning(
    "provider_unreachable", "Anthropic cannot be reached. Check the network and ANTHROPIC_BASE_URL, then try again."
)
STALLED = Meaning("provider_stalled", "Anthropic stopped sending in the middle of the work. Try again.")

BY_TYPE: dict[str, Meaning] = {
    "authentication_error": AUTH,
    "permission_error": AUTH,
    "billing_error": BILLING,
    "invalid_request_error": REFUSED,
    "request_too_large": TOO_LARGE,
    "not_found_error": UNKNOWN_MODEL,
    "rate_limit_error": RATE_LIMITED,
    "overloaded_error": OVERLOADED,
    "api_error": FAILED,
    "timeout_error": FAILED,
}
BY_STATUS: dict[int, Meaning] = {
    400: REFUSED,
    401: AUTH,
    402: BILLING,
    403: AUTH,
    404: NO_API,
    405: NO_API,
    413: TOO_LARGE,
    429: RATE_LIMITED,
    529: OVERLOADED,
}


def broke(meaning: Meaning, usage: Usage = Usage()) -> ModelBroke:  # noqa: B008 (frozen)
    """The signal that says so."""
    return ModelBroke(meaning.code, meaning.text, meaning.retryable, meaning.fault, usage)


def meaning_of(error_type: object, status: int | None = None) -> Meaning:
    """What an error of this type and HTTP status means. 413 goes by its status: its type is a plain refusal."""
    if status == 413:
        return TOO_LARGE
    if isinstance(error_type, str) and error_type in BY_TYPE:
        return BY_TYPE[error_type]
    if status is None:
        return FAILED
    return BY_STATUS.get(status, REFUSED if 400 <= status < 500 and status not in (408, 409) else FAILED)
