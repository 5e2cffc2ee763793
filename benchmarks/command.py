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

"""The command line of a benchmark, and that it ends what it has started."""

import argparse
import signal
import sys


def make_parser(doc, backends=()):
    """Make a parser that prints the text unwrapped.

    From now on SIGTERM raises SystemExit, so that all started processes end
    with the benchmark.

    :param backends: the databases that one can choose from; with
        :func:`backends_of`
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    if backends:
        parser.add_argument(
            '--backend', choices=tuple(backends), action='append',
            dest='backends',
            help='only this database; can be given again (default: each)')
        parser.set_defaults(all_backends=tuple(backends))
    return parser


def backends_of(args):
    """Return the databases that the options name."""
    return args.backends or args.all_backends
