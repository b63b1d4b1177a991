"""An open board reads itself again when a colleague acts: a browser, the bus, and a second session."""

import functools
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

import requests

from odoo.addons.bus.websocket import dispatch
from odoo.tests import HttpCase, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from ..common import RelationsCommon

PATIENCE = 40
# How many rows the tour asks for when it has seen the deal.
SEEN = 7


@tagged("post_install", "-at_install")
class TestBoardRefresh(RelationsCommon, HttpCase):
    def _create_seller(self, login):
        groups = "partner_relations.group_user,sales_team.group_sale_salesman_all_leads"
        user = self._create_user(login, groups)
        user.password = login
        return user

    @contextmanager
    def _colleague_acts(self, user, model, method, *arguments):
        """While the block runs, ``user`` calls a method over the web client's route.

        That is when a browser listens and the tour has seen what will change: the bus may be faster than the board.
        """
        self.authenticate(user.login, user.login)
        session, answers, seen = requests.Session(), [], threading.Event()
        session.cookies.set("session_id", self.session.sid)
        self.session = None  # the browser's login would end it
        board = self.registry["partner.control.board"]
        get_board = board.get_board

        @functools.wraps(get_board)
        def told(*args, **kwargs):
            if kwargs.get("limit") == SEEN:
                seen.set()
            return get_board(*args, **kwargs)

        def act():
            # the first page may take longer than all that follows
            if not seen.wait(3 * PATIENCE):
                return
            until = time.monotonic() + PATIENCE
            while not any("res.groups" in str(channel) for channel in list(dispatch._channels_to_ws)):
                if time.monotonic() > until:
                    return
                time.sleep(0.2)
            # the requests that belong to this test are known by it
            session.cookies.set(TEST_CURSOR_COOKIE_NAME, self.http_request_key)
            answers.append(self._call(session, model, method, arguments))

        thread = threading.Thread(target=act)
        thread.start()
        try:
            with patch.object(board, "get_board", told):
                yield answers
        finally:
            thread.join(PATIENCE)

    def _call(self, session, model, method, arguments):
        return session.post(
            f"{self.base_url()}/web/dataset/call_kw/{model}/{method}",
            json={"params": {"model": model, "method": method, "args": list(arguments), "kwargs": {}}},
            timeout=PATIENCE,
        ).json()

    def test_a_deal_given_away_leaves_the_open_board(self):
        watcher, colleague = self._create_seller("board_watcher"), self._create_seller("board_colleague")
        partner = self._create_company_partner("Customer of the Refresh", user_id=watcher.id)
        lead = self.env["crm.lead"].create(
            {"name": "Chairs Refresh", "type": "opportunity", "partner_id": partner.id, "user_id": watcher.id}
        )
        self.env.flush_all()
        with self._colleague_acts(
            colleague, "crm.lead", "write", lead.ids, {"user_id": colleague.id}
        ) as answers:
            self.start_tour("/odoo/relations-board", "partner_relations_board_refresh", login=watcher.login)
        self.assertEqual([answer.get("result") for answer in answers], [True], answers)

    def test_a_dialog_closes_after_its_board_was_left(self):
        """Asked by a board that is gone, the server's services answer with an error that the user sees."""
        seller = self._create_seller("board_leaver")
        self.start_tour("/odoo/relations-board", "partner_relations_board_left", login=seller.login)
