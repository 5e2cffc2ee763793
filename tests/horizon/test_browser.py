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

"""The panels in Chromium, as a member, a reader and an administrator."""

import os
import shutil

from playwright import sync_api

from tests import base
from tests.horizon import site
from tests import process
from tests.services import keystone

PROJECT_URL = '/project/messages/'
ADMIN_URL = '/admin/messages/'
TIMEOUT = 120_000       # milliseconds; a busy machine is slow
ARGUMENTS = ('--no-sandbox', '--disable-gpu', '--disable-sync',
             '--disable-background-networking', '--disable-component-update',
             '--no-first-run')
# Where the pictures of the documentation go: with
# CINDER_MESSAGES_TEST_PICTURES=1 the test makes them anew.
PICTURES = process.ROOT / 'doc' / 'source' / '_static'


class TestPanels(base.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keystone = cls.use(keystone.Keystone())
        cls.api = cls.use(site.API(cls.keystone))
        cls.keystone.create_endpoint(cls.api.url + '/%(project_id)s')
        for name, role, project in (('demo', 'member', 'demo'),
                                    ('auditor', 'reader', 'demo'),
                                    ('other', 'member', 'other'),
                                    ('boss', 'admin', 'demo')):
            setattr(cls, name, cls.keystone.create_user(name, role, project))
        cls.horizon = cls.use(site.Horizon(cls.keystone.url))
        playwright = sync_api.sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(
            executable_path=shutil.which('chromium'), args=ARGUMENTS)
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def use(cls, fixture):
        fixture.setUp()
        cls.addClassCleanup(fixture.cleanUp)
        return fixture

    def setUp(self):
        super().setUp()
        demo, other = self.demo.project_id, self.other.project_id
        self.api.store.create([
            site.message(1, demo, event_id='VOLUME_VOLUME_007_010',
                         action_id='007', detail_id='010'),
            site.message(2, demo, resource_type='VOLUME_SNAPSHOT',
                         event_id='VOLUME_VOLUME_SNAPSHOT_009_013',
                         action_id='009', detail_id='013'),
            site.message(3, other, host='node-1@lvm'),
            site.message(4, other, host='node-1@lvm')])

    def login(self, user):
        """Return the panel of a user who has just logged in."""
        context = self.browser.new_context(
            viewport={'width': 1500, 'height': 620})
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        self.problems = []
        page.on('pageerror', lambda error: self.problems.append(str(error)))
        page.goto(f'{self.horizon.url}/auth/login/?next={PROJECT_URL}')
        page.fill('#id_username', user.name)
        page.fill('#id_password', keystone.PASSWORD)
        page.click('#loginBtn')
        page.wait_for_selector('table#messages')
        return page

    def numbers(self, page):
        """The numbers of the messages in the table, from the top."""
        ids = page.locator('table#messages tbody tr').evaluate_all(
            'rows => rows.map(row => row.dataset.objectId || "")')
        return [[int(each[-3:]) for each in row.split(',')]
                for row in ids if row]

    def filter(self, page, name, value, enter=False):
        field = page.locator(f'#messages_filter [name={name}]')
        if enter:
            field.fill(value)
            with page.expect_navigation():
                field.press('Enter')
        else:
            field.select_option(value)
            with page.expect_navigation():
                page.click('#messages_filter button')
        page.wait_for_selector('table#messages')

    def take_picture(self, page, name):
        if os.environ.get('CINDER_MESSAGES_TEST_PICTURES'):
            page.screenshot(path=PICTURES / name)

    def test_a_member(self):
        page = self.login(self.demo)
        self.assertEqual([[2], [1]], self.numbers(page))
        text = page.inner_text('table#messages')
        self.assertIn('req-22222222-3333-4444-8555-000000000002', text)
        self.assertIn('could not create the snapshot', text)
        self.assertEqual('Messages', page.inner_text(
            f'#sidebar a[href="{PROJECT_URL}"]').strip())
        self.take_picture(page, 'horizon-messages.png')

        self.filter(page, 'type', 'VOLUME')
        self.assertEqual([[1]], self.numbers(page))
        self.take_picture(page, 'horizon-filter.png')
        page.click('#messages_filter a')
        page.wait_for_selector('table#messages')
        self.filter(page, 'request_id',
                    'req-22222222-3333-4444-8555-000000000002', enter=True)
        self.assertEqual([[2]], self.numbers(page))
        self.filter(page, 'request_id', 'req-unknown', enter=True)
        self.assertIn('No message matches the filter',
                      page.inner_text('table#messages'))

        page.goto(self.horizon.url + PROJECT_URL)
        link = page.locator('table#messages a[href*="/project/volumes/"]')
        self.assertEqual('/project/volumes/11111111-2222-4333-8444-'
                         '000000000001/', link.get_attribute('href'))
        with page.expect_navigation():
            link.click()
        self.assertIn('/project/volumes/', page.url)

        page.goto(self.horizon.url + PROJECT_URL)
        page.click('tr[data-object-id$="002"] button[value*="delete"]')
        page.click('.modal a.btn-danger')
        page.wait_for_selector('tr[data-object-id$="002"]', state='detached')
        page.wait_for_selector('table#messages')
        self.assertEqual([[1]], self.numbers(page))
        self.assertEqual([], self.problems)

        page = self.login(self.other)
        self.assertEqual([[4], [3]], self.numbers(page))

    def test_a_reader_cannot_delete(self):
        page = self.login(self.auditor)
        self.assertNotEqual([], self.numbers(page))
        self.assertEqual(0, page.locator('button[value*="delete"]').count())

    def test_an_administrator(self):
        page = self.login(self.boss)
        page.goto(self.horizon.url + ADMIN_URL)
        page.wait_for_selector('table#messages')
        numbers = self.numbers(page)
        self.assertIn([3], numbers)
        self.assertIn([1], numbers)
        headers = page.inner_text('table#messages thead')
        self.assertIn('Host', headers)
        self.assertIn('Project', headers)
        self.take_picture(page, 'horizon-admin.png')
        self.filter(page, 'project', self.other.project_id, enter=True)
        self.assertEqual([[4], [3]], self.numbers(page))
