"""What went wrong, in one plain line and in the words of the operator."""

from __future__ import annotations

import socket
from http import HTTPStatus

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from aggregator.markup import one_line
from aggregator.netguard import REFUSED

_ADVICE = {
    401: "; if you have an account there, write https://USER:PASSWORD@ before the host",
    404: "; check the address",
}

_ALLOWING = "; allow it in [pull] allow_networks if it is yours"


class UnusableError(Exception):
    """An answer we cannot use; its text is the reason, and never leaves `fetch` but as `Failed`."""


class SilentError(UnusableError):
    """The host let the time run out."""


def status_line(status: int, phrase: str | None) -> str:
    """`answered 404 Not Found; check the address`: our own phrase wherever there is one."""
    if status in HTTPStatus.__members__.values():
        phrase = HTTPStatus(status).phrase
    line = f"answered {status} {one_line(phrase or '', 60)}".rstrip()
    return line + _ADVICE.get(status, "")


def megabytes(size: int) -> str:
    """`10 MB` for 10,000,000 bytes."""
    return f"{size / 1_000_000:g} MB"


def network_reason(problem: Exception) -> str:
    """The reason for whatever aiohttp or the system raised."""
    match problem:
        case aiohttp.ClientConnectorError():
            return _connecting_reason(problem)
        case aiohttp.ServerDisconnectedError():
            return "closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "closed the connection in the middle of the body, or broke its framing"
        case aiohttp.ClientResponseError(__cause__=HttpProcessingError(__cause__=LineTooLong())):
            return "answered with a header that is too long"
        case aiohttp.ClientResponseError(message=message) if "Too many headers" in message:
            return "answered with too many headers"
        case aiohttp.ClientResponseError():
            return "answered something that is not HTTP"
        case ValueError():
            return "the host is not one that can be asked; check the address"
        case _:
            return f"the connection broke: {_told(problem)}"


def _connecting_reason(problem: aiohttp.ClientConnectorError) -> str:
    """Why there is no connection."""
    match problem:
        case aiohttp.ClientConnectorDNSError():
            return _name_reason(problem.os_error)
        case aiohttp.ClientConnectorCertificateError():
            return f"TLS: certificate not accepted: {_told(problem.certificate_error)}"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS: {_told(problem.os_error)}"
        case _:
            # Of several addresses that failed only the words are left, and not their kinds.
            told = _told(problem.os_error).removeprefix("Multiple exceptions: ")
            if not told.startswith(REFUSED):
                told = f"no connection: {told}"
            return told + _ALLOWING if REFUSED in told else told


def _name_reason(problem: OSError) -> str:
    """A name without an address, told from a name server that does not answer."""
    if isinstance(problem, socket.gaierror) and problem.errno == socket.EAI_AGAIN:
        return "the name of the host could not be looked up just now (DNS)"
    return "the host has no address (DNS)"


def _told(problem: BaseException) -> str:
    """What the system says of `problem`, or its kind where it says nothing."""
    return (
        one_line(getattr(problem, "strerror", None) or str(problem), 200) or type(problem).__name__
    )
