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

"""Guru Meditation Reports of our processes.

A report holds the stacks of all threads, the processes and the configuration
with secrets masked. It goes to stderr, or to a file in ``[oslo_reports]
log_dir``.
"""

import signal

from oslo_config import cfg
from oslo_reports.generators import conf as conf_generator
from oslo_reports import guru_meditation_report

from cinder_messages import exception
from cinder_messages import version

SERVICE = 'cinder-messages'


class _Version:
    """The vendor, product and version in a report."""

    @staticmethod
    def vendor_string() -> str:
        return 'OpenStack'

    @staticmethod
    def product_string() -> str:
        return SERVICE

    @staticmethod
    def version_string_with_package() -> str:
        return version.version_string()


def on_signal(conf: cfg.ConfigOpts) -> None:
    """Write a report on SIGUSR2, in this process and its children.

    :param conf: the global one, with ``[oslo_reports]``
    """
    guru_meditation_report.TextGuruMeditation.setup_autorun(
        _Version(), SERVICE, conf=conf, signum=signal.SIGUSR2)


def on_touch(conf: cfg.ConfigOpts) -> None:
    """Write a report when ``[oslo_reports] file_event_handler`` is touched.

    Use it in a process whose signals belong to a WSGI server. Does nothing if
    the option is not set.

    :param conf: the API's own configuration, not the global one
    :raises InvalidConfiguration: the file does not exist
    """
    if not conf.oslo_reports.file_event_handler:
        return
    report = guru_meditation_report.TextGuruMeditation
    report.register_section('Configuration of the API',
                            conf_generator.ConfigReportGenerator(conf))
    try:
        report.setup_autorun(_Version(), SERVICE, conf=conf,
                             setup_signal=False)
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason='[oslo_reports] file_event_handler: '
                   f'{exc.filename}: {exc.strerror}. Create the file.'
            ) from exc
