"""Exchanges between the days of a cycle: less driving, fair days, nobody moved without need.

All times are minutes. Place 0 of the matrices is the base; job ``i`` is at place ``i + 1``. Days are counted week by week:
day ``week * weekdays + weekday``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

BALANCE = 3.0
"""A day that is a tenth longer than the others weighs like ``BALANCE`` * 0.01 / 2 of a day of driving."""
TOO_LONG = 6.0
"""What a minute beyond the length of a day weighs, in minutes of driving."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The first week of the cycle, from 0, and the weekday."""

    week: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Job:
    """A customer: visited every so many weeks for so many minutes, begun between ``opens`` and ``latest`` of the day."""

    every: int
    minutes: int
    opens: int
    latest: int
    weekdays: tuple[int, ...]


@dataclass(slots=True)
class Board:
    """The days of the cycle and who is on them. ``keep`` says where somebody stood before."""

    jobs: list[Job]
    drive: list[list[float]]
    km: list[list[float]]
    weeks: int
    weekdays: int
    starts: int
    length: int
    loyalty: float = 0.0
    days: list[list[int]] = field(init=False)
    slot_of: list[Slot | None] = field(init=False)
    before: dict[int, Slot] = field(default_factory=dict)
    fixed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.days = [[] for _day in range(self.weeks * self.weekdays)]
        self.slot_of = [None] * len(self.jobs)

    # --- putting and taking

    def keep(self, job: int, slot: Slot, *, fixed: bool = False) -> None:
        """``job`` stood in ``slot`` until now: it is put there, and moving it costs."""
        self.before[job] = slot
        if fixed:
            self.fixed.add(job)
        self.put(job, slot)

    def put(self, job: int, slot: Slot) -> None:
        """Into its days, each at the cheapest position."""
        self.slot_of[job] = slot
        for day in self.days_of(job, slot):
            position, _extra = self._cheapest(self.days[day], job)
            self.days[day].insert(position, job)

    def remove(self, job: int) -> None:
        slot = self.slot_of[job]
        if slot is not None:
            for day in self.days_of(job, slot):
                self.days[day].remove(job)
        self.slot_of[job] = None

    def insert(self, job: int) -> None:
        """Where it costs least."""
        self.put(job, min(self._slots(job), key=lambda slot: self._cost_of_adding(job, slot)))

    def days_of(self, job: int, slot: Slot) -> Iterator[int]:
        for week in range(slot.week, self.weeks, self.jobs[job].every):
            yield week * self.weekdays + slot.weekday

    def share_weeks(self, weekday: int, tour: list[int]) -> None:
        """The jobs of one weekday, in the order of a tour through all of them, shared out to the weeks: neighbours together.

        Who is visited every week is everywhere; of the others each stretch of the tour goes to one week.
        """
        for every in sorted({self.jobs[job].every for job in tour}):
            group = [job for job in tour if self.jobs[job].every == every]
            total = sum(self.jobs[job].minutes for job in group)
            done = 0.0
            for job in group:
                week = min(every - 1, int((done + self.jobs[job].minutes / 2) / total * every))
                done += self.jobs[job].minutes
                slot = Slot(week, weekday)
                if job in self.fixed:
                    slot = self.before[job]
                self.put(job, slot)

    # --- the search

    def improve(self, *, until: float) -> None:
        """Move single customers to better slots until nothing helps, or ``until`` (of ``time.monotonic``)."""
        better = True
        while better and time.monotonic() < until:
            better = False
            for job in range(len(self.jobs)):
                if job not in self.fixed and self.slot_of[job] is not None:
                    better |= self._move(job)
                if time.monotonic() >= until:
                    return

    def _move(self, job: int) -> bool:
        old = self.slot_of[job]
        assert old is not None
        self.remove(job)
        costs = {slot: self._cost_of_adding(job, slot) for slot in self._slots(job)}
        best = min(costs, key=lambda slot: costs[slot])
        if old in costs and costs[best] > costs[old] - 0.5:
            best = old
        self.put(job, best)
        return best != old

    def _slots(self, job: int) -> list[Slot]:
        wanted = self.jobs[job]
        return [Slot(week, weekday) for weekday in wanted.weekdays for week in range(wanted.every)]

    def _cost_of_adding(self, job: int, slot: Slot) -> float:
        """Driving and balance over the cycle; ``loyalty`` where he stood elsewhere before."""
        fair = max(1.0, self._mean())
        cost = 0.0
        for day in self.days_of(job, slot):
            _position, extra = self._cheapest(self.days[day], job)
            old = self._length(self.days[day])
            new = old + extra + self.jobs[job].minutes
            cost += extra + BALANCE / (2 * fair) * ((new - fair) ** 2 - (old - fair) ** 2)
            cost += TOO_LONG * (max(0.0, new - self.length) - max(0.0, old - self.length))
        before = self.before.get(job)
        return cost + (self.loyalty if before is not None and before != slot else 0.0)

    def _mean(self) -> float:
        return sum(self._length(day) for day in self.days) / len(self.days)

    def _cheapest(self, day: list[int], job: int) -> tuple[int, float]:
        """The position at which a visit makes the day's driving grow least, and by how much."""
        here, best, position = 0, float("inf"), 0
        ways = self.drive[job + 1]
        for number in range(len(day) + 1):
            there = day[number] + 1 if number < len(day) else 0
            extra = ways[here] + ways[there] - self.drive[here][there]
            if extra < best:
                best, position = extra, number
            here = there
        return position, best

    def _length(self, day: list[int]) -> float:
        """Driving and visits, without waiting."""
        total, here = 0.0, 0
        for job in day:
            total += self.drive[here][job + 1] + self.jobs[job].minutes
            here = job + 1
        return total + self.drive[here][0]

    # --- hours and the length of a day

    def badness(self, day: list[int]) -> float:
        """How long the day is, in its order, with waiting; what comes too late or too long weighs much."""
        ends, late = self._walk(day)
        return ends - self.starts + TOO_LONG * late + TOO_LONG * max(0.0, ends - self.starts - self.length)

    def fits(self, day: list[int]) -> bool:
        """Whether the day, in its order, keeps everybody's hours and its own length."""
        ends, late = self._walk(day)
        return late < 0.5 and ends - self.starts <= self.length + 0.5

    def _walk(self, day: list[int]) -> tuple[float, float]:
        """When one is back at the base, and the minutes by which visits begin too late."""
        now, here, late = float(self.starts), 0, 0.0
        for job in day:
            begins = max(now + self.drive[here][job + 1], float(self.jobs[job].opens))
            late += max(0.0, begins - self.jobs[job].latest)
            now, here = begins + self.jobs[job].minutes, job + 1
        return now + self.drive[here][0], late

    def repair(self) -> None:
        """Take out of days that do not fit whoever has another slot where he does."""
        for day in range(len(self.days)):
            for job in self._by_gain(day):
                if self.fits(self.days[day]):
                    break
                if job not in self.fixed:
                    self._to_where_he_fits(job)

    def _by_gain(self, day: list[int] | int) -> list[int]:
        jobs = self.days[day] if isinstance(day, int) else day
        gains = {job: self.badness([j for j in jobs if j != job]) for job in jobs}
        return sorted(jobs, key=lambda job: gains[job])

    def _to_where_he_fits(self, job: int) -> bool:
        old = self.slot_of[job]
        assert old is not None
        stood = {day: list(self.days[day]) for day in self.days_of(job, old)}
        self.remove(job)
        for slot in sorted(self._slots(job), key=lambda slot: self._cost_of_adding(job, slot)):
            if slot == old:
                continue
            found = {day: self._fitting(self.days[day], job) for day in self.days_of(job, slot)}
            if all(order is not None for order in found.values()):
                for day, order in found.items():
                    assert order is not None
                    self.days[day] = order
                self.slot_of[job] = slot
                return True
        self.days = [stood.get(number, day) for number, day in enumerate(self.days)]
        self.slot_of[job] = old
        return False

    def _fitting(self, day: list[int], job: int) -> list[int] | None:
        """The day with one visit more, where it fits."""
        orders = ([*day[:place], job, *day[place:]] for place in range(len(day) + 1))
        fitting = [order for order in orders if self.fits(order)]
        return min(fitting, key=self.badness) if fitting else None

    def drop_what_does_not_fit(self) -> list[int]:
        """Take visits off days that are still too long, the least frequent first; who is dropped has no slot any more."""
        dropped: list[int] = []
        for day in range(len(self.days)):
            while self.days[day] and not self.fits(self.days[day]):
                gain = {job: self.badness([j for j in self.days[day] if j != job]) for job in self.days[day]}
                whole = self.badness(self.days[day])
                helping = [job for job in self.days[day] if gain[job] < whole - 0.5] or self.days[day]
                job = min(
                    helping,
                    key=lambda j: (j in self.fixed, -self.jobs[j].every, j in self.before, gain[j]),
                )
                self.remove(job)
                if not self._again(job):
                    dropped.append(job)
        return dropped

    def _again(self, job: int) -> bool:
        """Somewhere in the cycle there may be room after others were dropped."""
        for slot in self._slots(job):
            found = {day: self._fitting(self.days[day], job) for day in self.days_of(job, slot)}
            if all(order is not None for order in found.values()):
                for day, order in found.items():
                    assert order is not None
                    self.days[day] = order
                self.slot_of[job] = slot
                return True
        return False
