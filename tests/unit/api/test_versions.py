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

"""What a header asks for, and the discovery document."""

from cinder_messages.api import errors
from cinder_messages.api import versions
from cinder_messages import exception
from tests import base


class TestParse(base.TestCase):

    def test_lowest_unless_our_service_is_named(self):
        for header in ('', ' ', 'compute 2.1', 'volumes 3.5', ',', 'compute',
                       'compute volume'):
            with self.subTest(header=header):
                self.assertEqual((3, 0), versions.parse(header))

    def test_our_item_is_found_among_others(self):
        for header in ('volume 3.45', 'compute 2.1,volume 3.45',
                       'VOLUME  3.45 , compute 2.1', 'volume\t3.45',
                       ',volume 3.45,', 'volumes 3.5, volume 3.45'):
            with self.subTest(header=header):
                self.assertEqual((3, 45), versions.parse(header))

    def test_the_first_item_of_our_service_counts(self):
        self.assertEqual((3, 3), versions.parse('volume 3.3,volume 3.45'))
        self.assertEqual(
            (3, 5), versions.parse('volume 3.5, compute 9.9, volume latest'))
        self.assertEqual(
            (3, 5), versions.parse('volume 3.5, ' + 'volume 3.3,' * 500))
        for header in ('volume, volume 3.5', 'volume x, volume 3.5',
                       'volume3.5, volume 3.5'):
            self.assertRaises(exception.InvalidParameter,
                              versions.parse, header)
        self.assertEqual(406, self.assertRaises(
            errors.HTTPError, versions.parse, 'volume 9.9, volume 3.5').code)

    def test_each_service_has_its_own_item(self):
        header = 'volume 3.5, user-messages  1.0 ,user-messages 2'
        for service_type, expected in (
                ('volume', '3.5'), ('user-messages', '1.0'),
                ('compute', None), ('user', None)):
            self.assertEqual(
                expected, versions.find_item(header, service_type))

    def test_long_headers_are_not_cached(self):
        versions._parse.cache_clear()
        for number in range(500):
            versions.parse('compute ' + str(number) * 1000 + ', volume 3.5')
        self.assertEqual(0, versions._parse.cache_info().currsize)

    def test_latest_is_the_last(self):
        self.assertEqual(
            versions.MAX_VERSION, versions.parse('volume latest'))

    def test_malformed_is_refused(self):
        for header in ('volume', 'volume3.5', 'volume 3', 'volume 3.5 x',
                       'volume \uff13.5', 'volume 3.1_0', 'volume 03.5',
                       'volume LATEST', 'compute 2.1, volume',
                       'volume 3.' + '9' * 5000):
            with self.subTest(header=header):
                self.assertRaises(exception.InvalidParameter,
                                  versions.parse, header)

    def test_out_of_range_is_not_acceptable(self):
        for header in ('volume 2.99', 'volume 3.72', 'volume 4.0'):
            with self.subTest(header=header):
                refusal = self.assertRaises(errors.HTTPError,
                                            versions.parse, header)
                self.assertEqual(406, refusal.code)


class TestDocument(base.TestCase):

    def test_self_link_is_below_the_base(self):
        version, = versions.document('https://x/api')['versions']
        self.assertEqual('https://x/api/v3/', version['links'][1]['href'])

    def test_range_is_the_one_that_is_served(self):
        version, = versions.document('')['versions']
        self.assertEqual(('3.0', '3.71'),
                         (version['min_version'], version['version']))


class TestOptIn(base.TestCase):

    def test_without_the_item_there_is_no_version(self):
        for header in ('', 'volume 3.71', 'compute 2.1, volume 3.5',
                       'messages 1.0', 'user-messages-x 1.0'):
            self.assertIsNone(versions.parse_opt_in(header), header)

    def test_the_first_item_counts(self):
        for header in ('volume 3.71, user-messages 1.0',
                       'user-messages 1.0,volume latest',
                       'USER-MESSAGES  1.0 , user-messages 9.9',
                       'user-messages latest'):
            self.assertEqual((1, 0), versions.parse_opt_in(header), header)

    def test_a_malformed_item_is_refused(self):
        for version in ('', 'one', '1', '1.', '1.0.0', '01.0', '1.0 x', '-1.0',
                        '١.٠'):
            self.assertRaisesRegex(
                exception.InvalidParameter, 'user-messages latest',
                versions.parse_opt_in, f'volume 3.71, user-messages {version}')
        self.assertRaises(exception.InvalidParameter, versions.parse_opt_in,
                          'user-messages1.0')

    def test_a_version_that_does_not_exist_is_not_acceptable(self):
        for version in ('1.1', '2.0', '999999999.999999999'):
            error = self.assertRaises(
                errors.HTTPError, versions.parse_opt_in,
                f'volume 3.71, user-messages {version}')
            self.assertEqual(406, error.code)

    def test_the_echo_names_the_item_if_it_was_asked_for(self):
        self.assertEqual('volume 3.5', versions.echo((3, 5), None))
        self.assertEqual('volume 3.71, user-messages 1.0',
                         versions.echo((3, 71), (1, 0)))
