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

"""Counters of the reports of one process."""

import dataclasses


@dataclasses.dataclass(slots=True)
class Counters:
    """Totals since the process started, for the host service to read.

    :ivar reported: accepted from ``create()``, and summaries of suppressed
        reports
    :ivar stored: acknowledged as stored
    :ivar duplicates: acknowledged as stored before; they were sent twice
    :ivar suppressed: over the rate of their project, and counted in a summary
    :ivar rejected: refused by the writer, and quarantined
    :ivar dropped: lost: the spool was full, or a bug kept a report out of it
    :ivar waiting: not a total: reports that wait for an acknowledgement now,
        those of dead processes that this one sends included
    """

    reported: int = 0
    stored: int = 0
    duplicates: int = 0
    suppressed: int = 0
    rejected: int = 0
    dropped: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        return ', '.join(f'{name} {value}' for name, value
                         in dataclasses.asdict(self).items())
