from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytz

from odoo import models


class PartnerWorkPlanCapacity(models.Model):
    """How much time a person has in a week: the hours of the schedules that are in force on its days, less leave."""

    _inherit = "partner.work.plan"

    def _refresh_capacity(self):
        """Read the hours of the working schedules, less leave."""
        hours = self._get_working_hours()
        for plan in self:
            known = sum(hours[plan].values(), 0.0) if plan in hours else None
            # without hours is not without schedule, though 0 is False
            if (plan.capacity_hours is False) != (known is None) or plan.capacity_hours != (known or 0):
                # sudo: a field that only this method writes
                plan.sudo().capacity_hours = known

    def _get_working_hours(self):
        """``{plan: {day: hours}}`` of the days on which the person's schedule has work; 0 while on leave.

        Without plans of persons who have no employee or no schedule. One reading per schedule, time zone, and first
        and last day: those of the week, but where somebody comes, goes or changes the schedule within it.
        """
        # sudo: schedules and leave are closed to most users; only the hours of the days are kept
        employees = self.env["hr.employee"].sudo().search([("user_id", "in", self.user_id.ids)])
        # in one query for all
        employees.resource_id.fetch(["tz"])
        employees.version_ids.fetch(
            ["date_version", "contract_date_start", "contract_date_end", "resource_calendar_id"]
        )
        by_user = employees.grouped(lambda employee: employee.user_id.id)
        groups, hours = defaultdict(list), {}
        for plan in self:
            mine = by_user.get(plan.user_id.id, employees.browse())
            employee = mine.filtered(lambda one, plan=plan: one.company_id == plan.company_id)[:1] or mine[:1]
            schedules = self._get_schedules(employee, plan.date_from, plan.date_to)
            if schedules is not None:
                hours[plan] = defaultdict(float)
                for schedule, first, last in schedules:
                    groups[schedule, first, last, employee.tz or "UTC"].append((plan, employee.resource_id))
        for (schedule, first, last, tz), members in groups.items():
            zone = pytz.timezone(self.env["partner.contact.log"]._get_known_zone(tz))
            start, end = (
                zone.localize(datetime.combine(day, time())) for day in (first, last + timedelta(days=1))
            )
            resources = self.env["resource.resource"].sudo().union(*(resource for _plan, resource in members))
            work = schedule._attendance_intervals_batch(start, end, resources)
            leave = schedule._leave_intervals_batch(start, end, resources)
            for plan, resource in members:
                for begin, _end, _attendance in work[resource.id]:
                    hours[plan].setdefault(begin.date(), 0.0)
                for begin, stop, _attendance in work[resource.id] - leave[resource.id]:
                    hours[plan][begin.date()] += (stop - begin).total_seconds() / 3600
        return hours

    def _get_schedules(self, employee, first, last):
        """The working schedules of an employee between two days: a list of ``(schedule, first day, last day)``.

        As Odoo has it: who has contracts works in their time alone; a schedule holds from the day of its record, the
        first one of a contract from its beginning. None for who has no schedule.
        """
        versions = employee.version_ids.sorted("date_version")
        contracts = versions.filtered("contract_date_start")
        in_force = []
        for position, version in enumerate(versions):
            if contracts and version not in contracts:
                continue
            begin, end = version.contract_date_start or date.min, version.contract_date_end or date.max
            if version.contract_date_start in versions[:position].mapped("contract_date_start"):
                begin = version.date_version
            for later in versions[position + 1 : position + 2]:
                end = min(end, later.date_version - timedelta(days=1))
            begin, end = max(first, begin), min(last, end)
            if begin <= end:
                in_force.append((version.resource_calendar_id, begin, end))
        schedules = [one for one in in_force if one[0]]
        return None if not versions or (in_force and not schedules) else schedules
