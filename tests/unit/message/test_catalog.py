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

import pathlib

import fixtures

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.message import catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import extension
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.message import resource_types
from tests import base

# Each pair that Cinder 29 reports: type, action, details.
REPORTED = (
    ('VOLUME', '001', ('001', '003')),
    ('VOLUME', '002', ('001', '002', '005')),
    ('VOLUME', '003', ('004', '006')),
    ('VOLUME', '004', ('001', '002')),
    ('VOLUME', '005', ('007', '011', '029')),
    ('VOLUME', '006', ('008',)),
    ('VOLUME', '007', ('003', '009', '010')),
    ('VOLUME', '008', ('012',)),
    ('VOLUME', '013', ('030',)),
    ('VOLUME', '016', ('028', '029')),
    ('VOLUME_SNAPSHOT', '009', ('013', '014')),
    ('VOLUME_SNAPSHOT', '010', ('015', '016')),
    ('VOLUME_BACKUP', '013', ('017', '018', '020', '021', '022', '023',
                              '024')),
    ('VOLUME_BACKUP', '014', ('017', '018', '025')),
    ('VOLUME_BACKUP', '015', ('017', '021', '022', '026', '027')),
)
UNKNOWN = ('An unknown error occurred. Try again later. If it keeps failing, '
           'contact your administrator and quote the request ID.')
NOT_PERMITTED = (
    None, 2, 2.0, b'000002', ['000002'], {}, '', '2', ' 000002',
    '000002\n', 'VOLUME_000002', 'VOLUME_', 'VOLUME', 'VOLUME_VOLUME',
    'VOLUME_VOLUME_001', 'VOLUME_VOLUME_001_', 'VOLUME_VOLUME__003',
    'VOLUME_VOLUME_001_999', 'VOLUME_VOLUME_999_003', 'VOLUME_DISK_001_003',
    'VOLUME__001_003', 'VOLUME_001_003', 'volume_VOLUME_001_003',
    'VOLUME_volume_001_003', 'VOLUME_VOLUME_1_3', 'VOLUME_VOLUME_003_001_',
    'SHARE_VOLUME_001_003', 'VOLUME_VOLUME_001_003_VOLUME',
    'VOLUME_VOLUME_٠٠١_003', '000002' * 100, '\x00',
)


class NoValidBackend(Exception):
    """Named like Cinder's, and not Cinder's."""


class NoWeighedBackend(NoValidBackend):
    """Named like nothing that is mapped."""


def message(**fields):
    return model.Message(**{
        'id': 'an id', 'project_id': 'mine', 'event_id': '000002',
        'created_at': None, **fields})


class TestFind(base.TestCase):

    def setUp(self):
        super().setUp()
        self.catalog = catalog.Catalog.builtin()

    def test_flat_events_are_permitted(self):
        for one in defined_messages.DEFINITIONS:
            self.assertEqual(catalog.Event(str(one)), self.catalog.find(one))

    def test_each_pair_that_cinder_reports_composes_and_parses(self):
        pairs = [(resource, action, detail)
                 for resource, action, details in REPORTED
                 for detail in details]
        self.assertEqual(39, len(pairs))
        for resource, action, detail in pairs:
            event_id = self.catalog.compose(action, detail, resource)

            self.assertEqual(f'VOLUME_{resource}_{action}_{detail}', event_id)
            self.assertEqual(
                catalog.Event(event_id, action, detail, resource),
                self.catalog.find(event_id))

    def test_every_pair_parses_to_what_it_was_composed_of(self):
        for resource in self.catalog.resource_types:
            for action in message_field.ACTIONS:
                for detail in message_field.DETAILS:
                    event = self.catalog.find(
                        self.catalog.compose(action, detail, resource))
                    self.assertEqual(
                        (action, detail, resource),
                        (event.action_id, event.detail_id,
                         event.resource_type))

    def test_ids_leave_as_plain_strings(self):
        event = self.catalog.find(defined_messages.UNKNOWN_ERROR)

        self.assertIs(str, type(event.id))
        self.assertIs(str, type(self.catalog.compose(
            message_field.Action.ATTACH_VOLUME,
            message_field.Detail.UNKNOWN_ERROR, resource_types.VOLUME)))

    def test_anything_else_is_not_permitted(self):
        for event_id in NOT_PERMITTED:
            self.assertIsNone(self.catalog.find(event_id), event_id)

    def test_require_names_what_is_permitted(self):
        for event_id in (*NOT_PERMITTED, '000006'):
            error = self.assertRaises(exception.EventNotPermitted,
                                      self.catalog.require, event_id)
            self.assertIn('000001, 000002, 000003, 000004, 000005 and '
                          'VOLUME_RESOURCE_ACTION_DETAIL', str(error))
            self.assertLess(len(str(error)), 300)

    def test_require_returns_what_is_permitted(self):
        self.assertEqual(
            catalog.Event('000002'), self.catalog.require('000002'))

    def test_compose_refuses_what_is_not_defined(self):
        for parts, named in (
                (('999', '003', 'VOLUME'), "Action '999'"),
                (('001', '999', 'VOLUME'), "Detail '999'"),
                (('001', '003', 'DISK'), "Resource type 'DISK'"),
                ((None, '003', 'VOLUME'), 'Action None'),
                (('001', ['003'], 'VOLUME'), "Detail 'list'"),
                (('001', '003', None), 'Resource type None')):
            error = self.assertRaises(exception.EventNotPermitted,
                                      self.catalog.compose, *parts)
            self.assertIn(f'{named} is not permitted. Permitted are: ',
                          str(error))


class TestCheck(base.TestCase):

    def setUp(self):
        super().setUp()
        self.check = catalog.Catalog.builtin().check

    def test_returns_the_event(self):
        self.assertEqual('000002', self.check(message()).id)
        self.assertEqual('003', self.check(message(
            event_id='VOLUME_VOLUME_001_003')).detail_id)

    def test_an_event_that_is_not_permitted_is_refused(self):
        for event_id in ('VOLUME_000002', '000006'):
            self.assertRaises(exception.EventNotPermitted, self.check,
                              message(event_id=event_id))

    def test_a_summary_is_permitted_to_the_emitter_only(self):
        event = self.check(message(event_id='000006', count=3),
                           allow_summary=True)
        self.assertEqual(catalog.Event('000006'), event)
        self.assertRaises(
            exception.InvalidMessage, self.check,
            message(event_id='000006', message_level='x'), allow_summary=True)
        self.assertRaises(exception.EventNotPermitted, self.check,
                          message(event_id='000007'), allow_summary=True)

    def test_a_level_is_one_of_three(self):
        for level in ('ERROR', 'WARNING', 'INFO'):
            self.check(message(message_level=level))
        for level in ('error', 'DEBUG', '', None, 3):
            self.assertRaisesRegex(
                exception.InvalidMessage, 'ERROR, WARNING, INFO',
                self.check, message(message_level=level))

    def test_a_resource_type_is_a_permitted_one_or_none(self):
        for resource_type in (None, *resource_types.ALL):
            self.check(message(resource_type=resource_type))
        for resource_type in ('', 'volume', 'SERVER'):
            self.assertRaisesRegex(
                exception.InvalidMessage,
                'VOLUME, VOLUME_BACKUP, VOLUME_GROUP, VOLUME_GROUP_SNAPSHOT, '
                'VOLUME_SNAPSHOT',
                self.check, message(resource_type=resource_type))

    def test_a_pair_is_about_its_own_resource_type(self):
        event_id = 'VOLUME_VOLUME_SNAPSHOT_009_013'
        self.check(message(event_id=event_id, resource_type='VOLUME_SNAPSHOT'))
        self.check(message(event_id=event_id))
        self.assertRaisesRegex(
            exception.InvalidMessage, "'VOLUME' is none of VOLUME_SNAPSHOT",
            self.check, message(event_id=event_id, resource_type='VOLUME'))


class TestDetailFor(base.TestCase):

    def setUp(self):
        super().setUp()
        self.detail_for = catalog.Catalog.builtin().detail_for

    def test_a_class_is_known_by_its_name(self):
        self.assertEqual('003', self.detail_for(NoValidBackend(), '001'))

    def test_a_subclass_is_known_by_its_base(self):
        self.assertEqual('003', self.detail_for(NoWeighedBackend(), '001'))

    def test_any_other_selects_the_default(self):
        self.assertEqual('028', self.detail_for(ValueError(), '028'))
        self.assertEqual('028', self.detail_for(None, '028'))


class TestText(base.TestCase):

    def setUp(self):
        super().setUp()
        self.catalog = catalog.Catalog.builtin()

    def test_a_flat_event_has_its_text(self):
        self.assertEqual(
            'No storage could be allocated for this volume request.',
            self.catalog.text('000002'))

    def test_the_old_form_reads_like_the_flat_event(self):
        for one in defined_messages.DEFINITIONS:
            self.assertEqual(self.catalog.text(one),
                             self.catalog.text(f'VOLUME_{one}'))

    def test_a_pair_reads_action_text_remedy(self):
        self.assertEqual(
            'Deleting the snapshot: The snapshot is in use. Delete the '
            'volumes and other resources that depend on it, then try again.',
            self.catalog.text('VOLUME_VOLUME_SNAPSHOT_010_015'))

    def test_a_flat_event_reads_text_remedy(self):
        self.assertEqual(
            'A read-only volume cannot be attached in read-write mode. '
            'Attach the volume read-only, or make it writable first.',
            self.catalog.text('000003'))

    def test_a_text_without_remedy_ends_with_the_reason(self):
        self.assertEqual('Unmanaging the volume: An encrypted volume cannot '
                         'be unmanaged.',
                         self.catalog.text('VOLUME_VOLUME_006_008'))

    def test_a_summary_names_its_count(self):
        self.assertIn(
            '12 further messages for this project were suppressed within one '
            'minute. ', self.catalog.text('000006', count=12))
        self.assertEqual(
            'One further message for this project was suppressed within one '
            'minute.', self.catalog.explain('000006', count=1).detail)
        self.assertNotIn('%', self.catalog.text('000006'))
        self.assertNotIn('12', self.catalog.text('000002', count=12))

    def test_further_resources_are_counted(self):
        event_id = 'VOLUME_VOLUME_GROUP_113_543'
        self.assertIn(
            ': Further resources that failed and have no message of their '
            'own: 11. ', self.catalog.text(event_id, count=11))
        self.assertIn('own: 1. ', self.catalog.text(event_id, count=1))
        self.assertIn('for further resources', self.catalog.text(event_id))
        self.assertNotIn('%', self.catalog.text(event_id))

    def test_an_event_that_is_not_known_reads_as_unknown(self):
        for event_id in NOT_PERMITTED:
            if isinstance(event_id, str) and event_id != 'VOLUME_000002':
                self.assertEqual(UNKNOWN, self.catalog.text(event_id))

    def test_a_text_is_the_same_when_asked_again(self):
        for event_id in ('000003', 'VOLUME_VOLUME_001_003', 'unknown'):
            self.assertEqual(
                self.catalog.text(event_id), self.catalog.text(event_id))

    def test_a_language_that_is_not_there_is_english(self):
        for locale in ('tlh', '', '../../etc', 'C'):
            self.assertEqual(UNKNOWN, self.catalog.text('000001', locale))


class TestExplain(base.TestCase):

    def setUp(self):
        super().setUp()
        self.catalog = catalog.Catalog.builtin()

    def test_a_pair_has_all_parts(self):
        self.assertEqual(
            catalog.Explanation(
                'Extending the volume: The request exceeds a quota of the '
                'project. Delete what you no longer need, or ask your '
                'administrator for more quota.', 'EXTEND_VOLUME',
                'QUOTA_EXCEEDED', 'Extending the volume',
                'The request exceeds a quota of the project.',
                'Delete what you no longer need, or ask your administrator '
                'for more quota.', 'after_change', 'VOLUME_VOLUME_007_006'),
            self.catalog.explain('VOLUME_VOLUME_007_006'))

    def test_a_flat_event_has_no_action(self):
        for event_id in ('000005', 'VOLUME_000005'):
            self.assertEqual(
                catalog.Explanation(
                    'An encrypted volume cannot be unmanaged.', None,
                    'UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED', None,
                    'An encrypted volume cannot be unmanaged.', None,
                    'never', '000005'), self.catalog.explain(event_id))

    def test_an_unknown_event_is_an_unknown_error(self):
        self.assertEqual(self.catalog.explain('000001'),
                         self.catalog.explain('VOLUME_VOLUME_001_999'))

    def test_the_first_example_has_a_remedy_that_its_sentence_leaves_out(self):
        found = self.catalog.explain('000002')

        self.assertEqual(found.detail, found.user_message)
        self.assertIn('smaller size', found.remedy)

    def test_user_message_is_what_the_parts_say(self):
        events = [*(str(one) for one in self.catalog.events), *(
            self.catalog.compose(action, detail, 'VOLUME')
            for action in self.catalog.actions
            for detail in self.catalog.details)]
        for event_id in events:
            for locale in (None, *i18n.LANGUAGES):
                found = self.catalog.explain(event_id, locale)
                says = found.detail
                if found.remedy and event_id != '000002':
                    says += f' {found.remedy}'
                if found.action_text:
                    says = f'{found.action_text}: {says}'
                self.assertEqual(says, found.user_message)


class TestNames(base.TestCase):

    def setUp(self):
        super().setUp()
        self.catalog = catalog.Catalog.builtin()

    def test_each_action_is_found_by_its_name(self):
        for name, value in vars(message_field.Action).items():
            if name.isupper():
                self.assertEqual(value, self.catalog.action_id(name))

    def test_each_reason_is_found_by_its_name(self):
        for one in message_field.DETAILS:
            self.assertEqual(('detail_id', one, None),
                             self.catalog.reason(one.reason))
        for one in defined_messages.DEFINITIONS:
            self.assertEqual(('event_id', one, f'VOLUME_{one}'),
                             self.catalog.reason(one.reason))

    def test_summaries_have_no_form_of_an_old_cinder(self):
        suppressed = defined_messages.SUPPRESSED
        self.assertEqual(('event_id', suppressed, None),
                         self.catalog.reason(suppressed.reason))

    def test_any_other_name_is_unknown(self):
        for name in ('', '001', 'extend_volume', 'NOT_KNOWN', 'QUOTA_EXCEED'):
            self.assertIsNone(self.catalog.action_id(name))
            self.assertIsNone(self.catalog.reason(name))


class TestExtensions(base.TestCase):

    def setUp(self):
        super().setUp()
        self.event = definition.Definition('ACME1', 'The array is resting.')
        self.action = definition.Definition('ACME2', 'Waking the array')
        self.detail = definition.Definition(
            'ACME3', 'The array sleeps.', exceptions=('ArrayAsleep',))
        self.extension = extension.Extension(
            'ACME', events=(self.event,), actions=(self.action,),
            details=(self.detail,), resource_types=('ACME_ARRAY',),
            exceptions={'ArrayFull': '003'})
        self.catalog = catalog.Catalog([self.extension])

    def test_what_it_defines_is_permitted(self):
        self.assertEqual(catalog.Event('ACME1'), self.catalog.find('ACME1'))
        event_id = self.catalog.compose(
            self.action, self.detail, 'ACME_ARRAY')
        self.assertEqual('VOLUME_ACME_ARRAY_ACME2_ACME3', event_id)
        self.assertEqual(
            catalog.Event(event_id, 'ACME2', 'ACME3', 'ACME_ARRAY'),
            self.catalog.find(event_id))
        self.assertEqual('The array is resting.', self.catalog.text('ACME1'))
        self.assertEqual('Waking the array: The array sleeps.',
                         self.catalog.text(event_id))

    def test_its_parts_combine_with_ours(self):
        self.assertIsNotNone(self.catalog.find('VOLUME_VOLUME_001_ACME3'))
        self.assertIsNotNone(self.catalog.find('VOLUME_ACME_ARRAY_001_003'))
        self.assertIsNotNone(self.catalog.find('VOLUME_VOLUME_001_003'))

    def test_its_exceptions_select_its_details_and_ours(self):
        asleep = type('ArrayAsleep', (Exception,), {})
        full = type('ArrayFull', (Exception,), {})

        self.assertEqual('ACME3', self.catalog.detail_for(asleep(), '001'))
        self.assertEqual('003', self.catalog.detail_for(full(), '001'))
        self.assertEqual(
            '003', self.catalog.detail_for(NoValidBackend(), '001'))

    def test_other_catalogs_do_not_know_it(self):
        builtin = catalog.Catalog.builtin()

        self.assertIsNone(builtin.find('ACME1'))
        self.assertEqual(UNKNOWN, builtin.text('VOLUME_ACME_ARRAY_001_003'))
        self.assertNotIn('ACME_ARRAY', builtin.resource_types)

    def test_two_that_could_use_the_same_id_are_refused(self):
        for prefix in ('ACME', 'AC', 'ACME2'):
            other = extension.Extension(prefix)
            for both in ([self.extension, other], [other, self.extension]):
                self.assertRaisesRegex(
                    exception.InvalidConfiguration, 'its ids could be those',
                    catalog.Catalog, both)

    def test_two_with_prefixes_of_their_own_are_permitted(self):
        other = extension.Extension('EMCA', events=(
            definition.Definition('EMCA1', 'A text.'),))
        both = catalog.Catalog([self.extension, other])

        self.assertIsNotNone(both.find('ACME1'))
        self.assertIsNotNone(both.find('EMCA1'))

    def test_one_that_takes_an_exception_from_others_is_refused(self):
        for name in ('NoValidBackend', 'ArrayAsleep', 'ArrayFull'):
            mapping = extension.Extension('EMC', exceptions={name: '001'})
            detail = extension.Extension('EMC', details=(
                definition.Definition('EMC1', 'A text.', (name,)),))
            for other in (mapping, detail):
                self.assertRaisesRegex(
                    exception.InvalidConfiguration,
                    f"Extension 'EMC': '{name}' selects a detail already",
                    catalog.Catalog, [self.extension, other])

    def test_its_names_are_found(self):
        full = definition.Definition(
            'ACME4', 'The array is full.', reason='ACME_ARRAY_FULL',
            remedy='Delete something.', retry=definition.AFTER_CHANGE)
        wake = definition.Action('ACME5', 'Waking it', name='ACME_WAKE')
        found = catalog.Catalog([extension.Extension(
            'ACME', actions=(wake,), details=(full,))])

        self.assertEqual('ACME5', found.action_id('ACME_WAKE'))
        self.assertEqual(('detail_id', 'ACME4', None),
                         found.reason('ACME_ARRAY_FULL'))
        self.assertEqual(
            catalog.Explanation(
                'Waking it: The array is full. Delete something.',
                'ACME_WAKE', 'ACME_ARRAY_FULL', 'Waking it',
                'The array is full.', 'Delete something.', 'after_change',
                'VOLUME_VOLUME_ACME5_ACME4'),
            found.explain('VOLUME_VOLUME_ACME5_ACME4', 'de'))

    def test_one_without_names_and_retry_is_permitted(self):
        self.assertEqual(
            catalog.Explanation(
                'Waking the array: The array sleeps.', None, None,
                'Waking the array', 'The array sleeps.', None, 'later',
                'VOLUME_VOLUME_ACME2_ACME3'),
            self.catalog.explain('VOLUME_VOLUME_ACME2_ACME3'))

    def test_one_that_uses_a_name_that_is_taken_is_refused(self):
        for part in ('events', 'details', 'actions'):
            name = 'EXTEND_VOLUME' if part == 'actions' else 'QUOTA_EXCEEDED'
            prefix = name.partition('_')[0]
            other = extension.Extension(prefix, **{part: (
                definition.Definition(f'{prefix}1', 'A text', reason=name),)})
            self.assertRaisesRegex(
                exception.InvalidConfiguration,
                f"Extension '{prefix}': the name '{name}' is used already",
                catalog.Catalog, [other])

    def test_one_that_selects_a_detail_that_is_not_there_is_refused(self):
        other = extension.Extension('EMC', exceptions={'Failed': '999'})

        self.assertRaisesRegex(
            exception.InvalidConfiguration, "'Failed' selects '999'",
            catalog.Catalog, [other])


class TestOverrides(base.TestCase):

    def setUp(self):
        super().setUp()
        self.path = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path, 'texts.yaml')

    def load(self, text):
        self.path.write_bytes(
            text if isinstance(text, bytes) else text.encode())
        return catalog.Catalog.load(str(self.path), entry_points=())

    def refuse(self, reason, text):
        error = self.assertRaises(
            exception.InvalidConfiguration, self.load, text)
        self.assertIn(f'text_overrides_file {self.path}: ', str(error))
        self.assertIn(reason, str(error))
        self.assertNotIn('\n', str(error))

    def test_a_text_takes_the_place_of_ours(self):
        loaded = self.load(
            "'000002': Call the storage team.\n"
            'VOLUME_VOLUME_001_003: Order a larger array.\n')

        self.assertEqual('Call the storage team.', loaded.text('000002'))
        self.assertEqual(
            'Call the storage team.', loaded.text('VOLUME_000002'))
        self.assertEqual(
            'Order a larger array.', loaded.text('VOLUME_VOLUME_001_003'))
        self.assertEqual(UNKNOWN, loaded.text('000001'))
        self.assertNotEqual(
            'Order a larger array.', loaded.text('VOLUME_VOLUME_007_003'))

    def test_a_text_is_shown_as_it_is_in_every_language(self):
        loaded = self.load('000002: Call the storage team.\n000003: Hello.')

        self.assertEqual(
            'Call the storage team.', loaded.text('000002', 'de'))
        self.assertEqual('Hello.', loaded.text('000003', 'de'))

    def test_an_id_needs_no_quotes(self):
        self.assertEqual('Hello.', self.load('000002: Hello.').text('000002'))

    def test_no_file_changes_nothing(self):
        for none in (None, ''):
            loaded = catalog.Catalog.load(none, entry_points=())
            self.assertEqual(UNKNOWN, loaded.text('000001'))

    def test_a_text_for_what_an_extension_permits(self):
        self.path.write_text('ACME1: Hello.')
        loaded = catalog.Catalog(
            [extension.Extension('ACME', events=(
                definition.Definition('ACME1', 'A text.'),))], str(self.path))

        self.assertEqual('Hello.', loaded.text('ACME1'))

    def test_an_unknown_id_is_refused(self):
        for event_id in ('000009', '2', 'VOLUME_000002', 'VOLUME_001_003',
                         '003', 'ACME1'):
            self.refuse(repr(event_id), f'{event_id}: Hello.')
        self.refuse('not a permitted event', '? [000002]\n: Hello.')

    def test_an_id_with_two_texts_is_refused(self):
        self.refuse("'000002' has two texts",
                    "000002: Hello.\n'000002': Hello again.")

    def test_a_text_that_is_none_is_refused(self):
        for text in ('', '~', '""', '"  "', '5', 'true', '[Hello.]',
                     '{de: Hallo.}', r'"half \ud83d"', r'"a\nb"',
                     r'"\e[31mred"', r'"left \u202e right"',
                     r'"\u2066isolated\u2069"', r'"zero \u200b width"',
                     r'"line \u2028 separator"', r'"nul \0"', 'x' * 1001,
                     '[' * 50 + ']' * 50, '!!python/object:os.system {}'):
            self.refuse("'000002' must have a string", f'000002: {text}')

    def test_blanks_around_a_text_are_dropped(self):
        for text in ('" Hello. "', '>\n  Hello.\n', '|\n  Hello.\n'):
            self.assertEqual(
                'Hello.', self.load(f'000002: {text}').text('000002'))

    def test_a_text_may_have_1000_characters_of_any_script(self):
        for text in ('é' * 1000, '无法' * 500, 'می\u200cخواهم', '👩\u200d🚀'):
            self.assertEqual(
                text, self.load(f'000002: "{text}"').text('000002'))

    def test_a_file_that_is_no_mapping_is_refused(self):
        for text in ('', '# nothing\n', 'Hello.', '- Hello.', '5'):
            self.refuse('not a mapping', text)

    def test_a_file_that_is_nested_or_large_is_refused(self):
        self.refuse('nested too deeply', '000002: ' + '[' * 5000)
        self.refuse('larger than', '#' * 11_000_000)

    def test_an_alias_is_its_text(self):
        loaded = self.load('000002: &a Hello.\n000003: *a\n')

        self.assertEqual('Hello.', loaded.text('000003'))

    def test_a_text_takes_the_place_of_all_parts(self):
        loaded = self.load('VOLUME_VOLUME_001_003: Order a larger array.')

        self.assertEqual(
            catalog.Explanation(
                'Order a larger array.', 'SCHEDULE_ALLOCATE_VOLUME',
                'NO_BACKEND_AVAILABLE', None, 'Order a larger array.', None,
                'after_change', 'VOLUME_VOLUME_001_003'),
            loaded.explain('VOLUME_VOLUME_001_003', 'de'))

    def test_a_file_that_is_no_yaml_is_refused(self):
        self.refuse('line 1', '000002: [Hello.')
        self.refuse('document', 'a: b\n---\nc: d\n')
        self.refuse('decode', b'000002: \xff')
        self.refuse('special characters', '000002: \x00')

    def test_a_file_that_cannot_be_read_is_refused(self):
        for path in (self.path, self.path.parent):
            error = self.assertRaises(
                exception.InvalidConfiguration, catalog.Catalog.load,
                str(path), entry_points=())
            self.assertIn(f'text_overrides_file {path}: ', str(error))
