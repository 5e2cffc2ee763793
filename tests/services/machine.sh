#!/usr/bin/env bash
# Become a machine of its own: machine.sh NAME SPACE [LAYER ...] -- COMMAND ...
# In new namespaces, run COMMAND as their first process on the file system of
# this machine, below the layers, what it changes going to SPACE/NAME.
set -euo pipefail
name=$1
space=$2
if [ "${cgroup:-}" != "$name" ]; then
    # NOTE: what is below it is all that the machine sees, and may end.
    mkdir -p "$space/cgroup"
    mount -n -t cgroup2 cgroup2 "$space/cgroup"
    mkdir -p "$space/cgroup/${space##*/}/$name"
    echo $$ > "$space/cgroup/${space##*/}/$name/cgroup.procs"
    cgroup=$name exec unshare --cgroup "$0" "$@"
fi
shift 2
lower=/
while [ "$1" != -- ]; do
    lower=$space/$1:$lower
    shift
done
shift

root=$space/$name.root
mkdir -p "$space/$name" "$space/$name.work" "$root"
mount -n -t overlay overlay -o \
    "lowerdir=$lower,upperdir=$space/$name,workdir=$space/$name.work" "$root"
cd "$root"
mount -n -t tmpfs tmpfs run
mount -n -t tmpfs tmpfs tmp
mount -n -t proc proc proc
# NOTE: what the kernel is told here, this machine's kernel is told.
mount -n --bind proc/sys proc/sys
mount -n -o remount,bind,ro proc/sys
mount -n -t sysfs -o ro sysfs sys
mount -n -t cgroup2 cgroup2 sys/fs/cgroup
mount -n -t tmpfs -o mode=755 tmpfs dev
for node in full null random tty urandom zero; do
    touch "dev/$node"
    mount -n --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm run/old
mount -n -t tmpfs tmpfs dev/shm
mount -n -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
echo "$name" > etc/hostname
echo "127.0.0.1 localhost $name" > etc/hosts
pivot_root . run/old
umount -n -l /run/old
rmdir /run/old
export container=other
unset cgroup
exec "$@"
