#!/usr/bin/env bash
# The columns that lsmem is asked for decide what its rows are: without NODE, blocks of several nodes are one row. And of a
# block that is offline, the table leaves REMOVABLE empty, where JSON says false, whatever the kernel says.
#
# Versions    util-linux 2.38.1 (Debian 2.38.1-5+deb12u3)
# Input       a copy of /sys/devices/system/memory (lsmem --sysroot): blocks of 2 GiB, 2 to 5 in a row; 2 and 3 of node 0,
#             4 and 5 of node 1; all are removable, 5 is offline.
# Guess       a column only shows or hides what the rows have: `lsmem --output RANGE` lists as many rows as
#             `lsmem --output RANGE,NODE`; REMOVABLE is what memory5/removable holds, or null where lsmem does not know.
# Behaviour   --output RANGE has one row over both nodes, RANGE,NODE two. The row of block 5 has four cells under five
#             headings, and JSON has "removable": false.
# Who reads rows of lsmem must not count cells: one in the middle may be missing, and only its place tells which. And a row
# without NODE need not lie in one node.
#
# Runs on amd64 with apt, dpkg-deb and Debian 12's sources. Exit status: 0 where all is as said, 1 where it is not, 2 where
# the package cannot be had.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download util-linux=2.38.1-5+deb12u3 >apt.log 2>&1 ||
  { cat apt.log >&2; echo 'the package cannot be had' >&2; exit 2; }
dpkg-deb --extract ./util-linux_*.deb root

memory=sys/devices/system/memory
mkdir -p "$memory" sys/devices/system/node/node{0,1}
echo 80000000 >"$memory/block_size_bytes"
for block in 2 3 4 5; do
  folder=$memory/memory$block
  mkdir "$folder"
  echo online >"$folder/state"
  echo 1 >"$folder/removable"
  echo 0 >"$folder/phys_device"
  printf '%08x\n' "$block" >"$folder/phys_index"
  echo Normal >"$folder/valid_zones"
  ln -s "../../node/node$((block / 4))" "$folder/node$((block / 4))"
done

fail() { echo "not as said: $*" >&2; exit 1; }
lsmem() { root/usr/bin/lsmem --sysroot "$work" --summary=never "$@"; }

[ "$(lsmem --noheadings --output RANGE)" = 0x0000000100000000-0x00000002ffffffff ] || fail 'one row over two nodes'
[ "$(lsmem --noheadings --output RANGE,NODE | wc -l)" = 2 ] || fail 'a row a node'

echo offline >"$memory/memory5/state"
row=$(lsmem | grep offline)
[ "$(wc -w <<<"$row")" = 4 ] || fail "four cells: $row"
lsmem --json | tr -d ' \n' | grep -q '"state":"offline","removable":false,"block":"5"' || fail 'JSON says false'

lsmem --version
lsmem --output RANGE
lsmem
