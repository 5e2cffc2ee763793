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

"""The dashboard and the alert rules ask for what there is."""

import json
import pathlib
import re

import prometheus_client
import yaml

from cinder_messages.metrics import api
from cinder_messages.metrics import emitter
from cinder_messages.metrics import writer
from tests import base

ETC = pathlib.Path(__file__).parents[2] / 'etc' / 'cinder_messages'

_SELECTOR = re.compile(r'(cinder_messages_\w+)(?:\{([^}]*)\})?')
_LABELS_OF_PROMETHEUS = {'instance', 'le', 'job'}


def metrics():
    """By the name of a series: the labels it can have."""
    registry = prometheus_client.CollectorRegistry()
    made = [api.ApiMetrics(registry), writer.WriterMetrics(registry)]
    labels = {metric._name: set(metric._labelnames)
              for each in made for metric in vars(each).values()
              if metric is not None}
    found = {}
    for family in [*registry.collect(),
                   *emitter.EmitterCollector().describe()]:
        own = labels.get(family.name, set(getattr(
            family, '_labelnames', ())))
        for suffix in {'counter': ['_total'], 'gauge': [''], 'histogram': [
                '_bucket', '_count', '_sum']}[family.type]:
            found[family.name + suffix] = own
    return found


class TestQueries(base.TestCase):

    def check(self, query):
        known = metrics()
        asked = _SELECTOR.findall(query)
        self.assertNotEqual([], asked, query)
        labels = set()
        for name, selectors in asked:
            self.assertIn(name, known)
            labels |= known[name]
            for label in re.findall(r'(\w+)\s*[=!]', selectors):
                self.assertIn(label, known[name], query)
        for by in re.findall(r'by \(([^)]*)\)', query):
            self.assertLessEqual(set(re.split(r',\s*', by)),
                                 labels | _LABELS_OF_PROMETHEUS, query)
        self.assertEqual(query.count('('), query.count(')'), query)
        return {name for name, _selectors in asked}

    def test_what_the_dashboard_shows(self):
        board = json.loads((ETC / 'grafana-dashboard.json').read_text())
        shown = set()
        for panel in board['panels']:
            for target in panel['targets']:
                shown |= self.check(target['expr'])
                for label in re.findall(r'{{(\w+)}}', target['legendFormat']):
                    self.assertIn(label, target['expr'])
        families = {re.sub('_(total|bucket|count|sum)$', '', name)
                    for name in metrics()}
        self.assertEqual(families, {
            re.sub('_(total|bucket|count|sum)$', '', name)
            for name in shown}, 'each metric is shown')
        self.assertEqual(len(board['panels']),
                         len({panel['id'] for panel in board['panels']}))

    def test_what_the_alerts_watch(self):
        rules = yaml.safe_load((ETC / 'prometheus-alerts.yaml').read_text())
        [group] = rules['groups']
        self.assertEqual(4, len(group['rules']))
        for rule in group['rules']:
            self.check(rule['expr'])
            for key in 'summary', 'description':
                self.assertTrue(rule['annotations'][key])

    def test_a_query_for_what_is_not_there_is_found(self):
        for query in ('cinder_messages_api_nothing',
                      'cinder_messages_writer_messages_total{project="p"}',
                      'sum by (project) (cinder_messages_writer_reaped_total)',
                      'up', 'sum(cinder_messages_writer_reaped_total'):
            self.assertRaises(AssertionError, self.check, query)
