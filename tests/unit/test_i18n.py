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

import re
import subprocess
import sys

from cinder_messages import i18n
from cinder_messages.message import catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import message_field
from tests import base
from tests import process
from tests import translations

PHRASES = {one.text for one in message_field.ACTIONS}
SENTENCES = {text for one in (
    *defined_messages.DEFINITIONS, defined_messages.SUPPRESSED,
    *message_field.DETAILS) for text in (one.text, one.remedy) if text}
PERMITTED = PHRASES | SENTENCES
PLACEHOLDERS = re.compile(r'%\(\w+\)[a-z]|%')


class TestTranslate(base.TestCase):

    def test_each_language_reads_its_own(self):
        texts = {i18n.translate('Deleting the volume', language)
                 for language in i18n.LANGUAGES}

        self.assertEqual(len(i18n.LANGUAGES), len(texts))

    def test_no_language_is_english(self):
        for locale in (None, '', 'en', 'tlh', 'DE', '../locale/de'):
            self.assertEqual('Deleting the volume', i18n.translate(
                'Deleting the volume', locale))

    def test_a_text_without_translation_stays(self):
        self.assertEqual('Nobody marked me.', i18n.translate(
            'Nobody marked me.', 'de'))

    def test_the_catalog_translates_each_part(self):
        found = catalog.Catalog.builtin().explain(
            'VOLUME_VOLUME_104_001', 'de')

        self.assertEqual(
            (f'{found.action_text}: {found.detail} {found.remedy}',
             'Löschen des Datenträgers'),
            (found.user_message, found.action_text))

    def test_the_old_form_of_an_event_is_translated(self):
        builtin = catalog.Catalog.builtin()
        for event_id in ('000002', 'VOLUME_000002'):
            self.assertEqual('无法为此卷请求分配存储。',
                             builtin.text(event_id, 'zh_CN'))


class TestText(base.TestCase):

    TEMPLATE = 'Message %(message_id)s could not be found.'

    def test_values_are_filled_in(self):
        text = i18n.Text(self.TEMPLATE, message_id='a%sb')
        self.assertEqual('Message a%sb could not be found.', str(text))
        self.assertEqual('Die Meldung a%sb wurde nicht gefunden.',
                         text.translate('de'))

    def test_a_text_in_a_text_is_translated(self):
        text = i18n.Text('Invalid input received: %(reason)s',
                         reason=i18n.Text(self.TEMPLATE, message_id='m'))
        self.assertEqual(
            'Invalid input received: Message m could not be found.', str(text))
        self.assertEqual(
            'Ungültige Eingabe: Die Meldung m wurde nicht gefunden.',
            text.translate('de'))

    def test_without_values_nothing_is_filled_in(self):
        self.assertEqual('100 %', str(i18n.Text('100 %')))


class TestTranslations(base.TestCase):

    def test_the_languages_are_those_that_are_there(self):
        self.assertEqual(
            sorted(i18n.LANGUAGES),
            sorted(path.name for path in translations.LOCALE.iterdir()))

    def test_each_permitted_text_is_marked(self):
        self.assertEqual(set(), PERMITTED - translations.marked())

    def test_no_translation_is_fuzzy_or_blank(self):
        for language in i18n.LANGUAGES:
            written = translations.read(language)
            for entry in written:
                self.assertFalse(entry.fuzzy, f'{language}: {entry.id}')
                if entry.id:
                    self.assertEqual(entry.string.strip(), entry.string)

    def test_what_is_filled_in_is_the_same_in_each_language(self):
        for language in i18n.LANGUAGES:
            for text in translations.marked():
                self.assertEqual(
                    sorted(PLACEHOLDERS.findall(text)),
                    sorted(PLACEHOLDERS.findall(
                        i18n.translate(text, language))), language)

    def test_nothing_is_translated_that_is_not_marked(self):
        for language in i18n.LANGUAGES:
            written = translations.read(language)
            self.assertEqual(
                set(), {entry.id for entry in written if entry.id} -
                translations.marked())

    def test_a_source_tree_reads_what_translators_wrote(self):
        for language in i18n.LANGUAGES:
            for entry in translations.read(language):
                if entry.id and entry.string:
                    self.assertEqual(
                        entry.string, i18n.translate(entry.id, language))

    def test_a_text_without_translation_is_named_for_the_release(self):
        done = subprocess.run(
            [sys.executable, '-m', 'tests.translations'], cwd=process.ROOT,
            capture_output=True, text=True)

        missing = [f'{language}: {text}' for language in i18n.LANGUAGES
                   for text in translations.missing(language)]
        self.assertEqual(missing, done.stdout.splitlines(), done.stderr)
        self.assertEqual(1 if missing else 0, done.returncode)

    def test_a_sentence_stays_a_sentence_and_a_phrase_a_phrase(self):
        for language in i18n.LANGUAGES:
            for text in PERMITTED:
                translated = i18n.translate(text, language)
                self.assertEqual(text not in PHRASES,
                                 translated.endswith(('.', '。')), translated)
                self.assertEqual(' '.join(translated.split()), translated)

    def test_no_two_texts_read_the_same(self):
        for language in i18n.LANGUAGES:
            for group in (PHRASES, SENTENCES):
                self.assertEqual(len(group), len({
                    i18n.translate(text, language) for text in group}))
