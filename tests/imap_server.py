"""A real IMAP server on loopback, for tests that fetch mail."""

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "Tre-Xanh-1"  # of all users
CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{base}/mail/%u
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {ssl_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
"""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ImapServer:
    """Dovecot with its own configuration in a folder of its own; each user name is a mailbox."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self, *, with_ssl=False):
        self.program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        if not os.path.exists(self.program):
            raise AssertionError("There is no Dovecot, the IMAP server of the tests; dev/test installs it.")
        self.with_ssl = with_ssl
        self.port, self.ssl_port = _free_port(), _free_port() if with_ssl else 0
        self.process = None

    def start(self):
        self.base = Path(tempfile.mkdtemp(prefix="imap-"))
        self.base.chmod(0o755)
        is_root, user = os.geteuid() == 0, getpass.getuser()
        # it gives mail to nobody who is root
        owner = pwd.getpwnam("nobody" if is_root else user)
        for name in ("mail", "home"):
            (self.base / name).mkdir()
            shutil.chown(self.base / name, owner.pw_uid, owner.pw_gid)
        certificate = ""
        if self.with_ssl:
            certificate = self._make_certificate()
        (self.base / "dovecot.conf").write_text(
            CONFIG.format(
                base=self.base,
                port=self.port,
                ssl_port=self.ssl_port,
                ssl="yes" if self.with_ssl else "no",
                certificate=certificate,
                internal="dovecot" if is_root else user,
                login="dovenull" if is_root else user,
                group="dovecot" if is_root else grp.getgrgid(os.getegid()).gr_name,
                password=PASSWORD,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
            )
        )
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.base / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.base / "errors.log").open("wb"),
        )
        for _try in range(1200):
            try:
                self.login("probe").logout()
                return
            except (OSError, imaplib.IMAP4.error):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        logs = [path.read_text() for path in self.base.glob("*.log")]
        self.stop()
        raise AssertionError(f"Dovecot did not start: {' '.join(logs)[-2000:]}")

    def _make_certificate(self):
        key, certificate = self.base / "key.pem", self.base / "certificate.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        return f"ssl_cert = <{certificate}\nssl_key = <{key}"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)

    @classmethod
    def open_for(cls, test_class, **options):
        """Start a server that ends with the class of tests."""
        server = cls(**options)
        server.start()
        test_class.addClassCleanup(server.stop)
        return server

    # ------------------------------------------------------------------
    def login(self, user):
        connection = imaplib.IMAP4(self.host, self.port, timeout=20)
        connection.login(user, PASSWORD)
        return connection

    def deliver(self, user, *sources):
        """Put letters into a user's inbox, unread."""
        connection = self.login(user)
        for source in sources:
            connection.append("INBOX", None, None, source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        connection.logout()

    def count(self, user, what="ALL"):
        """Count the letters of an inbox, all or those of a search such as ``SEEN``."""
        connection = self.login(user)
        connection.select("INBOX", readonly=True)
        _status, data = connection.search(None, what)
        connection.logout()
        return len(data[0].split())

    def empty(self, user):
        connection = self.login(user)
        _status, data = connection.select("INBOX")
        if int(data[0]):
            connection.store("1:*", "+FLAGS", "\\Deleted")
            connection.expunge()
        connection.logout()
