"""The folder of attachments is full: what needs it fails as a whole, and succeeds when there is room again."""

import base64
import os
import resource

import fault_digest
import fault_workers
import pytest

DATABASE = os.environ["LIFE_SOUND"]
ROOM, SIZE = 64 * 2**10, 512 * 2**10


@pytest.fixture(scope="module", autouse=True)
def loaded():
    fault_workers.load(DATABASE)


def full(work):
    """No file of this process can become larger than some 64 kB."""

    def work_in_it(env):
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
        work(env)

    return work_in_it


def start_import(env):
    # another content each time: Odoo leaves half a file behind, and refuses the same content until that is removed
    rows = "".join(
        f"Room {number},room{number}@import.example,{os.urandom(200).hex()}\n"
        for number in range(SIZE // 450)
    )
    started = env["partner.contact.import"].create(
        {"file": base64.b64encode(f"Name,Email,Notes\n{rows}".encode()), "filename": "room.csv"}
    )
    started.action_preview()
    env.cr.commit()


def send_letter(env):
    mailbox = env["partner.mailbox"].search([], limit=1)
    partner = env["res.partner"].search([("email", "!=", False)], limit=1)
    picture = env["ir.attachment"].create({"name": "room.bin", "raw": os.urandom(SIZE)})
    letters = env["partner.letter"].with_context(mail_notify_force_send=False)
    letters._send_new(mailbox, partner, "Room", "<p>With a picture</p>", attachments=picture)
    env.cr.commit()


@pytest.mark.parametrize("work", [start_import, send_letter])
def test_full(work):
    before = fault_digest.take(DATABASE)
    status, output = fault_workers.run(DATABASE, full(work))
    assert status == 1
    assert "File too large" in output, output[-2000:]
    assert fault_digest.take(DATABASE) == before, "half of it is there"
    status, output = fault_workers.run(DATABASE, work)
    assert status == 0, output[-3000:]
    assert fault_digest.take(DATABASE) != before
