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

"""Load the modules that import prometheus_client, an optional dependency."""

import importlib
import types
from typing import Any

from oslo_config import cfg

from cinder_messages import exception


def load(name: str, option: str) -> types.ModuleType:
    """Import a module of this package.

    :param option: the option of ``[metrics]`` that requires it, for the error
    :raises InvalidConfiguration: prometheus_client is not installed
    """
    try:
        return importlib.import_module(f'cinder_messages.metrics.{name}')
    except ImportError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[metrics] {option} needs prometheus_client ({exc}). '
                   "Run: pip install 'cinder-messages[metrics]', or unset it."
            ) from exc


def make_middleware(conf: cfg.ConfigOpts,
                    single_process: bool = False) -> Any:
    """Return the API's metrics middleware, or None without ``api_port``.

    :param single_process: keep the metrics in memory instead of sharing them
        with other processes
    :raises InvalidConfiguration: the port or the directory cannot be used
    """
    return (load('api', 'api_port').make_middleware(conf, single_process)
            if conf.metrics.api_port else None)


def prepare_writer_metrics(conf: cfg.ConfigOpts,
                           single_process: bool = False) -> Any:
    """Return what creates the metrics of a writer after the fork.

    None without ``writer_port``. Parameters and errors are those of
    :func:`make_middleware`.
    """
    return (load('writer', 'writer_port').prepare(conf, single_process)
            if conf.metrics.writer_port else None)
