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

"""The checks of cinder-messages-status; each changes nothing and is quick."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import difflib
import pathlib
import time

from oslo_config import cfg
from oslo_policy import opts as policy_opts
from oslo_upgradecheck import common_checks
from oslo_upgradecheck import upgradecheck
import yaml

from cinder_messages.cmd import common
from cinder_messages.conf import database
from cinder_messages.conf import emitter
from cinder_messages.conf import opts
from cinder_messages.emit import spool_status
from cinder_messages import exception
from cinder_messages.integration import compatibility
from cinder_messages import policies
from cinder_messages.rpc import bus
from cinder_messages.rpc import transport
from cinder_messages.storage import clock

Check = Callable[[cfg.ConfigOpts], upgradecheck.Result]

# Seconds to wait for one host of the message bus.
CONNECT_TIMEOUT = 3

# Seconds after which another process should have taken over a journal.
ADOPTED_WITHIN = 600


def check_database(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check the schema, the table and the clock of the database."""
    try:
        with common.storage(conf) as messages:
            differences = messages.schema_differences()
            skew = messages.clock_skew()
    except exception.Error as exc:
        return _failure(str(exc))
    if differences:
        return _failure(differences)
    if abs(skew) > clock.MAX_SKEW:
        return _failure(
            f'The clock of this host is {skew:.0f} s ahead of the clock of '
            'the database (negative: behind). Synchronize both with NTP.')
    return _success()


def check_options(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check that the files set no unknown option of ours."""
    known = {group: {opt.dest for opt in options} for group, options
             in [(database.GROUP, database.OPTS), *opts.list_opts()]}
    unknown = []
    for path in _config_files(conf):
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(path, sections).parse()
        for group, options in sections.items():
            unknown += [f'{path}: {each}'
                        for each in _unknown(known, group, options)]
    if unknown:
        return _warning('Not read by this version: ' + '; '.join(unknown))
    return _success()


def _unknown(known: Mapping[str, set[str]], group: str,
             options: Mapping[str, object]) -> Iterator[str]:
    if group not in known:
        # NOTE: libraries have groups that are not registered here.
        for meant in difflib.get_close_matches(group, known, 1, 0.8):
            yield f'[{group}] (meant is [{meant}]?)'
        return
    for name in sorted(set(options) - known[group]):
        near = difflib.get_close_matches(name, known[group], 1, 0.7)
        yield f'[{group}] {name}' + (
            f' (meant is {near[0]}?)' if near else '')


def _config_files(conf: cfg.ConfigOpts) -> Iterator[str]:
    yield from conf.config_file
    for directory in conf.config_dir:
        yield from sorted(str(path) for path in
                          pathlib.Path(directory).glob('*.conf'))


def check_policy(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check that the policy file is YAML and names known rules."""
    policy_opts.set_defaults(conf)
    path = conf.find_file(conf.oslo_policy.policy_file)
    if path is None:
        return _success()
    result = common_checks.check_policy_json(
        upgradecheck.UpgradeCommands(), conf)
    if result.code != upgradecheck.Code.SUCCESS:
        return result
    try:
        rules = yaml.safe_load(pathlib.Path(path).read_text()) or {}
        names = set(rules)
    except (OSError, ValueError, TypeError, yaml.YAMLError) as exc:
        return _failure(f'{path} cannot be read: {exc}')
    known = {rule.name for rule in policies.list_rules()}
    # NOTE: a rule may exist for other rules to refer to.
    used = ' '.join(map(str, rules.values()))
    unknown = sorted(name for name in names - known
                     if f'rule:{name}' not in used)
    if unknown:
        return _warning(f'{path} names rules that nothing asks for: '
                        f'{", ".join(unknown)}. Those there are: '
                        f'{", ".join(sorted(known))}.')
    return _success()


def check_spool(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check that no reports wait on this host without a sender."""
    options = conf[emitter.GROUP]
    if not options.spool_dir:
        return _success()
    try:
        status = spool_status.scan(options.spool_dir)
    except OSError as exc:
        return _warning(f'[cinder_messages] spool_dir: {exc}')
    left = [each for each in status.journals
            if not each.has_owner and each.waiting and
            time.time() - each.changed_at > ADOPTED_WITHIN]
    if left or status.legacy:
        reports = (f'{sum(each.waiting for each in left)} reports'
                   if left else 'Reports of the first version')
        return _warning(
            f'{reports} of processes that have ended wait in '
            f'{options.spool_dir}, and no process sends them. Start a '
            'service that reports with this spool_dir, or run '
            'cinder-messages-manage spool send, as the same user.')
    if status.unreadable:
        return _warning('Cannot be read, and may hold reports: ' + ', '.join(
            str(path) for path in status.unreadable))
    if status.refused:
        return _warning(
            f'Writers have refused {len(status.refused)} reports. See '
            'cinder-messages-manage spool list.')
    if status.waiting > options.spool_max_messages // 2:
        return _warning(
            f'{status.waiting} reports wait in {options.spool_dir}, more '
            'than half of [cinder_messages] spool_max_messages. Check that '
            'writers run.')
    return _success()


def check_transport(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check that the message bus accepts us, with matching queues.

    A host that does not answer is a warning, if another one does.
    """
    try:
        transport.check_url(conf, None, '[DEFAULT] transport_url')
        results = transport.probe(conf, CONNECT_TIMEOUT)
        unreachable = [f'{host} ({error})' for host, error in results.items()
                       if error]
        text = ('Hosts of [DEFAULT] transport_url that cannot be reached: ' +
                ', '.join(unreachable))
        if results and len(unreachable) == len(results):
            return _failure(text)
        topology = bus.Bus.for_writer(conf).topology(CONNECT_TIMEOUT)
        if topology is not None:
            topology.check()
    except exception.Error as exc:
        return _failure(str(exc))
    return _warning(text) if unreachable else _success()


def check_coverage(conf: cfg.ConfigOpts) -> upgradecheck.Result:
    """Check that every failure of the installed Cinder is covered."""
    if not compatibility.is_installed():
        return _success()
    try:
        missing = compatibility.read_uncovered()
    except OSError as exc:
        return _warning(f'The coverage of Cinder is not known: {exc}')
    if missing:
        return _warning('Failures of this Cinder that are not covered: ' +
                        '; '.join(missing))
    return _success()


def _success() -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.SUCCESS)


def _warning(text: str) -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.WARNING, text)


def _failure(text: str) -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.FAILURE, text)


CHECKS: dict[str, Check] = {
    'Database schema': check_database,
    'Configuration options': check_options,
    'Policy file': check_policy,
    'Spool': check_spool,
    'Message bus': check_transport,
    'Coverage of Cinder': check_coverage,
}
