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

"""The dashboard and the alerts on a real Prometheus, from Debian."""

import json
import shutil
import time
from urllib import parse
from urllib import request

import fixtures
import prometheus_client
import yaml

from cinder_messages.metrics import api
from cinder_messages.metrics import emitter
from cinder_messages.metrics import writer
from tests import base
from tests import process

ETC = process.ROOT / 'etc' / 'cinder_messages'
DEADLINE = 120

CONFIG = """\
global:
  scrape_interval: 500ms
  evaluation_interval: 500ms
rule_files:
  - {rules}
scrape_configs:
  - job_name: test
    static_configs:
      - targets: ['127.0.0.1:{port}']
"""


class Samples(prometheus_client.registry.Collector):
    """The emitter's metrics, with a journal that nobody sends."""

    def collect(self):
        collector = emitter.EmitterCollector()
        reports, waiting, oldest = collector.describe()
        for outcome in 'reported', 'stored', 'dropped':
            reports.add_metric([outcome], time.monotonic())
        waiting.add_metric([], 5)
        oldest.add_metric([], 900)
        return [reports, waiting, oldest]


class Prometheus(fixtures.Fixture):
    """A Prometheus that scrapes this process.

    :ivar url: of its HTTP API
    """

    def __init__(self, rules, port):
        self._rules = rules
        self._port = port

    def _setUp(self):
        directory = self.useFixture(fixtures.TempDir())
        config = directory.join('prometheus.yml')
        with open(config, 'w') as file:
            file.write(CONFIG.format(rules=self._rules, port=self._port))
        port = process.free_port()
        self.useFixture(process.Process([
            'prometheus', f'--config.file={config}',
            f'--storage.tsdb.path={directory.join("data")}',
            f'--web.listen-address=127.0.0.1:{port}'])).wait_for_line(
                'Server is ready', DEADLINE)
        self.url = f'http://127.0.0.1:{port}/api/v1'

    def get(self, path, **query):
        """Return the data of an answer."""
        with request.urlopen(f'{self.url}/{path}?{parse.urlencode(query)}',
                             timeout=60) as response:
            return json.load(response)['data']

    def wait(self, condition):
        """Return the first true result of a condition."""
        deadline = time.monotonic() + DEADLINE
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f'{condition} has not come true')
            time.sleep(0.2)
        return found


class TestPrometheus(base.TestCase):

    def setUp(self):
        super().setUp()
        self.assertIsNotNone(shutil.which('prometheus'),
                             'bindep.txt names the package')
        registry = prometheus_client.CollectorRegistry()
        registry.register(Samples())
        self.api = api.ApiMetrics(registry)
        self.writer = writer.WriterMetrics(registry)
        self.server, thread = prometheus_client.start_http_server(
            0, '127.0.0.1', registry)
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def work(self):
        """Count one of each."""
        self.writer.batch_received(2)
        self.writer.batch_stored(['000002', 'VOLUME_VOLUME_001_003'], 1, 1,
                                 0.01)
        self.writer.batch_failed()
        self.writer.report_rejected(None)
        self.writer.messages_reaped(3)
        self.writer.clock_skew_measured(-120)
        self.api.request('GET', '/v3/messages', '503', 3)

    def rules(self):
        return yaml.safe_load((ETC / 'prometheus-alerts.yaml').read_text())

    def start(self):
        # NOTE: the rules as shipped, but without the time that they wait.
        rules = self.rules()
        self.alerts = set()
        for rule in rules['groups'][0]['rules']:
            self.assertEqual('5m', rule.pop('for'))
            self.alerts.add(rule['alert'])
        path = self.useFixture(fixtures.TempDir()).join('rules.yaml')
        with open(path, 'w') as file:
            yaml.safe_dump(rules, file)
        return self.useFixture(Prometheus(path, self.server.server_port))

    def test_each_panel_shows_values_and_each_alert_fires(self):
        server = self.start()
        board = json.loads((ETC / 'grafana-dashboard.json').read_text())
        queries = [target['expr'].replace('$__rate_interval', '1m')
                   for panel in board['panels']
                   for target in panel['targets']]

        def empty():
            self.work()
            return [query for query in queries if not any(
                sample['value'][1] not in ('NaN', '0')
                for sample in server.get('query', query=query)['result'])]

        server.wait(lambda: not empty())
        server.wait(lambda: self.work() or self.alerts == {
            alert['labels']['alertname']
            for alert in server.get('alerts')['alerts']
            if alert['state'] == 'firing'})

    def test_promtool_accepts_the_rules(self):
        done = process.run(['promtool', 'check', 'rules',
                            str(ETC / 'prometheus-alerts.yaml')])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn(f'{len(self.rules()["groups"][0]["rules"])} rules found',
                      done.stdout)
