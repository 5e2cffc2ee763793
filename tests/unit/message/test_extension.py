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

from importlib import metadata
import re

from cinder_messages import exception
from cinder_messages.message import definition
from cinder_messages.message import extension
from tests import base

ARRAY_BUSY = definition.Definition('ACME01', 'The storage is busy.')
EXTENSION = extension.Extension('ACME', details=(ARRAY_BUSY,))
NOT_AN_EXTENSION = {'ACME01': 'The storage is busy.'}


def entry_point(value, name='acme'):
    return metadata.EntryPoint(name, value, extension.GROUP)


class TestExtension(base.TestCase):

    def refuse(self, reason, prefix='ACME', **what):
        self.assertRaisesRegex(
            exception.InvalidConfiguration,
            f'^Extension {prefix!r}: .*{re.escape(reason)}',
            extension.Extension, prefix, **what)

    def test_is_refused_with_a_prefix_that_could_be_ours(self):
        for prefix in ('', '5', '9ACME', 'VOLUME', 'acme', 'ACME_', 'ÄCME'):
            self.refuse('the prefix must be', prefix=prefix)

    def test_is_refused_with_a_malformed_id(self):
        for kind, longest in (('events', 255), ('actions', 10),
                              ('details', 10)):
            for id in ('', '001', 'EMC01', 'ACME_01', 'ACMEx', 'ACME 1',
                       'ACME1\n', 'ACME'.ljust(longest + 1, '0')):
                one = definition.Definition(id, 'A text.')
                self.refuse(f'at most {longest}', **{kind: (one,)})
            one = definition.Definition('ACME'.ljust(longest, '0'), 'A text.')
            extension.Extension('ACME', **{kind: (one,)})

    def test_is_refused_when_it_uses_an_id_twice(self):
        self.refuse("'ACME01' is used twice", details=(ARRAY_BUSY, ARRAY_BUSY))

    def test_may_give_an_action_and_a_detail_the_same_id(self):
        extension.Extension('ACME', actions=(ARRAY_BUSY,),
                            details=(ARRAY_BUSY,))

    def test_is_refused_without_a_text(self):
        for text in ('', ' \n', None, 5, 'half \ud83d'):
            self.refuse("'ACME01' has no text of 1 to 1000", events=(
                definition.Definition('ACME01', text),))

    def test_is_refused_with_malformed_parts(self):
        for reason, parts in (
                ("'ACME01' has no remedy of 1 to 1000", {'remedy': ' '}),
                ("'ACME01' has no remedy of 1 to 1000", {'remedy': 'a\x1bb'}),
                ("the name 'lower' of 'ACME01'", {'reason': 'lower'}),
                ("the name 'A__B' of 'ACME01'", {'reason': 'A__B'}),
                ("the name 5 of 'ACME01'", {'reason': 5}),
                ("the name 'ARRAY_BUSY' of 'ACME01'",
                 {'reason': 'ARRAY_BUSY'}),
                ("the name 'ACME2_BUSY' of 'ACME01'",
                 {'reason': 'ACME2_BUSY'}),
                ("the name 'ACME_" + 'A' * 59, {'reason': 'ACME_' + 'A' * 59}),
                ("exceptions of 'ACME01' must be a tuple of class names",
                 {'exceptions': 'ArrayBusy'}),
                ("exceptions of 'ACME01'", {'exceptions': (OSError,)}),
                ("exceptions of 'ACME01'", {'exceptions': None}),
                ("retry 'soon' of 'ACME01' is none of now, later",
                 {'retry': 'soon'}),
                ("retry None of 'ACME01'", {'retry': None})):
            self.refuse(reason, details=(
                definition.Definition('ACME01', 'A text.', **parts),))

    def test_is_refused_when_it_uses_a_name_twice(self):
        def named(id):
            return definition.Definition(id, 'A text.', reason='ACME_BUSY')

        for parts in (
                {'details': (named('ACME01'), named('ACME02'))},
                {'actions': (named('ACME01'), named('ACME02'))},
                {'details': (named('ACME01'),), 'events': (named('ACME02'),)},
                {'details': (named('ACME01'),), 'actions': (
                    named('ACME01'),)}):
            self.refuse("the name 'ACME_BUSY' is used twice", **parts)

    def test_names_begin_with_its_prefix(self):
        for name in ('ACME', 'ACME_BUSY', 'ACME_2', 'ACME_' + 'A' * 58):
            one = definition.Definition('ACME01', 'A text.', reason=name)
            extension.Extension('ACME', details=(one,))

    def test_is_refused_with_exceptions_that_select_nothing(self):
        self.refuse('exceptions must map class names to ids',
                    exceptions=('ArrayBusy',))

    def test_is_refused_with_what_is_no_definition(self):
        self.refuse("'ACME01' is not a Definition", events=('ACME01',))

    def test_is_refused_with_a_malformed_resource_type(self):
        for name in ('VOLUME', 'ARRAY', 'acme_array', 'ACME_', 'ACME__ARRAY',
                     'ACMEARRAY', 'ACME_ARRAY\n', 'ACME_'.ljust(37, 'A')):
            self.refuse(repr(name), resource_types=(name,))

    def test_may_name_resource_types_after_its_prefix(self):
        for name in ('ACME', 'ACME_ARRAY', 'ACME_ARRAY_2',
                     'ACME_'.ljust(36, 'A')):
            extension.Extension('ACME', resource_types=(name,))


class TestLoad(base.TestCase):

    def test_loads_in_the_order_of_names(self):
        value = f'{__name__}:EXTENSION'
        loaded = extension.load([entry_point(value)])

        self.assertEqual((EXTENSION,), loaded)

    def test_nothing_is_installed_with_this_package(self):
        self.assertEqual((), extension.load())

    def test_refuses_what_cannot_be_imported(self):
        self.assertRaisesRegex(
            exception.InvalidConfiguration,
            'permitted_messages acme = no_such_module:E cannot be loaded: .*'
            'no_such_module',
            extension.load, [entry_point('no_such_module:E')])

    def test_refuses_what_is_no_extension(self):
        value = f'{__name__}:NOT_AN_EXTENSION'
        self.assertRaisesRegex(
            exception.InvalidConfiguration,
            f'permitted_messages acme = {value} is not an Extension',
            extension.load, [entry_point(value)])
