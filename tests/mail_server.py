"""A mail server on this machine, so that what the product sends really crosses a wire."""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class MailServer:
    """What came in. refuse: the answer in place of 250 · hold: no answer to a letter until it is set."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse: str = ""
    hold: threading.Event | None = None
    taken: threading.Event = field(default_factory=threading.Event)
    _server: socketserver.ThreadingTCPServer | None = None

    def __enter__(self) -> "MailServer":
        told = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                told._talk(self)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Session)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, session: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            session.wfile.write(f"{line}\r\n".encode())

        say("220 test")
        for line in session.rfile:
            word = line[:4].upper()
            if word == b"QUIT":
                say("221 bye")
                return
            if word == b"RCPT" and self.refuse:
                say(self.refuse)
            elif word == b"DATA":
                say("354 go on")
                self._take(session)
                say("250 taken")
            else:
                say("250 ok")

    def _take(self, session: socketserver.StreamRequestHandler) -> None:
        lines: list[bytes] = []
        for line in session.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.taken.set()
        if self.hold is not None:
            self.hold.wait(60)
