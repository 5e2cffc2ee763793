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

"""How a command ends, and what it says of a database."""

import contextlib
import io

from cinder_messages.cmd import common
from cinder_messages import exception
from tests import base


class TestOneLineErrors(base.TestCase):

    def end(self, error, **options):
        """The exit code and what is said."""
        @common.one_line_errors(**options)
        def main(argv):
            if error:
                raise error
            return len(argv)

        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            return main(['a', 'b']), said.getvalue()

    def test_what_is_returned_is_the_exit_code(self):
        self.assertEqual((2, ''), self.end(None))

    def test_an_error_of_ours_is_one_line(self):
        code, said = self.end(exception.Error('a\n  b'))
        self.assertEqual(1, code)
        self.assertRegex(said, r'^\S+: a b\n$')
        self.assertEqual(
            255, self.end(exception.Error('a'), code=255)[0])

    def test_an_interrupt_says_nothing(self):
        self.assertEqual((130, ''), self.end(KeyboardInterrupt()))

    def test_a_bug_keeps_its_traceback(self):
        self.assertRaises(KeyError, self.end, KeyError('x'))


class TestDatabase(base.TestCase):

    def test_one_that_is_away_has_advice(self):
        self.conf.set_override(
            'connection', 'sqlite:////nowhere/messages.sqlite', 'database')
        error = self.assertRaises(
            exception.Error, common.check_database, self.conf)
        self.assertIn('See that it runs', str(error))
