#!/usr/bin/env bash
# Linux prints an empty entry of the SRAT as a range that ends before it starts, or as all addresses there are.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), QEMU 7.2 (Debian 1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       a guest of 4 GiB whose SRAT has two nodes, and two entries of length 0 besides: one of proximity domain 1 at
#             2 GiB, one of proximity domain 2 at address 0. ACPI allows both; firmware leaves such entries for slots.
# Guess       an entry without memory is left out of the log, or has the same address twice.
# Behaviour   `ACPI: SRAT: Node 1 PXM 1 [mem 0x80000000-0x7fffffff]` for the first, and `[mem 0x00000000-0xffffffffffffffff]`
#             for the second: the printed end is start + length - 1. Neither gives a node any memory, and NUMA is set up.
# A reader of logs must take `end + 1 == start`, the sum wrapping, as nothing: the second line is not all memory on node 2.
#
# Runs on amd64 with apt, dpkg-deb, gzip, python3 and Debian 12's sources; takes a minute or two. Exit status: 0 where
# all is as said, 1 where it is not, 2 where the packages cannot be had.
set -euo pipefail
kernel=linux-image-6.12.117+deb12-amd64=6.12.117-1~deb12u1
tools=(qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 busybox-static=1:1.35.0-4+deb12u1+b1)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# With an empty status apt fetches all that a package needs; nothing is installed.
mkdir -p archives/partial root initrd/bin initrd/proc
touch status
apt=(apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root
  -o Debug::NoLocking=true)
{ "${apt[@]}" -y --no-install-recommends --download-only install "${tools[@]}" && "${apt[@]}" download "$kernel"; } \
  >apt.log 2>&1 || { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in archives/*.deb ./*.deb; do dpkg-deb --extract "$deb" root; done

cp root/bin/busybox initrd/bin/
cat >initrd/init <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc none /proc
/bin/busybox dmesg
/bin/busybox poweroff -f
INIT
chmod +x initrd/init
pack() { (cd "$1" && find . | "$work/root/bin/busybox" cpio -o -H newc 2>/dev/null); }

# The initrd begins with an SRAT that replaces QEMU's (CONFIG_ACPI_TABLE_UPGRADE): the same names, a higher revision.
mkdir -p early/kernel/firmware/acpi
python3 - >early/kernel/firmware/acpi/SRAT.aml <<'PYTHON'
import struct, sys
entries = [
    (0, 0, 0x80000000, 1), (1, 0x80000000, 0, 1), (1, 0x80000000, 0x40000000, 1), (1, 0x100000000, 0x40000000, 1),
    (2, 0, 0, 1),
]
body = struct.pack("<IQ", 1, 0) + struct.pack("<BBBBIB3sI", 0, 16, 0, 0, 1, 0, bytes(3), 0)
for domain, base, length, flags in entries:
    body += struct.pack("<BBIHQQIIQ", 1, 40, domain, 0, base, length, 0, flags, 0)
names = (b"BOCHS ", b"BXPC    ", 0x7FFFFFFF, b"BXPC", 1)
table = bytearray(struct.pack("<4sIBB6s8sI4sI", b"SRAT", 36 + len(body), 1, 0, *names) + body)
table[9] = -sum(table) & 0xFF
sys.stdout.buffer.write(table)
PYTHON
{ pack early; pack initrd | gzip -1; } >initrd.gz

loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)
QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 900 "$loader" \
  --library-path "$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
  root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -L root/usr/share/seabios -nodefaults -display none \
  -no-reboot -accel tcg -machine pc -m 4G -object memory-backend-ram,id=ram,size=4G,reserve=off -numa node,memdev=ram,cpus=0 \
  -serial stdio -kernel root/boot/vmlinuz-* -initrd initrd.gz \
  -append "console=ttyS0 quiet panic=-1 no_timer_check log_buf_len=1M" </dev/null | tr -d '\r' >log

status=0
expect() { # COUNT TEXT
  local count
  count=$(grep -cF "$2" log || true)
  echo "$count x $2"
  if [ "$count" -ne "$1" ]; then
    echo "not as said: expected $1" >&2
    status=1
  fi
}
grep -oE '(ACPI: SRAT: Node|NUMA: |  node +[0-9]).*' log || true
expect 1 'SRAT: Node 1 PXM 1 [mem 0x80000000-0x7fffffff]'
expect 1 'SRAT: Node 2 PXM 2 [mem 0x00000000-0xffffffffffffffff]'
expect 1 '  node   0: [mem 0x0000000000100000-0x000000007fffffff]'
expect 1 '  node   1: [mem 0x0000000080000000-0x00000000bffdffff]'
expect 0 '  node   2: [mem'
exit $status
