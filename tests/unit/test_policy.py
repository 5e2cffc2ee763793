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

"""Who may do what, and what a deployer can change about it."""

import contextlib
import logging
import os
import subprocess
import sys

import fixtures
from oslo_policy import opts
from oslo_policy import policy as oslo_policy

from cinder_messages import context
from cinder_messages import exception
from cinder_messages import policies
from cinder_messages.policies import base as policies_base
from cinder_messages.policies import messages
from cinder_messages import policy
from tests import base


def caller(*roles, project_id='p', **values):
    return context.RequestContext(
        project_id=project_id, roles=list(roles), **values)


def is_admin(authorizer, asking):
    return authorizer.allows(asking, policies_base.CONTEXT_IS_ADMIN, {})


class Rules:
    """An enforcer that has one answer, and counts the questions."""

    answer = True
    asked = 0
    use_conf = True

    def authorize(self, rule, target, credentials):
        self.asked += 1
        return self.answer

    def load_rules(self):
        pass


class TestAnswers(base.TestCase):
    """What is remembered, and for how long."""

    def setUp(self):
        super().setUp()
        self.rules = Rules()
        self.now = 0
        self.authorizer = policy.Authorizer(self.rules, lambda: self.now)

    def _allows(self, asking=caller('reader'), rule=messages.GET,
                project_id='p'):
        return self.authorizer.allows(
            asking, rule, {'project_id': project_id})

    def test_one_is_remembered_until_the_rules_are_read_again(self):
        self.assertTrue(self._allows())
        self.rules.answer = False
        self.assertTrue(self._allows())
        self.now += policy.REFRESH_INTERVAL
        self.assertFalse(self._allows())
        self.rules.answer = True
        self.assertFalse(self._allows())
        self.assertEqual(2, self.rules.asked)

    def test_whatever_a_rule_may_look_at_is_another_question(self):
        self._allows()
        for asking in (caller('member'), caller('reader', 'member'),
                       caller('reader', project_id='q'),
                       caller('reader', user_id='u'),
                       caller('reader', system_scope='all'),
                       caller('reader', domain_id='d'),
                       caller('reader', service_roles=['service'])):
            before = self.rules.asked
            self._allows(asking)
            self.assertEqual(before + 1, self.rules.asked, asking.to_dict())
        before = self.rules.asked
        self._allows(rule=messages.DELETE)
        self._allows(project_id='q')
        self.assertEqual(before + 2, self.rules.asked)

    def test_no_more_are_remembered_than_memory_can_bear(self):
        self.useFixture(fixtures.MockPatchObject(policy, '_MAX_ANSWERS', 1))
        for _ in range(2):
            self._allows()
            self._allows(project_id='q')
        self.assertEqual(3, self.rules.asked)


class TestAuthorizer(base.TestCase):

    def setUp(self):
        super().setUp()
        self.path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'policy.yaml')

    def _authorizer(self, text=None):
        if text is not None:
            self._write(text)
            opts.set_defaults(self.conf, self.path)
        return policy.make_authorizer(self.conf)

    def _write(self, text):
        with open(self.path, 'w', encoding='utf-8') as stream:
            stream.write(text)

    def _may(self, authorizer, asking, rule, project_id='p'):
        try:
            authorizer.authorize(asking, rule, {'project_id': project_id})
        except exception.NotAuthorized as error:
            self.assertIn(rule, str(error))
            return False
        return True

    def test_defaults(self):
        authorizer = self._authorizer()
        reads = (messages.GET_ALL, messages.GET)
        for roles, rules in (
                (['reader'], reads),
                (['member'], (*reads, messages.DELETE)),
                (['admin'], (*reads, messages.DELETE)),
                (['service'], ()),
                ([], ())):
            for rule in (*reads, messages.DELETE):
                with self.subTest(roles=roles, rule=rule):
                    self.assertEqual(
                        rule in rules,
                        self._may(authorizer, caller(*roles), rule))

    def test_only_an_administrator_acts_in_another_project(self):
        authorizer = self._authorizer()
        for role in ('reader', 'member', 'admin'):
            self.assertEqual(
                role == 'admin',
                self._may(authorizer, caller(role), messages.GET, 'other'))

    def test_administrators(self):
        authorizer = self._authorizer()
        self.assertTrue(is_admin(authorizer, caller('admin')))
        self.assertTrue(is_admin(
            authorizer, caller('admin', project_id=None, system_scope='all')))
        self.assertFalse(is_admin(authorizer, caller('member', 'reader')))
        self.assertFalse(is_admin(
            authorizer, caller('reader', project_id=None, system_scope='all')))
        self.assertFalse(is_admin(
            authorizer, caller('member', service_roles=['admin'])))

    def _clocked(self, text):
        self._write(text)
        opts.set_defaults(self.conf, self.path)
        enforcer = oslo_policy.Enforcer(self.conf)
        enforcer.register_defaults(policies.list_rules())
        enforcer.load_rules()
        self.now = 0
        return policy.Authorizer(enforcer, lambda: self.now)

    def _change(self, text):
        self._write(text)
        # NOTE: the clock of files may be too coarse to tell the two apart.
        later = os.stat(self.path).st_mtime + 10
        os.utime(self.path, (later, later))
        self.now += policy.REFRESH_INTERVAL

    def test_changed_file_is_read_again(self):
        authorizer = self._clocked('"message:get": "!"')
        self.assertFalse(self._may(authorizer, caller('admin'), messages.GET))
        self._change('"message:get": "role:auditor"')
        self.assertTrue(self._may(authorizer, caller('auditor'), messages.GET))
        self.assertFalse(self._may(authorizer, caller('admin'), messages.GET))

    def test_rules_stay_when_the_changed_file_cannot_be_understood(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.ERROR))
        authorizer = self._clocked('"message:get": "role:auditor"')
        self._change('"message:get": [')
        self.assertTrue(self._may(authorizer, caller('auditor'), messages.GET))
        self.assertFalse(self._may(authorizer, caller('reader'), messages.GET))
        self.assertIn('policy file', log.output)

    WRONG_SHAPES = ('- a\n- list', '"message:get_all": 5', 'just text', '7',
                    '"message:get": {"a": 5}', '"message:get": [5]',
                    '"message:get": [[{"a": "b"}]]',
                    '"message:get": 2026-01-01',
                    '"message:get": true', '[' * 50_000, '{"a":' * 50_000,
                    '- ' * 50_000, '"message:get": "role:%(x"\n5: 6', '\0',
                    '!!python/object:os.system {}', '&a [*a]', '? [1, 2]\n: x')

    def test_a_file_of_another_shape_is_refused(self):
        for text in self.WRONG_SHAPES:
            with contextlib.suppress(exception.InvalidConfiguration):
                authorizer = self._authorizer(text)
                # What oslo.policy takes for rules lets nobody in by mistake.
                self._judge(authorizer)

    def _judge(self, authorizer):
        for rule in messages.GET, messages.GET_ALL, messages.DELETE:
            with contextlib.suppress(exception.PolicyUnavailable):
                self.assertFalse(self._may(
                    authorizer, caller(project_id='other'), rule))

    def test_lists_numbers_and_depth_are_refused(self):
        for text in self.WRONG_SHAPES[:4] + self.WRONG_SHAPES[9:12]:
            error = self.assertRaises(exception.InvalidConfiguration,
                                      self._authorizer, text)
            self.assertIn('[oslo_policy] policy_file', str(error))
            self.assertLess(len(str(error)), 2000)

    def test_the_file_and_its_error_are_named(self):
        for text, problem in (
                ('- a\n', 'it is not a mapping of names of rules to their '
                 'texts, as in "message:delete": "role:member"'),
                ('7', 'it is not a mapping'),
                ('"a": "!"\n"message:get": 5',
                 "the rule 'message:get' is not a text, as in "),
                ('"message:get": [5]', "the rule 'message:get' is not"),
                ('"a": "!"\nb: c: d', 'line 2: mapping values are not'),
                ('"message:get": [', 'line 1: expected the node content'),
                ('\0', 'special characters are not allowed'),
                ('[' * 50_000, 'it is nested too deeply')):
            error = self.assertRaises(exception.InvalidConfiguration,
                                      self._authorizer, text)
            self.assertIn(f'[oslo_policy] policy_file {self.path}: ',
                          str(error))
            self.assertIn(problem, str(error))
            for jargon in 'object', 'iterable', 'attribute', '\n':
                self.assertNotIn(jargon, str(error))

    def test_a_file_of_a_directory_of_policies_is_named(self):
        directory = os.path.join(os.path.dirname(self.path), 'policy.d')
        os.mkdir(directory)
        for name, text in (('1.yaml', '"a": "!"'), ('2.yaml', '"b": 5'),
                           ('.hidden', '[')):
            with open(os.path.join(directory, name), 'w') as stream:
                stream.write(text)
        opts.set_defaults(self.conf)
        self.conf.set_override('policy_dirs', [directory], 'oslo_policy')

        error = self.assertRaises(exception.InvalidConfiguration,
                                  self._authorizer)

        self.assertEqual(
            f"[oslo_policy] policy_dirs {directory}/2.yaml: the rule 'b' is "
            'not a text, as in "message:delete": "role:member"', str(error))

    def test_the_old_form_of_rules_is_understood(self):
        authorizer = self._authorizer(
            '"message:get": [["role:auditor", "project_id:p"], "role:boss"]')
        self.assertTrue(self._may(authorizer, caller('auditor'), messages.GET))
        self.assertFalse(self._may(authorizer, caller('reader'), messages.GET))

    def test_rules_stay_when_the_file_takes_another_shape(self):
        for text in self.WRONG_SHAPES[:4] + self.WRONG_SHAPES[9:12]:
            log = self.useFixture(fixtures.FakeLogger(level=logging.ERROR))
            authorizer = self._clocked('"message:get": "role:auditor"')
            self._change(text)
            for _ in range(2):
                self.assertTrue(
                    self._may(authorizer, caller('auditor'), messages.GET))
                self.assertFalse(
                    self._may(authorizer, caller('reader'), messages.GET))
                self.now += policy.REFRESH_INTERVAL
            self.assertIn('rules stay as they were', log.output)
            self.assertLess(len(log.output), 3000)

    def test_a_rule_that_cannot_be_checked_lets_nobody_in(self):
        for text in ('"message:get": "http://127.0.0.1:1/x"',
                     '"message:get": "https://127.0.0.1:1/x"',
                     '"message:get": "rule:message:get"',
                     '"a": "rule:b"\n"b": "rule:a"\n"message:get": "rule:a"'):
            authorizer = self._authorizer(text)
            error = self.assertRaises(
                exception.PolicyUnavailable, authorizer.authorize,
                caller('reader'), messages.GET, {'project_id': 'p'})
            self.assertIn('message:get', str(error))

    def test_who_is_an_administrator_can_be_changed(self):
        authorizer = self._authorizer('"context_is_admin": "role:boss"')
        self.assertTrue(is_admin(authorizer, caller('boss')))
        self.assertFalse(is_admin(authorizer, caller('admin')))

    def test_file_that_cannot_be_understood_is_refused(self):
        self.assertRaises(exception.InvalidConfiguration,
                          self._authorizer, '"message:get": [')


class TestGetEnforcer(base.TestCase):

    def test_tools_find_the_file_that_the_configuration_names(self):
        directory = self.useFixture(fixtures.TempDir()).path
        rules = os.path.join(directory, 'policy.yaml')
        with open(rules, 'w', encoding='utf-8') as stream:
            stream.write('"context_is_admin": "role:admin"\n'
                         '"message:get": "role:auditor"\n')
        config = os.path.join(directory, 'cinder-messages.conf')
        with open(config, 'w', encoding='utf-8') as stream:
            stream.write(f'[oslo_policy]\npolicy_file = {rules}\n')
        done = subprocess.run(
            [os.path.join(os.path.dirname(sys.executable),
                          'oslopolicy-list-redundant'),
             '--namespace', 'cinder_messages', '--config-file', config],
            capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('context_is_admin', done.stdout)
        self.assertNotIn('auditor', done.stdout)
