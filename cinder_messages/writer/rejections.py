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

"""The rejected reports of one batch, for the answer and the log."""

import collections
import logging

from cinder_messages import log_escape
from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import contract

# Rejections that a log line quotes.
_EXAMPLES = 3


class Rejections:
    """Collects the rejected reports of a batch.

    :ivar entries: for the answer
    :ivar event_ids: of each; None for an unknown or missing event
    """

    def __init__(self) -> None:
        self.entries: list[rpc_answer.Rejected] = []
        self.event_ids: list[str | None] = []

    def add(self, report: object, code: str, reason: str,
            event_id: str | None = None) -> None:
        """Reject a report.

        :param report: as it came; None for the batch as a whole
        :param code: one of :data:`contract.CODES`
        :param event_id: a permitted event, for the metrics
        """
        self.entries.append({
            'id': contract.valid_id_or_none(report), 'code': code,
            'reason': reason[:contract.MAX_REASON]})
        self.event_ids.append(event_id)

    def log(self, log: logging.Logger, total: int) -> None:
        """Log all rejections in one line, with a few of them as examples.

        :param total: number of reports in the batch
        """
        if not self.entries:
            return
        codes = collections.Counter(entry['code'] for entry in self.entries)
        log.warning(
            'Rejected %d of %d reports (%s); their emitters keep them in '
            'quarantine. For example %s',
            len(self.entries), total,
            ', '.join(f'{code}: {number}' for code, number in codes.items()),
            '; '.join(f'{log_escape.escape(entry["id"])}: '
                      f'{log_escape.escape(entry["reason"])}'
                      for entry in self.entries[:_EXAMPLES]))
