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

"""cinder.conf with our managers, and back."""

import pathlib

from cinder_messages.integration.install import ini
from cinder_messages.integration.install import options
from tests import base

MAIN = pathlib.Path('/etc/cinder/cinder.conf')
OTHER = pathlib.Path('/etc/cinder/cinder.conf.d/other.conf')
SPOOL = '/var/lib/cinder/messages'
OURS = {key: [ours] for key, (_, ours) in options.MANAGERS.items()}

PLAIN = """\
# The site's.
[DEFAULT]
transport_url = rabbit://openstack:SECRET@controller
enabled_backends = one,
  two

[database]
connection = mysql+pymysql://cinder:SECRET@controller/cinder
"""
DEFAULT_VOLUME = 'volume_manager = cinder.volume.manager.VolumeManager\n'

FORMS = {
    'plain': PLAIN,
    'empty': '',
    'comments only': '# Nothing yet.\n',
    'no newline at the end': PLAIN.rstrip('\n'),
    'only a header': '[DEFAULT]',
    'CRLF': PLAIN.replace('\n', '\r\n'),
    'no DEFAULT': PLAIN[PLAIN.index('[database]'):],
    'DEFAULT twice': PLAIN + '\n[DEFAULT]\ndebug = true\n',
    "Cinder's own class": PLAIN.replace(
        '[DEFAULT]\n', '[DEFAULT]\n' + DEFAULT_VOLUME),
    'set twice': (PLAIN + '[DEFAULT]\n' + DEFAULT_VOLUME + '[DEFAULT]\n' +
                  DEFAULT_VOLUME),
    'in quotes': PLAIN.replace(
        '[DEFAULT]\n', '[DEFAULT]\n' + DEFAULT_VOLUME.replace(
            '= ', '= "').replace('r\n', 'r"\n')),
    'our section': PLAIN + '[cinder_messages]\nbatch_size = 5\n',
    'our spool': PLAIN + f'[cinder_messages]\nspool_dir = {SPOOL}\n',
    'our spool in another case': (
        PLAIN + f'[Cinder_Messages]\nspool_dir = {SPOOL}\n'),
    'a carriage return at the end': PLAIN.rstrip('\n') + '\r',
    'commented options': PLAIN + '#volume_manager = x\n;spool_dir = y\n',
    'other encodings': '# caf\xe9 \x85\n' + PLAIN,
}


def install(*texts):
    paths = [MAIN, OTHER][:len(texts)]
    return options.ConfigFiles(dict(zip(paths, texts))).install(SPOOL)


class TestInstall(base.TestCase):

    def test_managers_and_spool_are_set_and_nothing_else(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                expected = options.read_values(text, MAIN)
                expected.setdefault('DEFAULT', {}).update(OURS)
                expected.setdefault('cinder_messages', {})['spool_dir'] = [
                    SPOOL]
                self.assertEqual(expected, options.read_values(
                    install(text)[MAIN], MAIN))

    def test_undo_restores_each_byte(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                self.assertEqual(
                    text, ini.undo(install(text)[MAIN], 'cinder.conf'))

    def test_again_changes_nothing(self):
        for name, text in FORMS.items():
            with self.subTest(name):
                once = install(text)[MAIN]
                self.assertEqual(once, install(once)[MAIN])

    def test_what_others_change_afterwards_remains(self):
        text = install(PLAIN)[MAIN].replace('one,', 'zero, one,')
        self.assertEqual(PLAIN.replace('one,', 'zero, one,') + '[new]\n',
                         ini.undo(text + '[new]\n', 'cinder.conf'))

    def test_options_of_others_stay_in_their_section(self):
        text = install(PLAIN)[MAIN]
        for place, edited in {
                'behind the block': text + 'transport_url = rabbit://x\n',
                'in the block': text.replace(
                    'spool_dir', 'transport_url = rabbit://x\nspool_dir')
                }.items():
            with self.subTest(place):
                bare = ini.undo(edited, 'x')
                expected = options.read_values(PLAIN, MAIN)
                expected['cinder_messages'] = {'transport_url': ['rabbit://x']}
                self.assertEqual(expected, options.read_values(bare, MAIN))
                again = install(bare)[MAIN]
                self.assertEqual(options.read_values(edited, MAIN),
                                 options.read_values(again, MAIN))
                self.assertEqual(bare, ini.undo(again, 'x'))

    def test_a_class_of_somebody_else_in_a_block_is_kept(self):
        edited = install(PLAIN)[MAIN].replace(
            'cinder_messages.integration.managers.Volume', 'acme.Volume')
        bare = ini.undo(edited, 'x')
        self.assertIn('volume_manager = acme.VolumeManager\n', bare)
        self.assertRaises(ini.UnsupportedFile, install, bare)

    def test_options_of_a_later_file_are_disabled(self):
        other = '[DEFAULT]\n' + DEFAULT_VOLUME
        texts = install(PLAIN, other)
        self.assertEqual({}, options.read_values(
            texts[OTHER], OTHER)['DEFAULT'])
        self.assertEqual([], options.ConfigFiles(texts).missing())
        self.assertEqual(other, ini.undo(texts[OTHER], 'other.conf'))

    def test_options_by_hand_in_a_later_file_are_kept(self):
        by_hand = '[DEFAULT]\n' + ''.join(
            f'{key} = {ours}\n' for key, [ours] in OURS.items()) + (
                f'[cinder_messages]\nspool_dir = {SPOOL}\n')
        self.assertEqual({MAIN: PLAIN, OTHER: by_hand},
                         install(PLAIN, by_hand))

    def test_spool_is_in_the_state_path(self):
        for text, expected in (
                (PLAIN, '/var/lib/cinder/messages'),
                (PLAIN.replace('[DEFAULT]', '[DEFAULT]\nstate_path = /srv/'),
                 '/srv/messages'),
                (PLAIN + '[cinder_messages]\nspool_dir = /x\n', '/x')):
            self.assertEqual(
                expected, options.ConfigFiles({MAIN: text}).spool_dir())


class TestRefusal(base.TestCase):

    def check(self, *texts, reason):
        refused = self.assertRaises(ini.UnsupportedFile, install, *texts)
        self.assertIn(reason, str(refused))

    def test_a_class_of_somebody_else(self):
        mine = '[DEFAULT]\nvolume_manager = mine.VolumeManager\n'
        self.check(mine, reason=f"{MAIN}:2 is left as it is: volume_manager "
                   "is 'mine.VolumeManager'")
        self.check(PLAIN, mine, reason=f'{OTHER}:2')

    def test_a_file_that_oslo_config_cannot_read(self):
        for text in ('volume_manager\n', '  indented = 1\n[DEFAULT]\n',
                     '[DEFAULT\n', 'key = without section\n',
                     '[DEFAULT]\n = x\n'):
            with self.subTest(text):
                self.check(text, reason=str(MAIN))
