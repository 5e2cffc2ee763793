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

"""The mutants of a file."""

import pathlib

import fixtures

from tests import base
from tests.mutation import mutants
from tests.mutation import runner

SOURCE = b'''\
import os


def f(x):
    """Do it."""
    y = g(
        x,
        z=1)
    if x == y:
        return x < 2
    return {
        'a': 1,
        'b': [z for z in y if z],
    }
'''


def lines(source):
    return {(mutant.line, mutant.verb): mutant.apply(source).splitlines()[
        mutant.line - 1].strip().decode()
        for mutant in mutants.mutants('f.py', source)}


class TestMutants(base.TestCase):

    def test_statements_elements_and_conditions(self):
        self.assertEqual({
            (6, 'delete'): 'pass',
            (7, 'delete'): '',
            (8, 'delete'): ')',
            (9, 'invert'): 'if not (x == y):',
            (10, 'delete'): 'pass',
            (10, 'invert'): 'return not (x < 2)',
            (11, 'delete'): 'pass',
            (12, 'delete'): '',
            (13, 'delete'): '',
            (13, 'invert'): "'b': [z for z in y if not (z)],",
        }, lines(SOURCE))

    def test_each_changes_the_file_and_can_be_compiled(self):
        for mutant in mutants.mutants('f.py', SOURCE):
            self.assertNotEqual(SOURCE, mutant.apply(SOURCE))
            compile(mutant.apply(SOURCE), 'f.py', 'exec')

    def test_the_choice_depends_on_the_seed_alone(self):
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (root / mutants.PACKAGE).mkdir()
        (root / mutants.PACKAGE / 'f.py').write_bytes(SOURCE)
        first = mutants.choose(root, 1, 4)
        self.assertEqual(first, mutants.choose(root, 1, 4))
        self.assertNotEqual(first, mutants.choose(root, 2, 4))
        self.assertEqual(4, len({(one.path, one.line) for one in first}))


class TestModuleOf(base.TestCase):

    def test_it_is_the_longest_name_of_a_file(self):
        self.assertEqual('tests.unit.test_mutation', runner.module_of(
            'tests.unit.test_mutation.TestModuleOf.test(x.y)'))
        self.assertRaises(ValueError, runner.module_of, 'none.of.these')
