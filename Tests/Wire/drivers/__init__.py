"""One function for each provider and vendor's library: it sends one message as the library's documentation says.

A driver gets the message and the provider's settings and secrets in one dictionary. It must not prepare what Sobre has
to get right by itself, such as encodings or escapes: that is the library's part.
"""

import importlib
from dataclasses import dataclass
from typing import Callable


@dataclass
class Driver:
    provider: str
    channel: str
    package: str
    send: Callable
    """Whether the driver can send the message: a library may not offer a field that it has."""
    fits: Callable = lambda message: True


ALL = []


def driver(provider, channel, package, fits=lambda message: True):
    def register(function):
        ALL.append(Driver(provider, channel, package, function, fits))
        return function

    return register


def load():
    for module in ("mail", "anymail_backends", "sms", "push", "apprise_services"):
        importlib.import_module(f"drivers.{module}")
    return ALL
