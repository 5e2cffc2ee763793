#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Reports that no writer has answered for yet.

They wait in two lanes, see :mod:`.lane`. A project that floods has the first
of its reports in the one and all others in the other, which is sent when the
first is empty: so each project's go in the order they came, and nobody waits
for the flood of another.
"""

import collections
import dataclasses
import json
import logging
import pathlib
import sqlite3
import threading

from cinder_messages.emit import lane
from cinder_messages.emit import periodic_log
from cinder_messages.emit import spool_file

LOG = logging.getLogger(__name__)

# Rows moved in one transaction when an orphan is taken over.
_MOVE = 500

# Reports of one project in the first lane, at most.
_CROWD = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """The reports to send next.

    :ivar primitives: as they were put
    :ivar parts: the lanes they come from
    """

    primitives: list[dict[str, str]]
    parts: list[lane.Part]

    @property
    def count(self) -> int:
        """How many entries of the spool they take up."""
        return sum(len(part.bodies) for part in self.parts)


class Spool:
    """A bounded queue; an entry stays until it is forgotten.

    Any thread may :meth:`put`, and ask for the :meth:`oldest`; one thread, the
    sender's, does all else.

    :param directory: where processes keep their files; empty is in memory
    :param max_messages: how many may wait; one project leaves a tenth of
        that to the others
    """

    def __init__(self, directory: str, max_messages: int) -> None:
        self._directory = directory
        self._max_messages = max_messages
        self._max_of_project = max_messages - max_messages // 10
        self._changed = threading.Condition()
        self._closed = False
        self._trouble = periodic_log.PeriodicLog(LOG)
        self._first, self._second = self._lanes = [
            lane.Lane(directory, self._changed, self._trouble)
            for _ in range(2)]

    def __len__(self) -> int:
        return self._first.waiting + self._second.waiting

    def put(self, primitive: dict[str, str]) -> bool:
        """Append one report; False if the spool is full and it was refused."""
        body = json.dumps(primitive)
        project_id = lane.project_of(primitive)
        with self._changed:
            waiting_of = sum(
                each.waiting_of[project_id] for each in self._lanes)
            if (len(self) >= self._max_messages or
                    waiting_of >= self._max_of_project):
                return False
            self._lane_for(project_id).append(body, project_id)
            self._changed.notify_all()
        return True

    def oldest(self) -> dict[str, str] | None:
        """The report that waits longest; None if none waits."""
        heads = [primitive for each in self._lanes
                 for primitive in lane.decode(each.read(1).bodies)]
        return min(heads, default=None,
                   key=lambda primitive: primitive['created_at'])

    def peek(self, count: int, timeout: float) -> Batch:
        """The next ``count`` reports; waits for one, and may be empty."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self) or self._closed, timeout)
        parts = [self._first.read(count)]
        missing = count - len(parts[0].bodies)
        if missing:
            parts.append(self._second.read(missing))
        return Batch([primitive for part in parts
                      for primitive in lane.decode(part.bodies)], parts)

    def forget(self, batch: Batch) -> None:
        """Drop the reports of the last peek: a writer has answered."""
        with self._changed:
            for part in batch.parts:
                part.lane.forget(part)
            self._changed.notify_all()

    def tidy(self) -> None:
        """What may take a while and need not be done at once."""
        for each in self._lanes:
            each.tidy()

    def wait_empty(self, timeout: float) -> bool:
        """Wait until nothing waits; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not len(self), timeout)

    def orphans(self) -> list[pathlib.Path]:
        """The files that other processes, dead or alive, have left here."""
        if not self._directory:
            return []
        try:
            directory = spool_file.prepare_directory(self._directory)
            own = [each.path for each in self._lanes]
            found = sorted(directory.glob('*' + spool_file.SUFFIX))
            return [path for path in found if str(path) not in own]
        except OSError as exc:
            self._trouble.error('No spool in %s: %s', self._directory, exc)
            return []

    def adopt(self) -> None:
        """Take over the reports of processes that have died."""
        for path in self.orphans():
            try:
                self._adopt(path)
            except (OSError, sqlite3.OperationalError) as exc:
                self._trouble.warning('%s stays there: %s', path, exc)
            except sqlite3.Error as exc:
                LOG.error('A spool cannot be read, what is left of it is '
                          'kept as %s: %s', spool_file.set_aside(path), exc)

    def let_parent_keep(self) -> None:
        """In a forked child: leave all of it to the parent."""
        for each in self._lanes:
            each.let_parent_keep()

    def close(self) -> None:
        """Let go; what was not answered is for the next process."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for each in self._lanes:
                each.close()

    def _lane_for(self, project_id: str) -> lane.Lane:
        """Where the next report of a project goes, behind all of its own."""
        crowded = (self._second.waiting_of[project_id] or
                   self._first.waiting_of[project_id] >= _CROWD)
        return self._second if crowded else self._first

    def _adopt(self, path: pathlib.Path) -> None:
        orphan = spool_file.SpoolFile.take_over(path)
        if orphan is None:
            return
        moved = 0
        try:
            for rows in orphan.read_all(_MOVE):
                self._append_all([body for _, body in rows])
                # NOTE: killed before this, they are sent twice, stored once.
                _remove(orphan, rows[-1][0])
                moved += len(rows)
        except BaseException:
            orphan.close()
            raise
        orphan.delete()
        LOG.info('Took over %d reports of a process that ended, from %s.',
                 moved, path)

    def _append_all(self, bodies: list[str]) -> None:
        """Append also beyond the bound; the disk holds them already."""
        with self._changed:
            of_lanes = collections.defaultdict(list)
            for primitive in lane.decode(bodies):
                of_lanes[self._lane_for(lane.project_of(primitive))].append(
                    json.dumps(primitive))
            for each, its_bodies in of_lanes.items():
                each.append_all(its_bodies)
            self._changed.notify_all()


def _remove(orphan: spool_file.SpoolFile, seq: int) -> None:
    """Remove what was moved; a broken file may keep it, and is set aside."""
    try:
        orphan.remove_up_to(seq)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as exc:
        LOG.warning('Nothing can be removed from %s: %s', orphan, exc)
