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

import ast
import sys
import unicodedata

import hypothesis
from hypothesis import strategies

from cinder_messages import log_escape
from tests import base

BIDI = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e' \
    '\u2066\u2067\u2068\u2069'


class TestEscape(base.TestCase):

    def test_plain_text_stays_as_it_is(self):
        for text in ('', 'GET', 'req-1 /v3/messages?limit=2', 'Zürich', '日本'):
            self.assertEqual(text, log_escape.escape(text))

    def test_each_character_that_does_not_print_is_escaped(self):
        for number in (*range(0x2100), *range(0xd700, 0xe010), 0xfeff,
                       0xfffe, 0xe0001, sys.maxunicode):
            character = chr(number)
            if character.isprintable():
                continue
            escaped = log_escape.escape(character)
            self.assertTrue(escaped.isascii() and escaped.isprintable())
            self.assertEqual(
                character, ast.literal_eval(f"'{escaped}'"), hex(number))

    def test_controls_and_bidirectional_controls_do_not_print(self):
        controls = [chr(number) for number in range(0xa0)
                    if unicodedata.category(chr(number)) == 'Cc']
        self.assertEqual(65, len(controls))
        for character in (*controls, *BIDI, '\u2028', '\u2029', '\ufeff',
                          '\ud800'):
            self.assertNotIn(character, log_escape.escape(f'a{character}b'))

    def test_different_values_stay_different(self):
        @hypothesis.settings(database=None, derandomize=True)
        @hypothesis.given(strategies.text('\n"\'\\nx0a ', max_size=12))
        def check(text):
            escaped = log_escape.escape(text)
            self.assertEqual(text, ast.literal_eval(f"'{escaped}'"))
            self.assertEqual(text, ast.literal_eval(f'"{escaped}"'))
            unquoted = log_escape.escape(text, spaces=False)
            self.assertNotIn(' ', unquoted)
            self.assertEqual(text, ast.literal_eval(f'"{unquoted}"'))
        check()

    def test_a_long_value_is_cut_in_front_of_its_escapes(self):
        self.assertEqual('\\n\\n...', log_escape.escape('\n' * 9, limit=2))
        self.assertEqual('ab', log_escape.escape('ab', limit=2))
        self.assertEqual(
            203, len(log_escape.escape('a' * 10 ** 6)))

    def test_other_objects_are_logged_as_their_text(self):
        self.assertEqual('None', log_escape.escape(None))
        self.assertEqual('a\\nb', log_escape.escape(ValueError('a\nb')))
        self.assertEqual('a\\nÿ...', log_escape.escape(b'a\n\xffb', 3))
