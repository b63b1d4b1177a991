"""Watching what the server opens, for the tests of attacks."""

import builtins
import contextlib
import io
import os
import socket
from unittest.mock import patch


@contextlib.contextmanager
def watch():
    """Yield a list to which each file that is opened and each address that is called is added, as a text."""
    opened = []

    def told(function, place):
        def call(*args, **kwargs):
            opened.append(str(args[place]) if len(args) > place else str(kwargs))
            return function(*args, **kwargs)

        return call

    with contextlib.ExitStack() as stack:
        for owner, name, place in (
            (builtins, "open", 0),
            (io, "open", 0),
            (os, "open", 0),
            (socket, "getaddrinfo", 0),
            (socket.socket, "connect", 1),
            (socket.socket, "connect_ex", 1),
        ):
            stack.enter_context(patch.object(owner, name, told(getattr(owner, name), place)))
        yield opened
