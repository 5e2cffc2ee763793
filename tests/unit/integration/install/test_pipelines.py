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

"""api-paste.ini with the messages filter, and back."""

import configparser

from cinder_messages.integration.install import ini
from cinder_messages.integration.install import pipelines
from tests import base

CONFIG = '/etc/cinder-messages/cinder-messages.conf'
OURS = f'paste.filter_factory = {pipelines.FILTER}\n'

SHIPPED = """\
#############
# OpenStack #
#############

[composite:osapi_volume]
use = call:cinder.api:root_app_factory
/: apiversions
/v3: openstack_volume_api_v3

[composite:openstack_volume_api_v3]
use = call:cinder.api.middleware.auth:pipeline_factory
noauth = request_id cors faultwrap noauth apiv3
keystone = request_id cors faultwrap authtoken keystonecontext apiv3
keystone_nolimit = request_id cors authtoken keystonecontext apiv3

[filter:noauth]
paste.filter_factory = cinder.api.middleware.auth:NoAuthMiddleware.factory

[filter:keystonecontext]
paste.filter_factory = cinder.api.middleware.auth:CinderKeystoneContext.factory

[app:apiv3]
paste.app_factory = cinder.api.v3.router:APIRouter.factory

[pipeline:apiversions]
pipeline = request_id faultwrap osvolumeversionapp

[app:osvolumeversionapp]
paste.app_factory = cinder.api.versions:Versions.factory
"""

KEYSTONE = 'keystone = request_id cors faultwrap authtoken keystonecontext '

# Forms of the same file that are found in the field.
FORMS = {
    'as shipped': SHIPPED,
    'no newline at the end': SHIPPED.rstrip('\n'),
    'a carriage return at the end': SHIPPED.rstrip('\n') + '\r',
    'blank lines at the end': SHIPPED + '\n\n',
    'CRLF': SHIPPED.replace('\n', '\r\n'),
    'CRLF, no newline at the end': SHIPPED.replace('\n', '\r\n').rstrip(),
    'tabs': SHIPPED.replace(' = ', '\t=\t').replace('ware ', 'ware\t'),
    'no blanks': SHIPPED.replace(' = ', '='),
    'colons': SHIPPED.replace('keystone = ', 'keystone: '),
    'trailing blanks': SHIPPED.replace('apiv3\n', 'apiv3  \n', 2),
    'continuation lines': SHIPPED.replace(
        KEYSTONE, 'keystone =\n  request_id cors\n    faultwrap\n'
        '  authtoken\n  keystonecontext\n  '),
    'comments in a value': SHIPPED.replace(
        KEYSTONE, 'keystone = request_id cors faultwrap\n'
        '# between apiv3\n  authtoken keystonecontext\n\n  ; and apiv3\n  '),
    'the application on a line of its own': SHIPPED.replace(
        'keystonecontext apiv3', 'keystonecontext\n    apiv3'),
    'a filter of another tool': SHIPPED.replace(
        'keystonecontext apiv3', 'keystonecontext audit apiv3') + (
            '[filter:audit]\npaste.filter_factory = keystonemiddleware.audit:'
            'filter_factory\n'),
    'another name of the application': SHIPPED.replace(
        ' apiv3', ' volume').replace('app:apiv3', 'app:volume'),
    'a plain pipeline': SHIPPED + (
        '\n[pipeline:mine]\npipeline = '
        'request_id authtoken keystonecontext apiv3\n'),
    'other encodings': '# caf\xe9 \x85 \xa0\n' + SHIPPED,
}


def read(text):
    """The options as PasteDeploy reads them."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    return {name: dict(section) for name, section in parser.items()}


def words(options):
    """The words of each option."""
    return {section: {key: value.split() for key, value in values.items()}
            for section, values in options.items()}


def install(text):
    return pipelines.PasteFile(text, 'paste').install(CONFIG)


class TestInstall(base.TestCase):

    def test_each_pipeline_has_the_filter_before_the_application(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                expected = read(text)
                for section in expected.values():
                    for key, value in section.items():
                        words = value.split()
                        if words[-1] in ('apiv3', 'volume'):
                            section[key] = words[:-1] + [
                                'messages', words[-1]]
                        else:
                            section[key] = words
                expected['filter:messages'] = {
                    'paste.filter_factory': [pipelines.FILTER],
                    'config_file': [CONFIG]}
                found = {section: {key: value.split()
                                   for key, value in options.items()}
                         for section, options in read(install(text)).items()}
                self.assertEqual(expected, found)

    def test_undo_restores_each_byte(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                self.assertEqual(text, pipelines.undo(install(text), 'paste'))

    def test_line_ends_are_those_of_the_file(self):
        text = install(FORMS['CRLF'])
        self.assertEqual(text.count('\n'), text.count('\r\n'))

    def test_again_changes_nothing(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                once = install(text)
                self.assertEqual(once, install(once))
                self.assertEqual(
                    once, install(pipelines.undo(once, 'paste')))

    def test_what_others_change_afterwards_remains(self):
        text = install(FORMS['no newline at the end'])
        changed = text.replace('cors', 'cors audit') + '[filter:audit]\na=b\n'
        self.assertEqual(
            SHIPPED.replace('cors', 'cors audit') + '[filter:audit]\na=b\n',
            pipelines.undo(changed, 'paste'))

    def test_a_pipeline_that_was_added_later_is_completed(self):
        mine = ('\n[pipeline:mine]\npipeline = authtoken keystonecontext '
                'apiv3\n')
        bare = pipelines.undo(install(SHIPPED) + mine, 'paste')
        self.assertEqual(SHIPPED + mine, bare)
        self.assertEqual([], pipelines.PasteFile(
            install(bare), 'paste').missing)

    def test_no_pipeline_names_the_filter_after_it_is_removed(self):
        edits = {
            'a pipeline is added': (
                '[app:apiv3]', '[pipeline:mine]\npipeline = authtoken '
                'keystonecontext messages apiv3\n\n[app:apiv3]'),
            'a pipeline has another name': ('\nkeystone = ', '\nmine = '),
            'the line is wrapped': ('messages apiv3', 'messages\n  apiv3'),
            'the word is on a line of its own': (
                'messages apiv3', '\n  messages\n  apiv3'),
            'the word is there twice': (
                'messages apiv3', 'messages messages apiv3'),
            'a pipeline of another application': (
                'request_id faultwrap osvol',
                'request_id faultwrap messages osvol')}
        for name, (before, after) in edits.items():
            with self.subTest(name):
                text = install(SHIPPED)
                self.assertIn(before, text)
                edited = text.replace(before, after)
                bare = read(pipelines.undo(edited, 'paste'))
                self.assertNotIn('filter:messages', bare)
                expected = read(edited.replace('messages', ''))
                del expected['filter:']
                self.assertEqual(words(expected), words(bare))
                again = pipelines.PasteFile(
                    pipelines.undo(edited, 'paste'), 'paste').install(CONFIG)
                self.assertEqual(
                    [], pipelines.PasteFile(again, 'paste').missing)

    def test_a_filter_in_another_option_is_not_put_in_twice(self):
        text = SHIPPED.replace(
            'keystonecontext apiv3', '%(last)s apiv3').replace(
                '[composite:openstack', '[DEFAULT]\nlast = keystonecontext '
                f'ours\n[filter:ours]\n{OURS}[composite:openstack')
        self.assertEqual(
            ['noauth'], [each.entry.key for each in
                         pipelines.PasteFile(text, 'paste').missing])

    def test_a_percent_sign_in_the_name_of_our_file(self):
        text = pipelines.PasteFile(
            SHIPPED, 'paste').install('/etc/100%/x.conf')
        parser = configparser.ConfigParser()
        parser.read_string(text)
        for found in (parser.get('filter:messages', 'config_file'),
                      pipelines.PasteFile(text, 'paste').config_file()):
            self.assertEqual('/etc/100%/x.conf', found)

    def test_options_of_others_stay_in_the_section_of_the_filter(self):
        for place in 'config_file', ini.END + '\n':
            text = install(SHIPPED).replace(
                place, f'{place if place[0] == "#" else ""}mine = 1\n'
                f'{place if place[0] != "#" else ""}')
            self.assertEqual(
                '1', read(text)['filter:messages']['mine'])
            again = install(pipelines.undo(text, 'paste'))
            self.assertEqual(words(read(text)), words(read(again)))
            bare = pipelines.undo(again, 'paste')
            self.assertEqual(SHIPPED + '[filter:messages]\nmine = 1\n', bare)

    def test_an_installation_by_hand_is_kept(self):
        by_hand = SHIPPED.replace(' apiv3\n', ' messages apiv3\n') + (
            f'[filter:messages]\n{OURS}')
        self.assertEqual(by_hand, install(by_hand))
        self.assertEqual(by_hand, pipelines.undo(by_hand, 'paste'))

    def test_an_incomplete_installation_by_hand_is_completed(self):
        by_hand = SHIPPED.replace(
            KEYSTONE + 'apiv3', KEYSTONE + 'ours apiv3') + (
                f'[filter:ours]\n{OURS}')
        text = install(by_hand)
        self.assertEqual(3, text.count(' ours apiv3'))
        self.assertEqual(1, text.count(pipelines.FILTER))
        self.assertEqual(by_hand, pipelines.undo(text, 'paste'))


class TestRefusal(base.TestCase):

    def check(self, text, reason):
        refused = self.assertRaises(ini.UnsupportedFile, install, text)
        self.assertIn(reason, str(refused))
        self.assertIn('paste', str(refused))

    def test_no_application_of_cinder(self):
        self.check('', 'no pipeline ends in')
        self.check(SHIPPED.replace('cinder.api.v3.router', 'mine'),
                   'no pipeline ends in')

    def test_an_application_without_a_pipeline(self):
        self.check(SHIPPED.replace('/v3: openstack_volume_api_v3',
                                   '/v3: apiv3'), 'without a pipeline')

    def test_a_filter_of_the_same_name(self):
        self.check(SHIPPED + '[filter:messages]\npaste.filter_factory = m:f\n',
                   'not a filter of cinder_messages')

    def test_a_filter_before_authentication(self):
        self.check(SHIPPED.replace('authtoken', 'messages authtoken') +
                   f'[filter:messages]\n{OURS}', 'before keystonecontext')

    def test_a_filter_twice(self):
        self.check(SHIPPED.replace(' apiv3\n', ' messages messages apiv3\n') +
                   f'[filter:messages]\n{OURS}', 'more than once')

    def test_an_application_in_another_option(self):
        self.check(SHIPPED.replace('keystonecontext apiv3',
                                   'keystonecontext api%(version)s') +
                   '[DEFAULT]\nversion = v3\n', 'write apiv3 at its end')

    def test_an_option_that_would_name_a_removed_filter(self):
        for edited in (
                install(SHIPPED).replace(
                    '[app:apiv3]\n', '[app:apiv3]\nfilter-with = messages\n'),
                '[DEFAULT]\nlast = messages\n' + install(SHIPPED).replace(
                    'messages apiv3', '%(last)s apiv3')):
            refused = self.assertRaises(
                ini.UnsupportedFile, pipelines.undo, edited, 'paste')
            self.assertIn('still names the messages filter', str(refused))

    def test_names_that_differ_in_case(self):
        install(SHIPPED + '[filter:a]\nuse = x\nUse = y\n')

    def test_a_file_that_paste_cannot_read(self):
        self.check(SHIPPED + '[app:apiv3]\n', 'PasteDeploy cannot read it')
        self.check('\xef\xbb\xbf' + SHIPPED[41:], 'PasteDeploy cannot read it')
        self.check('nonsense\n' + SHIPPED, 'PasteDeploy cannot read it')

    def test_marks_that_were_damaged(self):
        text = install(SHIPPED)
        for mark in ini.BEGIN, ini.END:
            damaged = text.replace(mark + '\n', '')
            self.assertRaises(ini.UnsupportedFile, pipelines.undo, damaged,
                              'paste')
