import doctest
import random
from datetime import date, datetime, timedelta

from odoo.tests import BaseCase, tagged

from ...tools import mail_rules
from ...tools.mail_rules import local_time, next_slot


@tagged("post_install", "-at_install")
class TestMailRuleSlots(BaseCase):
    """When mail may leave, against looking at each quarter of an hour."""

    def test_examples(self):
        failures, count = doctest.testmod(mail_rules)
        self.assertFalse(failures)
        self.assertGreater(count, 5)

    def test_random(self):
        dice = random.Random(8)
        found = 0
        for _number in range(150):
            zone = dice.choice(["Asia/Ho_Chi_Minh", "America/New_York", "UTC", "Pacific/Auckland"])
            weekdays = set(dice.sample(range(7), dice.randint(1, 7)))
            hour_from = dice.choice([0, 6, 8, 9.5, 18])
            hour_to = dice.choice([hour for hour in (7, 12, 18, 20.25, 24) if hour > hour_from])
            # around the changes to and from summer time too
            day = dice.choice([date(2026, 3, 6), date(2026, 10, 30), date(2026, 12, 24)])
            holidays = {day + timedelta(days=dice.randint(0, 5)) for _holiday in range(dice.randint(0, 2))}
            moment = datetime(day.year, day.month, day.day) + timedelta(minutes=15 * dice.randint(0, 300))
            slot = next_slot(moment, zone, hour_from, hour_to, weekdays, holidays)
            expected = moment
            for _step in range(15 * 96):
                clock = local_time(expected, zone)
                hour = clock.hour + clock.minute / 60
                quiet = clock.date() in holidays or clock.weekday() not in weekdays
                if not quiet and hour_from <= hour < hour_to:
                    break
                expected += timedelta(minutes=15)
            else:
                continue
            found += 1
            self.assertEqual(slot, expected, (moment, zone, hour_from, hour_to, weekdays, holidays))
        self.assertGreater(found, 100)
