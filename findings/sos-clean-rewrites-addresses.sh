#!/usr/bin/env bash
# `sos clean` replaces the host's short name inside other words and inside addresses: a log of a host `c0` loses its ranges, one
# of a host `tdx` all that TDX said.
#
# Versions    sos 4.0 (Debian 4.0-2)
# Input       two sosreports, alike but for the host's name, `c0` (a rack's third row) and `tdx`: dmesg with two e820 ranges
#             and a line of TDX, and /proc/iomem.
# Guess       the name is replaced where it stands as a word. So nothing of this changes on `c0`, and on `tdx` perhaps the
#             `tdx` of `virt/tdx:`.
# Behaviour   on `c0` `0x000000c07fffffff` becomes `0x000000host07fffffff`, in /proc/iomem, too: `host0` takes the place of
#             two digits. On `tdx` `virt/tdx: module initialized` becomes `virt/host0: module initialized`. Both end with 0.
# Who plans from cleaned archives must not pass over ranges that cannot be read, nor take a log without `virt/tdx:` for one
# of a kernel without TDX. What was replaced by what is in the private map beside the archive.
#
# Runs on amd64 with apt, dpkg-deb, python3 and Debian 12's sources; takes some seconds. Exit status: 0 where all is as said,
# 1 where it is not, 2 where the packages cannot be had.
set -euo pipefail
packages=(sosreport=4.0-2 python3-pexpect=4.8.0-4 python3-ptyprocess=0.7.0-5)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}" >apt.log 2>&1 ||
  { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in ./*.deb; do dpkg-deb --extract "$deb" root; done

status=0
expect() { # FILE TEXT
  if ! grep -qF -- "$2" "$1"; then
    echo "not as said: expected $2" >&2
    status=1
  fi
}

cleaned() { # NAME: the archive's folder, in the place of what sos says
  local archive=$1/sosreport-$1-2026-11-29-abcdefg
  mkdir -p "$archive"/{proc,sos_logs,sos_reports,sos_commands/{host,kernel}} cleaned
  echo "$1" | tee "$archive/hostname" >"$archive/sos_commands/host/hostname"
  echo '{}' >"$archive/sos_reports/manifest.json"
  echo '100000000-c07fffffff : System RAM' >"$archive/proc/iomem"
  cat >"$archive/sos_commands/kernel/dmesg" <<'LOG'
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000007ffdffff] usable
[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000c07fffffff] usable
[   12.000000] virt/tdx: module initialized
LOG
  HOME=$work PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$work/root/usr/lib/python3/dist-packages python3 -S root/usr/bin/sos clean \
    --batch --no-update --map map --config-file root/etc/sos/sos.conf --tmp-dir cleaned "$archive" \
    >"$1.log" 2>&1 || { cat "$1.log" >&2; echo "not as said: sos ended with an error" >&2; exit 1; }
  # sos replaces the name in the path of its output, too: a relative one has none.
  mv cleaned/sosreport-host0-2026-11-29-abcdefg "$1-plain"
  echo "host $1:"
  cat "$1-plain/proc/iomem" "$1-plain/sos_commands/kernel/dmesg"
}

cleaned c0
expect c0-plain/proc/iomem '100000000-host07fffffff : System RAM'
expect c0-plain/sos_commands/kernel/dmesg '[mem 0x0000000100000000-0x000000host07fffffff] usable'
expect c0-plain/sos_commands/kernel/dmesg 'virt/tdx: module initialized'
cleaned tdx
expect tdx-plain/proc/iomem '100000000-c07fffffff : System RAM'
expect tdx-plain/sos_commands/kernel/dmesg '[mem 0x0000000100000000-0x000000c07fffffff] usable'
expect tdx-plain/sos_commands/kernel/dmesg 'virt/host0: module initialized'
exit $status
