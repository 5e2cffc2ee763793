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


"""Which errors of a database become which of ours."""

from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc
import testtools

from cinder_messages import exception
from cinder_messages.storage import errors


class TestTranslateErrors(testtools.TestCase):

    def outcome(self, error):
        """Return the exception that an error becomes."""
        try:
            with errors.translate_errors():
                raise error
        except Exception as exc:
            return exc

    def test_text_that_is_not_unicode_is_permanent(self):
        self.assertIsInstance(
            self.outcome(db_exc.DBInvalidUnicodeParameter()),
            exception.InvalidParameter)

    def test_every_error_of_the_database_is_transient(self):
        for kind in (sa_exc.OperationalError, sa_exc.ProgrammingError,
                     sa_exc.InternalError, sa_exc.InterfaceError,
                     sa_exc.DataError, sa_exc.IntegrityError):
            error = kind('INSERT sesame', {'sesame': 1}, Exception('no\nway'))
            for raised in (error, db_exc.DBError(error),
                           db_exc.DBConnectionError(error),
                           db_exc.DBDataError(error),
                           db_exc.DBDeadlock(error)):
                outcome = self.outcome(raised)

                self.assertIsInstance(outcome, exception.DatabaseUnavailable)
                self.assertIn('Exception: no way', str(outcome))
                self.assertNotIn('sesame', str(outcome))
        self.assertIsInstance(self.outcome(sa_exc.TimeoutError('full')),
                              exception.DatabaseUnavailable)

    def test_a_reason_is_short(self):
        error = sa_exc.OperationalError('', {}, Exception('x' * 10000))

        self.assertGreater(300, len(str(self.outcome(error))))

    def test_bugs_pass(self):
        statement_error = sa_exc.StatementError('', '', {}, TypeError())
        for error in (statement_error, db_exc.DBError(statement_error),
                      sa_exc.ArgumentError('x'), TypeError('x'),
                      exception.MessageNotFound(message_id='x')):
            self.assertIs(error, self.outcome(error))


class TestIsReadOnly(testtools.TestCase):

    def test_errors_of_a_server_that_is_not_the_primary(self):
        for number in (1047, 1290, 1792, 1836):
            self.assertTrue(errors.is_read_only(Exception(number, 'text')))
        refused = Exception('cannot execute INSERT')
        refused.sqlstate = '25006'
        self.assertTrue(errors.is_read_only(refused))

    def test_other_errors(self):
        for error in (None, Exception(), Exception('1290'), Exception(1062)):
            self.assertFalse(errors.is_read_only(error))


class TestIsRefused(testtools.TestCase):

    def test_a_statement_that_a_connected_server_refused(self):
        error = sa_exc.IntegrityError('', {}, Exception())
        for raised in (error, db_exc.DBError(error)):
            self.assertTrue(errors.is_refused(raised))

    def test_a_lost_connection_or_a_deadlock_is_not_refused(self):
        lost = sa_exc.OperationalError('', {}, Exception(),
                                       connection_invalidated=True)
        for raised in (lost, db_exc.DBError(lost), db_exc.DBDeadlock(),
                       db_exc.DBConnectionError(), sa_exc.TimeoutError(),
                       None):
            self.assertFalse(errors.is_refused(raised))
