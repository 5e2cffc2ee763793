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

"""The panels, in Horizon's test client, with a service in memory."""

import datetime
import re
from unittest import mock

from django import urls
from horizon import exceptions as horizon_exceptions
from openstack_dashboard.dashboards.project.volumes import (
    tabs as volume_tabs)
from openstack_dashboard.test import helpers

from cinder_messages.client import service as client_service
from cinder_messages.dashboard import api
from cinder_messages.dashboard.project import tabs
from tests.unit.client import fakes

PROJECT_URL = urls.reverse('horizon:project:messages:index')
ADMIN_URL = urls.reverse('horizon:admin:messages:index')
VOLUME = '11111111-2222-4333-8444-000000000001'
NAMES = ('VOLUME', 'VOLUME_SNAPSHOT', 'VOLUME_BACKUP', 'VOLUME_GROUP',
         'VOLUME_GROUP_SNAPSHOT')


class MessagesMixin:
    """Puts :class:`fakes.Adapter` in the place of the service."""

    def setUp(self):
        super().setUp()
        self.adapter = fakes.Adapter()
        patcher = mock.patch.object(
            api, 'get_service',
            lambda request: client_service.MessageService(self.adapter))
        patcher.start()
        self.addCleanup(patcher.stop)

    def add(self, *numbers, **values):
        self.adapter.bodies.extend(
            fakes.extended_body(number, **values) for number in numbers)

    def page(self, url=PROJECT_URL, **query):
        response = self.client.get(url, query)
        self.assertEqual(200, response.status_code)
        return response.content.decode()

    def rows(self, url=PROJECT_URL, **query):
        """The ids that each row stands for."""
        return re.findall(r'id="messages__row__([^"]*)"',
                          self.page(url, **query))


class TestProject(MessagesMixin, helpers.TestCase):

    def test_fields(self):
        self.add(1, resource_uuid=VOLUME)
        page = self.page()
        for expected in ('Allocating storage', 'No room.', 'Ask for less.',
                         'Try again only after a change', 'req-1',
                         'label-danger', f'/project/volumes/{VOLUME}/'):
            self.assertIn(expected, page)
        self.assertNotIn('label-info', page)

    def test_times_are_in_the_zone_of_the_user(self):
        self.add(1)
        self.assertIn('8:01 a.m.', self.page())
        self.client.cookies['django_timezone'] = 'Asia/Tokyo'
        self.assertIn('5:01 p.m.', self.page())

    def test_age(self):
        self.add(1, created_at=datetime.datetime.now(datetime.UTC).replace(
            tzinfo=None) - datetime.timedelta(hours=3, minutes=5))
        self.assertIn('3\xa0hours, 5\xa0minutes ago', self.page())

    def test_equal_ones_are_folded(self):
        self.add(1, 2, 3)
        self.assertEqual(['message-003,message-002,message-001'],
                         self.rows())
        self.assertIn('3 times', self.page())

    def test_pages_in_both_directions_keep_the_filter(self):
        for number in range(1, 6):
            self.add(number, resource_uuid=f'volume-{number}')
        page = self.page(level='ERROR')
        following = re.search(r'href="\?([^"]*after=[^"]*)"', page)[1]
        self.assertEqual('level=ERROR&amp;after=message-004', following)
        self.assertEqual(['message-005', 'message-004'], self.rows())
        self.assertEqual(['message-003', 'message-002'],
                         self.rows(after='message-004'))
        last = self.page(after='message-002')
        self.assertNotIn('href="?after=', last)
        self.assertIn('?before=message-001', last)
        self.assertEqual(['message-003', 'message-002'],
                         self.rows(before='message-001'))
        first = self.page(before='message-003')
        self.assertIn('?after=message-004', first)
        self.assertNotIn('href="?before=', first)

    def test_a_page_has_many_messages_if_they_are_equal(self):
        self.add(*range(200))
        self.add(300, resource_uuid='volume-2')
        [newest, folded] = self.rows()
        self.assertEqual(200, len(folded.split(',')))

    def test_filters(self):
        self.add(1, resource_uuid=VOLUME)
        self.add(2, resource_type='VOLUME_BACKUP', resource_uuid='b')
        self.add(3, message_level='INFO', resource_uuid='c')
        self.add(4, reason='OTHER', resource_uuid='d')
        self.add(5, global_request_id='req-g', resource_uuid='e')
        for query, expected in (
                ({'type': 'VOLUME_BACKUP'}, '2'), ({'level': 'INFO'}, '3'),
                ({'reason': 'other'}, '4'), ({'request_id': 'req-g'}, '5'),
                ({'resource': VOLUME}, '1'), ({'resource': '2222-4'}, '1'),
                ({'request_id': ' req-1 '}, '1'), ({'since': '1h'}, ''),
                ({'type': 'VOLUME', 'level': 'INFO'}, '3'),
                ({'type': 'SHARE'}, '54'), ({'since': 'x'}, '54')):
            with self.subTest(query):
                self.assertEqual(
                    expected, ''.join(row[-1] for row in self.rows(**query)))

    def test_the_form_has_an_action_or_angular_holds_it_back(self):
        self.assertIn(f'<form method="get" action="{PROJECT_URL}"',
                      self.page(level='INFO', after='x'))

    def test_the_form_shows_what_is_filtered(self):
        page = self.page(type='VOLUME_BACKUP', request_id='"><script>')
        self.assertIn('<option value="VOLUME_BACKUP" selected>', page)
        self.assertIn('value="&quot;&gt;&lt;script&gt;"', page)

    def test_an_empty_list_explains_itself(self):
        self.assertIn('Nothing has failed', self.page())
        self.assertIn('No message matches', self.page(level='INFO'))

    def test_texts_are_escaped(self):
        self.add(1, detail='<script>x</script>', request_id='<b>',
                 resource_uuid='<i>', resource_type='<u>',
                 message_level='<s>', remedy='<q>', action_text='<p1>')
        page = self.page()
        for tag in ('<script>x', '<b>', '<i>', '<u>', '<s>', '<q>', '<p1>'):
            self.assertNotIn(tag, page)

    def test_links_of_each_type(self):
        for number, name in enumerate(NAMES):
            self.add(number, resource_type=name, resource_uuid=VOLUME)
        with self.settings(API_RESULT_PAGE_SIZE=10):
            page = self.page()
        for panel in ('volumes', 'snapshots', 'backups', 'volume_groups',
                      'vg_snapshots'):
            self.assertIn(f'href="/project/{panel}/{VOLUME}', page)

    def test_incomplete_messages(self):
        self.adapter.bodies.append({'id': 'x', 'created_at': ''})
        self.assertEqual(['x'], self.rows())

    def test_a_plain_cinder(self):
        self.adapter.extended = False
        self.adapter.bodies.append(fakes.body(
            1, project_id=self.request.user.tenant_id))
        page = self.page()
        self.assertIn('Allocating storage', page)
        self.assertIn('No room. Ask for less.', page)
        self.assertIn('does not tell the reason by name',
                      self.page(reason='X'))

    def test_errors_are_shown_on_the_page(self):
        for error, expected in (
                (fakes.fault(503, 'Try later'), 'Try later'),
                (fakes.fault(404, 'Not found'), 'has no messages'),
                (fakes.fault(403, 'Forbidden'), 'You may not do this')):
            with self.subTest(expected):
                self.adapter.errors = [error]
                self.assertIn(expected, self.page())

    def test_an_expired_token_leads_to_the_login(self):
        self.adapter.errors = [fakes.fault(401, 'Unauthorized')]
        response = self.client.get(PROJECT_URL)
        self.assertEqual(302, response.status_code)
        self.assertIn('/auth/login/', response['Location'])


class TestDelete(MessagesMixin, helpers.TestCase):

    def delete(self, *names):
        return self.client.post(PROJECT_URL, {
            'action': 'messages__delete', 'object_ids': list(names)})

    def test_all_messages_of_an_entry(self):
        self.add(1, 2)
        self.add(3, resource_uuid='volume-2')
        response = self.delete('message-002,message-001')
        self.assertRedirectsNoFollow(response, PROJECT_URL)
        self.assertEqual(['message-003'],
                         [each['id'] for each in self.adapter.bodies])

    def test_many_entries(self):
        self.add(1)
        self.add(2, resource_uuid='volume-2')
        self.delete('message-001', 'message-002')
        self.assertEqual([], self.adapter.bodies)

    def test_one_row(self):
        self.add(1)
        self.client.post(PROJECT_URL, {
            'action': 'messages__delete__message-001'})
        self.assertEqual([], self.adapter.bodies)

    def test_a_message_that_is_gone(self):
        self.add(1)
        self.delete('message-001,message-000')
        self.assertEqual([], self.adapter.bodies)

    def test_a_failure_that_happens_again_meanwhile(self):
        self.add(1, 2, 3)
        self.delete('message-002,message-001')
        self.assertEqual(['message-003'],
                         [each['id'] for each in self.adapter.bodies])

    def test_a_refusal_is_shown(self):
        self.add(1)
        self.adapter.delete = lambda url, **kwargs: fakes.fault(403, 'No')
        response = self.delete('message-001')
        self.assertEqual(302, response.status_code)
        self.assertIn('Unable to delete', ' '.join(
            str(each) for each in self._messages(response)))

    def _messages(self, response):
        follow = self.client.get(PROJECT_URL)
        return re.findall(r'Unable to delete[^<]*', follow.content.decode())

    def test_get_deletes_nothing(self):
        self.add(1)
        self.client.get(PROJECT_URL, {
            'action': 'messages__delete__message-001'})
        self.assertEqual(1, len(self.adapter.bodies))


class TestErrors(helpers.TestCase):

    def test_each_kind(self):
        for status, expected in (
                (401, horizon_exceptions.NotAuthenticated),
                (403, horizon_exceptions.RecoverableError),
                (None, horizon_exceptions.RecoverableError)):
            with self.assertRaises(expected), api.horizon_errors():
                raise client_service.ServiceError('It failed', status)


class TestAdmin(MessagesMixin, helpers.BaseAdminViewTests):

    def test_fields_of_administrators(self):
        self.add(1, project_id='project-7', host='node@lvm',
                 resource_uuid=VOLUME)
        page = self.page(ADMIN_URL)
        for expected in ('project-7', 'node@lvm',
                         f'/admin/volumes/{VOLUME}/'):
            self.assertIn(expected, page)
        self.assertEqual('1', self.adapter.requests[-1]['all_tenants'])

    def test_a_project_can_be_selected(self):
        self.add(1, project_id='one')
        self.add(2, project_id='two')
        self.assertEqual(['message-002'],
                         self.rows(ADMIN_URL, project='two'))


class TestTab(MessagesMixin, helpers.TestCase):

    def test_a_volume_has_a_tab_with_a_link(self):
        self.add(1, resource_uuid=VOLUME)
        self.add(2, resource_uuid='volume-2')
        self.request.GET = {'tab': 'volume_details__failures_tab'}
        group = volume_tabs.VolumeDetailTabs(
            self.request, volume=mock.Mock(id=VOLUME))
        [tab] = [each for each in group.get_tabs()
                 if isinstance(each, tabs.VolumeFailuresTab)]
        group.load_tab_data()
        rendered = tab.render()
        self.assertIn('No room.', rendered)
        self.assertIn(f'{PROJECT_URL}?resource={VOLUME}', rendered)
        self.assertEqual(
            VOLUME, self.adapter.requests[-1]['resource_uuid'])
