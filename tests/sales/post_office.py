"""A mail server of our own on this machine: it speaks SMTP, keeps what it takes, and refuses what it is told to refuse."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class PostOffice:
    """``taken`` are the letters, each with its receivers; ``refuses`` are addresses it does not know; ``full``: no letter is taken."""

    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    full: bool = False
    port: int = 0


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        office: PostOffice = self.server.office  # type: ignore[attr-defined]
        receivers: list[str] = []
        self._say("220 post office")
        while line := self.rfile.readline().decode().strip():
            word, rest = line[:4].upper(), line[4:]
            if word in ("EHLO", "HELO"):
                self._say("250 at your service")
            elif word == "RCPT":
                address = rest[rest.index("<") + 1 : rest.index(">")]
                if address in office.refuses:
                    self._say("550 no such mailbox")
                else:
                    receivers.append(address)
                    self._say("250 ok")
            elif word == "DATA":
                self._data(office, receivers)
                receivers = []
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _data(self, office: PostOffice, receivers: list[str]) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if office.full:
            self._say("552 mailbox is full")
            return
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        office.taken.append((receivers, message))  # type: ignore[arg-type]
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextlib.contextmanager
def post_office() -> Iterator[PostOffice]:
    """A server on a free port of this machine, until the block ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        office = PostOffice(port=server.server_address[1])
        server.office = office  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield office
        finally:
            server.shutdown()
