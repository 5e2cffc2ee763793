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

"""How much code of the package one list request runs.

The limits are a compass: peers need 6 to 18 files and 19 to 97 functions. A
request far above them has side calls that a reader cannot follow. Do not leave
out a function that reads well to stay below.
"""

import os
import sys

import webob

import cinder_messages
from tests import base
from tests.functional import fixtures

# NOTE: the compass is 12 files. Three rooms that every request crosses have
# files of their own since it was set: the reader's language, the escaping of
# logs, and the errors of the database. To merge them would save no call.
FILES = 15
FUNCTIONS = 45
FRAMES = 10

_PACKAGE = os.path.dirname(cinder_messages.__file__)

# Later Pythons inline comprehensions.
_INLINED = ('<listcomp>', '<genexpr>', '<dictcomp>', '<setcomp>')
# Functions below which the database works: the driver runs a statement, and
# the pool of SQLAlchemy opens a connection. A pooled connection is not opened
# for each request; oslo.db does not pool those of SQLite.
_EXECUTE = 'do_execute'
_CONNECT = '_ConnectionRecord.__connect'


class Trace:
    """Collects the functions of the package that run while it is entered.

    :ivar functions: ``(file, name)`` of each, without what the database calls
    :ivar frames: the largest number of frames of the package above a
        statement
    """

    def __init__(self):
        self.functions = set()
        self.frames = 0

    def __enter__(self):
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *exc_info):
        sys.setprofile(None)

    def _profile(self, frame, event, argument):
        code = frame.f_code
        if event != 'call' or code.co_qualname.endswith(_INLINED):
            return
        if code.co_filename.startswith(_PACKAGE):
            if not any(above.f_code.co_name == _EXECUTE or
                       above.f_code.co_qualname == _CONNECT
                       for above in _frames(frame)):
                self.functions.add((os.path.relpath(
                    code.co_filename, _PACKAGE), code.co_qualname))
        elif code.co_name == _EXECUTE:
            self.frames = max(self.frames, sum(
                above.f_code.co_filename.startswith(_PACKAGE)
                for above in _frames(frame)))


def _frames(frame):
    while frame:
        yield frame
        frame = frame.f_back


class TestBudget(base.TestCase):

    def test_list_stays_within_the_budget(self):
        server = fixtures.AppFixture()
        server.start_fixture()
        self.addCleanup(server.stop_fixture)
        request = webob.Request.blank(
            '/v3/project-one/messages', environ={'REMOTE_ADDR': '127.0.0.1'},
            headers={
                'X-Auth-Token': 'user:project-one',
                'OpenStack-API-Version': 'volume latest'})
        # NOTE: the first request fills the caches.
        request.get_response(fixtures.AppFixture.application)
        with Trace() as trace:
            answer = request.copy().get_response(
                fixtures.AppFixture.application)
        self.assertEqual(5, len(answer.json['messages']))
        files = {path for path, _name in trace.functions}
        print(f'One list request: files {len(files)} of {FILES}, functions '
              f'{len(trace.functions)} of {FUNCTIONS}, frames above SQL '
              f'{trace.frames} of {FRAMES}')
        self.assertLessEqual(len(files), FILES, sorted(files))
        self.assertLessEqual(
            len(trace.functions), FUNCTIONS, sorted(trace.functions))
        self.assertGreater(trace.frames, 0)
        self.assertLessEqual(trace.frames, FRAMES)
