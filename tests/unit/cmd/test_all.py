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

"""How cinder-messages-all is told to stop."""

import sys
import threading

from cinder_messages.cmd import all as cmd_all
from tests import base


class TestStop(base.TestCase):

    def test_a_signal_may_interrupt_the_waiting_at_any_line(self):
        stop = cmd_all.Stop()
        interrupted = []

        def interrupt(frame, event, arg):
            interrupted.append(frame.f_code.co_name)
            # As a handler: in the same thread, and without being interrupted.
            sys.settrace(None)
            stop.request()
            sys.settrace(interrupt)
            return interrupt

        def wait():
            sys.settrace(interrupt)
            try:
                stop.wait()
            finally:
                sys.settrace(None)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        thread.join(60)

        self.assertFalse(thread.is_alive(), interrupted)
        self.assertIn('wait', interrupted)
