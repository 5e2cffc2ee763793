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

"""Directives that quote the help of commands and list the metrics.

``.. command-help:: cinder-messages-manage db sync`` inserts its ``--help``,
``.. metrics-table::`` a table of the metrics in the code.
"""

import contextlib
import io
import os
from unittest import mock

# NOTE: first, for it chooses a backend that importing oslo.messaging would
# choose otherwise.
from cinder_messages.cmd import all as cmd_all  # noqa: I100
from cinder_messages.cmd import manage
from cinder_messages.cmd import status
from cinder_messages.cmd import writer

import catalog_tables
from docutils import nodes
from docutils.parsers import rst
from oslo_config import cfg
from oslo_log import log
from oslo_upgradecheck import upgradecheck
import prometheus_client

from cinder_messages.metrics import api as api_metrics
from cinder_messages.metrics import emitter as emitter_metrics
from cinder_messages.metrics import writer as writer_metrics

PROGRAMS = {
    'cinder-messages-all': (cmd_all, cmd_all.CLI_OPTS),
    'cinder-messages-manage': (manage, manage.CLI_OPTS),
    'cinder-messages-status': (status, ()),
    'cinder-messages-writer': (writer, ()),
}


def help_of(program, *args):
    """Return the output of a program for some arguments and ``--help``."""
    module, cli_opts = PROGRAMS[program]
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf.register_cli_opts(cli_opts)
    if module is status:
        upgradecheck.register_cli_options(conf, status.Checks(conf))
    printed = io.StringIO()
    with (contextlib.redirect_stdout(printed),
          contextlib.suppress(SystemExit),
          mock.patch.dict(os.environ, COLUMNS='79')):
        conf([*args, '--help'], project='cinder-messages', prog=program,
             version='', description=module.DESCRIPTION,
             epilog=module.EPILOG, default_config_files=[],
             default_config_dirs=[])
    return printed.getvalue()


class CommandHelp(rst.Directive):
    """The help of a program or of one of its commands."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        text = help_of(*self.arguments[0].split())
        if not text:
            raise self.error(f'{self.arguments[0]} has no --help')
        return [nodes.literal_block(text, text, language='text')]


class MetricsTable(catalog_tables.TableDirective):
    """The metrics, by who has them."""

    titles = ('Metric', 'Type', 'Labels', 'What it is')
    widths = (36, 10, 18, 36)

    def rows(self):
        for family, labels in metric_families():
            suffix = '_total' if family.type == 'counter' else ''
            yield [(True, family.name + suffix), (False, family.type),
                   (False, ', '.join(labels)), (False, family.documentation)]


def metric_families():
    """Return each family with its labels."""
    registry = prometheus_client.CollectorRegistry()
    labels = {}
    for metrics in (writer_metrics.WriterMetrics(registry),
                    api_metrics.ApiMetrics(registry)):
        for metric in vars(metrics).values():
            if metric is not None:
                labels[metric._name] = metric._labelnames
    for family in registry.collect():
        yield family, labels[family.name]
    for family in emitter_metrics.EmitterCollector().describe():
        yield family, family._labelnames


def setup(app):
    """Register the directives."""
    app.add_directive('command-help', CommandHelp)
    app.add_directive('metrics-table', MetricsTable)
    return {'parallel_read_safe': True}
