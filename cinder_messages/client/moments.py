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

"""Parse and print points in time and durations."""

import datetime
import re

_UNITS = {'s': 'seconds', 'm': 'minutes', 'h': 'hours', 'd': 'days',
          'w': 'weeks'}
_DURATION = re.compile(r'(?:[0-9]{1,9}[smhdw])+')
_PART = re.compile(r'([0-9]+)([smhdw])')
_AGES = ((86400, 'day'), (3600, 'hour'), (60, 'minute'))

FORMAT = '%Y-%m-%d %H:%M:%S'


class InvalidTime(ValueError):
    """A text is neither a duration nor a time."""


def utcnow() -> datetime.datetime:
    """Return the current time in UTC, without a time zone."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def parse_since(text: str, now: datetime.datetime) -> datetime.datetime:
    """Return the moment that a duration or a time stands for.

    :param text: ``90m``, ``12h``, ``1d12h`` or ``2w`` before ``now``; or an
        ISO 8601 time, in UTC unless it has an offset
    :param now: the current time in UTC
    :raises InvalidTime: with a sentence for the user
    """
    try:
        if _DURATION.fullmatch(text):
            return now - sum(
                (datetime.timedelta(**{_UNITS[unit]: int(number)})
                 for number, unit in _PART.findall(text)),
                datetime.timedelta())
        moment = parse_time(text)
    except (ValueError, OverflowError):
        raise InvalidTime(
            f'{text!r} is neither a duration such as 90m, 12h or 7d nor a '
            'time such as 2026-11-24T08:00.') from None
    if moment > now:
        raise InvalidTime(f'{text!r} is in the future: it is '
                          f'{print_time(now)} now.')
    return moment


def parse_time(text: str) -> datetime.datetime:
    """Return an ISO 8601 time as UTC without a time zone.

    :raises ValueError: if it is no such time
    """
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment


def print_time(moment: datetime.datetime | None) -> str:
    """Return a time in UTC for people; an unknown one is ``-``."""
    return moment.strftime(FORMAT) + ' UTC' if moment else '-'


def print_age(moment: datetime.datetime, now: datetime.datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    seconds = (now - moment).total_seconds()
    for size, unit in _AGES:
        if seconds >= size:
            count = int(seconds // size)
            return f'{count} {unit}{"s" if count > 1 else ""} ago'
    return 'just now'
