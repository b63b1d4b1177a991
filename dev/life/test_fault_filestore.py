"""The folder of attachments is full: what needs it fails as a whole, and succeeds when there is room again.

Once no file may grow, so that a part of it is written; once the disk of the folder is full.
"""

import base64
import email.message
import os
import resource
import shutil
from pathlib import Path

import fault_digest
import fault_workers
import pytest
from test_faults import as_root

DATABASE = os.environ["LIFE_SOUND"]
ROOM, SIZE = 64 * 2**10, 512 * 2**10


@pytest.fixture(scope="module", autouse=True)
def loaded():
    fault_workers.load(DATABASE)


@pytest.fixture
def small_disk():
    """A disk of its own for the attachments, which are put back at the end, with those that came."""
    from odoo.tools import config

    folder = Path(config.filestore(DATABASE))
    kept, place = folder.with_name(f"{folder.name}.kept"), folder.with_name(f"{folder.name}.disk")
    size = sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))
    place.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size={size + 8 * SIZE},mode=0777", "tmpfs", place)
    try:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        folder.rename(kept)
        folder.symlink_to(place)
        yield place
        shutil.copytree(place, kept, dirs_exist_ok=True)
    finally:
        if kept.exists():
            folder.unlink()
            kept.rename(folder)
        as_root("umount", "-l", place)
        place.rmdir()


def limited(work):
    """No file of this process can become larger than some 64 kB."""

    def work_in_it(env):
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
        work(env)

    return work_in_it


def told(work):
    """Do it as in a request: what fails is told to the user."""

    def work_for_a_user(env):
        from odoo.http import serialize_exception

        try:
            work(env)
        except Exception as error:
            print("TOLD", *serialize_exception(error)["message"].split())
            raise

    return work_for_a_user


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
    letters._send_new(
        mailbox, partner, f"Room {os.urandom(4).hex()}", "<p>With a picture</p>", attachments=picture
    )
    env.cr.commit()


def receive_letter(env):
    """One of the server's tries: the letter is not read there until it is registered."""
    message = email.message.EmailMessage()
    message["Message-ID"] = f"<{os.urandom(8).hex()}@customer.example>"
    message["From"], message["To"], message["Subject"] = "room@customer.example", "box@faults.example", "Room"
    message.set_content("With a picture")
    picture = os.urandom(SIZE)
    message.add_attachment(picture, maintype="application", subtype="octet-stream", filename="room.bin")
    mailbox = env["partner.mailbox"].search([], limit=1)
    env["mail.thread"].message_process(
        "partner.letter", message.as_bytes(), custom_values={"mailbox_id": mailbox.id}
    )
    env.cr.commit()


def file_contract(env):
    arrangement = env["partner.wage.deduction"].search([], limit=1)
    arrangement.write(
        {
            "contract_file": base64.b64encode(os.urandom(SIZE)),
            "contract_filename": f"{os.urandom(4).hex()}.pdf",
        }
    )
    env.cr.commit()


WORKS = [start_import, send_letter, receive_letter, file_contract]


def check(work, before):
    """It succeeds when there is room again."""
    status, output = fault_workers.run(DATABASE, work)
    assert status == 0, output[-3000:]
    assert fault_digest.take(DATABASE) != before


@pytest.mark.parametrize("work", WORKS)
def test_no_file_may_grow(work):
    before = fault_digest.take(DATABASE)
    status, output = fault_workers.run(DATABASE, limited(work))
    assert status == 1
    assert "File too large" in output, output[-2000:]
    assert fault_digest.take(DATABASE) == before, "half of it is there"
    check(work, before)


@pytest.mark.parametrize("work", WORKS)
def test_disk_is_full(work, small_disk):
    before = fault_digest.take(DATABASE)
    fault_workers.fill(small_disk)
    status, output = fault_workers.run(DATABASE, told(work))
    assert status == 1, output[-2000:]
    [line] = [line for line in output.splitlines() if line.startswith("TOLD")]
    assert "No space left on device" in line
    assert fault_digest.take(DATABASE) == before, "half of it is there"
    (small_disk / "filler").unlink()
    check(work, before)
