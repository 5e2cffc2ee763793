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

"""Text from a server cannot control the terminal."""

from cinder_messages.client import terminal
from tests import base


class TestEscape(base.TestCase):

    def test_control_characters_are_visible(self):
        for text, expected in (
                ('\x1b[31mred', r'\x1b[31mred'),
                ('a\nb\tc\r', r'a\nb\tc\r'),
                ('bell\x07 del\x7f', r'bell\x07 del\x7f'),
                ('csi\x9b31m', r'csi\x9b31m'),
                ('abc\u202edef', r'abc\u202edef'),
                ('zero\u200bwidth', r'zero\u200bwidth'),
                ('line\u2028end', r'line\u2028end'),
                ('lone \ud800', r'lone \ud800')):
            with self.subTest(text.encode('unicode_escape')):
                self.assertEqual(expected, terminal.escape(text))

    def test_words_of_every_language_are_kept(self):
        for text in ('Größe überschritten', '卷创建失败', 'ボリューム', ''):
            self.assertEqual(text, terminal.escape(text))

    def test_containers_and_other_values(self):
        self.assertEqual(
            {r'a\x1b': [r'b\n', 1, None, True]},
            terminal.escape({'a\x1b': ['b\n', 1, None, True]}))
