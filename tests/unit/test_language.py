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

"""The check of sentences finds riddles, and nothing in plain English."""

import pathlib

from tests import base
from tests.hacking import language


def findings(text, name='module.py'):
    return [line for line, _reason in language.findings(
        pathlib.Path(name), text)]


class TestLanguage(base.TestCase):

    def test_docstrings_begin_with_a_verb(self):
        self.assertEqual([1, 3, 7], findings(
            '"""What a module does."""\n'
            'class Thing:\n    """Those of others."""\n'
            '    def do(self):\n        """Do it."""\n'
            'def is_it():\n    """Whether it is."""\n'))
        self.assertEqual([], findings(
            '"""Return what it does."""\ndef f():\n    """Store a row."""\n'))

    def test_each_first_word_is_found(self):
        for word in language.FIRST_WORDS:
            self.assertEqual([1], findings(f'"""{word} it is."""\n'), word)

    def test_phrases_are_found_over_the_end_of_a_line(self):
        for phrase in ('who asks', 'one that is none', 'how many it were',
                       'as far as there\nis something'):
            self.assertEqual([2], findings(f'\nIt is {phrase}.', 'page.rst'))
        self.assertEqual([], findings('The caller is invalid.', 'page.rst'))

    def test_the_docstring_of_a_function_is_no_noun(self):
        for word in language.FIRST_WORDS_OF_NOUNS:
            text = f'"""{word} thing."""\n'
            function = f'def f():\n    {text}'
            self.assertEqual([], findings(text), word)
            self.assertEqual([], findings(f'class F:\n    {text}'), word)
            self.assertEqual([2], findings(function), word)
            self.assertEqual([], findings(f'@property\n{function}'), word)
