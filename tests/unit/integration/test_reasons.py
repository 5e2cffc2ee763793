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

"""The detail of a failure follows the class of its exception."""

from cinder_messages.integration import reasons
from cinder_messages.message import message_field
from tests import base

_D = message_field.Detail


class ImageTooBig(Exception):
    """Named like the exception of Cinder."""


class VolumeBackendAPIException(Exception):
    """Named like a wrapper of Cinder's."""


class DriverTimeout(Exception):
    """Named like no exception of the catalog."""


def check_available_space():
    raise ImageTooBig


def fetch():
    raise ImageTooBig


def elsewhere():
    raise ImageTooBig


def caught(function):
    try:
        function()
    except Exception as exc:
        return exc


class TestDetailOf(base.TestCase):

    def test_the_function_that_raised_it_can_decide(self):
        for function in check_available_space, fetch:
            self.assertEqual(_D.NO_ROOM_TO_CONVERT_IMAGE,
                             reasons.detail_of(caught(function)))
        self.assertEqual(_D.NOT_ENOUGH_SPACE_FOR_IMAGE,
                         reasons.detail_of(caught(elsewhere)))

    def test_the_cause_of_a_wrapper_decides(self):
        wrapper = VolumeBackendAPIException()
        wrapper.__cause__ = caught(elsewhere)
        self.assertEqual(_D.NOT_ENOUGH_SPACE_FOR_IMAGE,
                         reasons.detail_of(wrapper))

    def test_the_cause_of_any_other_exception_does_not(self):
        other = DriverTimeout()
        other.__cause__ = caught(elsewhere)
        self.assertIsNone(reasons.detail_of(other))

    def test_overrides_come_first(self):
        self.assertEqual('999', reasons.detail_of(
            caught(elsewhere), {'ImageTooBig': '999'}))

    def test_no_exception_selects_nothing(self):
        self.assertIsNone(reasons.detail_of(None))


class TestDetailOfTraceback(base.TestCase):

    def test_the_last_exception_counts(self):
        lines = ['Traceback (most recent call last):\n',
                 'ValueError: first\n', '\n',
                 'acme.driver.ImageTooBig: text: with colons\n']
        self.assertEqual(_D.NOT_ENOUGH_SPACE_FOR_IMAGE,
                         reasons.detail_of_traceback(lines))

    def test_text_without_exceptions_selects_nothing(self):
        self.assertIsNone(reasons.detail_of_traceback(['nothing: here\n']))
