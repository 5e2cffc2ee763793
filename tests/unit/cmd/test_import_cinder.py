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

"""How far an import is, and what may be asked for."""

import argparse
import contextlib
import io

from cinder_messages.cmd import import_cinder
from cinder_messages.integration import cinder_import
from tests import base


class TestProgress(base.TestCase):

    def said(self, *steps, total):
        """What is written for (seconds, rows read), from second 100 on."""
        seconds = [100]
        progress = import_cinder.Progress(total, 5, lambda: seconds[0])
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            for after, read in steps:
                seconds[0] = 100 + after
                progress(cinder_import.Counts(read=read, imported=read - 1))
        return stderr.getvalue().splitlines()

    def test_a_line_now_and_then(self):
        self.assertEqual(
            ['500 of 2000 rows read, 499 imported, 100 rows/s, 15 s left',
             '1500 of 2000 rows read, 1499 imported, 150 rows/s, 3 s left'],
            self.said((1, 100), (5, 500), (9, 900), (10, 1500), total=2000))

    def test_a_short_import_says_nothing(self):
        self.assertEqual([], self.said((4.9, 1000), total=2000))

    def test_a_table_may_grow_meanwhile(self):
        self.assertEqual(
            ['300 of 200 rows read, 299 imported, 50 rows/s, 0 s left'],
            self.said((6, 300), total=200))


class TestArguments(base.TestCase):

    def parse(self, *args):
        parser = argparse.ArgumentParser(exit_on_error=False)
        import_cinder.add_arguments(parser)
        return parser.parse_args(['--connection', 'sqlite://', *args])

    def test_a_batch_has_a_size(self):
        self.assertEqual(1000, self.parse().batch_size)
        self.assertEqual(10000, self.parse('--batch-size=10000').batch_size)
        for value in ('0', '10001', '-1', 'x', '', '1e3'):
            refused = self.assertRaises(
                argparse.ArgumentError, self.parse, f'--batch-size={value}')
            self.assertIn('a number from 1 to 10000', str(refused))
