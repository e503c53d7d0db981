#!/usr/bin/env bash
# memmap=exactmap does not give memblock exactly that map: the kernel adds the place that its own image lies at, and the log
# calls that `e820: remove`.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), QEMU 7.2 (Debian 1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       a guest of 4 GiB with memmap=exactmap and three ranges: 640 KiB at 0, 1 GiB at 1 GiB, 512 MiB at 4 GiB.
#             nokaslr puts the kernel image at 16 MiB, which is in none of them.
# Guess       memblock's memory is what `user-defined physical RAM map:` lists, minus what `e820: remove` lines take.
# Behaviour   the log says `e820: remove [mem 0x01000000-0x...] ` without a type, and memblock has just that range as memory:
#             e820_add_kernel_range() removes it and then adds it as RAM, and only the removal is printed.
# Who computes memory from an e820 table and its edits has to add what such a line removes.
#
# Runs on amd64 with apt, dpkg-deb, gzip and Debian 12's sources; takes a minute or two. Exit status: 0 where all is as
# said, 1 where it is not, 2 where the packages cannot be had.
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
(cd initrd && find . | ../root/bin/busybox cpio -o -H newc 2>/dev/null | gzip -1) >initrd.gz

loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)
QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 900 "$loader" \
  --library-path "$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
  root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -L root/usr/share/seabios -nodefaults -display none \
  -no-reboot -accel tcg -machine pc -m 4G -object memory-backend-ram,id=ram,size=4G,reserve=off -machine memory-backend=ram \
  -serial stdio -kernel root/boot/vmlinuz-* -initrd initrd.gz \
  -append "console=ttyS0 quiet panic=-1 no_timer_check log_buf_len=1M nokaslr memmap=exactmap memmap=640K@0 memmap=1G@1G memmap=512M@4G" </dev/null | tr -d '\r' >log

status=0
expect() { # TEXT, as a regular expression
  if ! grep -qE "$1" log; then
    echo "not as said: expected $1" >&2
    status=1
  fi
}
grep -oE '(user: |e820: (remove|update) |\.text \.data|  node +[0-9]).*' log || true
expect 'are not marked as E820_TYPE_RAM!'
removed=$(sed -n 's/.*e820: remove \[mem 0x0*\(1000000-0x[0-9a-f]*\)\] *$/\1/p' log)
echo "removed: $removed"
if [ -z "$removed" ] || grep -qE "user: \[mem 0x0*1000000-" log; then
  echo 'not as said: no removal of the kernel image, or the map has it' >&2
  status=1
fi
last=${removed#*-0x}
expect "  node   0: \[mem 0x0000000001000000-0x0*${last#"${last%%[!0]*}"}\]"
exit $status
