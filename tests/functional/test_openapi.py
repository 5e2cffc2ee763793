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

"""The OpenAPI document is valid, and says of the API what the code says."""

import copy
import re

import fixtures
import hypothesis
import openapi_spec_validator
import schemathesis

from cinder_messages.api import errors
from cinder_messages.api import filters
from cinder_messages.api import language
from cinder_messages.api import params
from cinder_messages.api import router
from cinder_messages.api import versions
from tests import base
from tests import examples
from tests.functional import fixtures as api_fixtures
from tests import openapi

OPEN = {'/', '/v3/', '/healthcheck'}
ADMIN_ONLY = 'all_tenants', params.PROJECT_ID
POSITIVE = schemathesis.GenerationMode.POSITIVE
NEGATIVE = schemathesis.GenerationMode.NEGATIVE
MICROVERSIONS = (
    versions.MESSAGES, versions.PAGINATION, versions.RESOURCE_FILTERS,
    versions.LIKE_FILTERS, versions.COUNT, versions.TIME_COMPARISON,
    versions.MAX_VERSION)


class TestDocument(base.TestCase):

    def setUp(self):
        super().setUp()
        self.components = openapi.document()['components']

    def _parameters(self, version):
        """The names in the query of a list at a version."""
        parameters = openapi.at(version)['components']['parameters'].values()
        return {one['name'] for one in parameters if one['in'] == 'query'}

    def test_it_is_valid(self):
        openapi_spec_validator.validate(openapi.document())
        for version in MICROVERSIONS:
            openapi_spec_validator.validate(openapi.at(version))

    def test_the_one_of_the_opt_in_item_is_valid(self):
        document = openapi.opt_in_document()
        openapi_spec_validator.validate(document)
        self.assertEqual(versions.to_string(versions.MAX_OPT_IN),
                         document['info']['version'])

    def test_paths_are_the_routes_and_methods_their_actions(self):
        served = {route.path: {method.lower() for method in route.actions}
                  for route in router.ROUTES}
        paths = openapi.document()['paths']
        self.assertEqual(served.keys() | OPEN, paths.keys())
        for path, methods in served.items():
            self.assertEqual(methods, paths[path].keys() & {
                'get', 'put', 'post', 'delete', 'patch'}, path)

    def test_paths_are_there_since_their_version(self):
        for minor in range(versions.MAX_VERSION[1] + 1):
            self.assertEqual(
                {route.path for route in router.ROUTES
                 if (3, minor) >= route.since} | OPEN,
                openapi.at((3, minor))['paths'].keys())

    def test_parameters_are_there_since_their_version(self):
        likes = {name + filters.LIKE_SUFFIX
                 for name, definition in filters.FILTERS.items()
                 if definition.like}
        since = {
            versions.PAGINATION: {
                'limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir',
                'all_tenants', params.PROJECT_ID},
            versions.LIKE_FILTERS: likes,
            versions.COUNT: {'with_count'},
            versions.TIME_COMPARISON: {filters.CREATED_AT}}
        for minor in range(versions.MAX_VERSION[1] + 1):
            version = 3, minor
            expected = {name for first, names in since.items()
                        for name in names if version >= first}
            expected |= {name for name, definition in filters.FILTERS.items()
                         if version >= definition.since}
            self.assertEqual(expected, self._parameters(version), version)

    def test_each_parameter_of_a_list_is_used(self):
        operation = openapi.document()['paths']['/v3/messages']['get']
        used = [part['$ref'].rpartition('/')[2]
                for part in operation['parameters']]
        self.assertEqual(
            [name for name, one in self.components['parameters'].items()
             if one['in'] == 'query'], used)

    def test_sort_keys(self):
        keys = self.components['parameters']['sort_key']['schema']['enum']
        self.assertEqual([*params.SORT_KEYS], keys)
        pattern = self.components['parameters']['sort']['schema']['items'][
            'pattern']
        self.assertEqual(keys, re.findall(r'[a-z_]{2,}', pattern)[:len(keys)])

    def test_languages(self):
        self.assertEqual(
            [*language.LOCALES],
            self.components['headers']['Content-Language']['schema']['enum'])

    def test_the_version_is_the_newest(self):
        self.assertEqual(versions.to_string(versions.MAX_VERSION),
                         openapi.document()['info']['version'])

    def test_each_fault_has_the_name_of_its_status(self):
        for status, answer in self.components['responses'].items():
            if status != 'Versions':
                _, named = answer['content']['application/json']['schema'][
                    'allOf']
                code = 500 if status == 'default' else int(status)
                fault = errors.from_exception(errors.HTTPError(code), {})
                self.assertEqual(named['required'], [*fault.json])


class TestConformance(base.TestCase):
    """What schemathesis makes of the document is answered as it says.

    Requests that it permits are accepted, those that it does not are refused,
    without a token nobody is answered, and each answer has the status, the
    headers and the body that it foresees.
    """

    EXAMPLES = 25

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        served = api_fixtures.AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)

    def _check(self, version, mode, role, *without):
        schema = schemathesis.openapi.from_dict(
            _without(version, versions.HEADER, *without))
        schema.app = api_fixtures.get_application()
        for result in schema.include(tag='messages').get_all_operations():
            operation = result.ok()

            @examples.settings(self.EXAMPLES)
            @hypothesis.given(operation.as_strategy(generation_mode=mode))
            def ask(case):
                case.headers.update({
                    'OpenStack-API-Version': 'volume %d.%d' % version,
                    'X-Auth-Token': f'user-one:project-one:{role}'})
                # NOTE: the document cannot say that these exclude each other.
                if mode is POSITIVE and 'sort' in case.query:
                    case.query.pop('sort_key', None)
                    case.query.pop('sort_dir', None)
                case.call_and_validate()
            try:
                ask()
            except schemathesis.core.failures.FailureGroup as found:
                # NOTE: stestr cannot report a group.
                self.fail(f'{version}: {found}')

    def test_what_is_permitted_is_accepted(self):
        for version in MICROVERSIONS:
            with self.subTest(version=version):
                self._check(version, POSITIVE, 'admin')

    def test_what_is_not_permitted_is_refused(self):
        # NOTE: before filters were checked, an odd one matched nothing.
        for version in MICROVERSIONS[2:]:
            with self.subTest(version=version):
                self._check(version, NEGATIVE, 'member', *ADMIN_ONLY)


def _without(version, *names):
    """The document of a version without parameters that are not generated."""
    document = copy.deepcopy(openapi.at(version))
    for item in document['paths'].values():
        for part in item, item['get']:
            part['parameters'] = [
                one for one in part.get('parameters', ())
                if one['$ref'].rpartition('/')[2] not in names]
    return document
