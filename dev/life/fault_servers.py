"""Mail servers on the loopback that refuse, hang and cut off, as they are told while they run."""

import re
import socketserver
import threading
import time
from collections import Counter
from email import message_from_bytes, policy

HANG = 900  # seconds; longer than anybody waits here, also on a slow machine


class Cut(Exception):
    """The connection ends now."""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.mode = "well"
        self.hung = 0  # connections on which somebody was left waiting
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def stop(self):
        self.shutdown()
        self.server_close()


class _Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def line(self):
        line = self.rfile.readline()
        if not line:
            raise Cut
        return line

    def hang(self):
        self.server.hung += 1
        time.sleep(HANG)

    def handle(self):
        try:
            if self.server.mode == "hangs":
                self.hang()
            if self.server.mode in ("hangs", "cuts off"):
                return
            self.talk()
        except (Cut, OSError):
            pass


class MailServer(_Server):
    """It takes letters and counts them by receiver and subject, once it has said so; and by receiver and Message-ID.

    ``mode``: well; refuses for ever; refuses for now; hangs; cuts off (both instead of a greeting); hangs with the
    letter; cuts off the letter
    """

    def __init__(self):
        self.taken, self.known, self.tried = Counter(), Counter(), Counter()
        super().__init__(_Smtp)


class _Smtp(_Handler):
    def talk(self):
        server = self.server
        self.say("220 faults")
        receivers = []
        while True:
            line = self.line().decode(errors="replace").strip()
            command = line.upper()
            if command.startswith("QUIT"):
                self.say("221 bye")
                return
            if command.startswith("MAIL") and server.mode.startswith("refuses"):
                self.say("451 later" if server.mode == "refuses for now" else "554 no")
            elif command.startswith("RCPT"):
                receivers.append(re.search("<(.*?)>", line)[1])
                self.say("250 ok")
            elif command.startswith("DATA"):
                self.say("354 go on")
                server.tried.update(receivers)
                if server.mode == "cuts off the letter":
                    self.rfile.read(20)
                    return
                lines = []
                while (line := self.line()) != b".\r\n":
                    lines.append(line)
                letter = message_from_bytes(b"".join(lines), policy=policy.default)
                if server.mode == "hangs with the letter":
                    self.hang()
                    return
                server.taken.update((receiver, str(letter["Subject"])) for receiver in receivers)
                server.known.update((receiver, str(letter["Message-Id"])) for receiver in receivers)
                receivers = []
                self.say("250 taken")
            else:
                self.say("250 ok")


class ImapServer(_Server):
    """One inbox with letters, each a source in bytes; ``seen`` has the numbers of those that were read.

    ``mode``: well; refuses; hangs; cuts off (both instead of a greeting); hangs with the letter; cuts off the letter
    (both at the letter ``stuck``)
    """

    def __init__(self, letters):
        self.letters, self.seen, self.stuck = letters, set(), 0
        super().__init__(_Imap)


class _Imap(_Handler):
    def talk(self):
        server = self.server
        self.say("* OK faults")
        while True:
            tag, _space, command = self.line().decode().strip().partition(" ")
            name, _space, rest = command.partition(" ")
            answer = "OK done"
            match name.upper():
                case "CAPABILITY":
                    self.say("* CAPABILITY IMAP4REV1")
                case "LOGIN" if server.mode == "refuses":
                    answer = "NO not you"
                case "SELECT":
                    self.say(f"* {len(server.letters)} EXISTS")
                case "SEARCH":
                    unseen = [n for n in range(1, len(server.letters) + 1) if n not in server.seen]
                    self.say("* SEARCH " + " ".join(map(str, unseen)))
                case "FETCH":
                    self.fetch(int(rest.split()[0]), marks="RFC822" in rest)
                case "STORE":
                    number, what, _flags = rest.split(maxsplit=2)
                    (server.seen.add if what[0] == "+" else server.seen.discard)(int(number))
                case "LOGOUT":
                    self.say("* BYE")
                    self.say(f"{tag} OK bye")
                    return
            self.say(f"{tag} {answer}")

    def fetch(self, number, marks):
        server = self.server
        source = server.letters[number - 1]
        if number == server.stuck and server.mode == "hangs with the letter":
            self.hang()
            raise Cut
        self.say(f"* {number} FETCH (BODY[] {{{len(source)}}}")
        if number == server.stuck and server.mode == "cuts off the letter":
            self.wfile.write(source[: len(source) // 2])
            raise Cut
        self.wfile.write(source + b")\r\n")
        if marks:
            server.seen.add(number)
