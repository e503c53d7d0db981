#!/usr/bin/env bash
# What reads /dev/kmsg may leave the kernel's escapes as they are: the tabs of a memblock=debug dump become `\x09`, and blanks
# before a message are lost.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), toybox 0.8.9 (Debian 0.8.9+dfsg-1), busybox 1.35.0 (Debian
#             1:1.35.0-4+deb12u1+b1), rsyslog 8.2302.0 (Debian 8.2302.0-1+deb12u2), QEMU 7.2 (Debian
#             1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       a guest that boots with memblock=debug, whose dump has a tab behind each index: ` memory[0x0]<tab>[0x...-0x...]`.
#             Its log is read by the dmesg of busybox and of toybox, by rsyslog's imkmsg, and by rsyslog's imklog.
# Guess       each dmesg prints the tab. rsyslog writes `#011`, its own escape for one, whichever module reads the kernel.
# Behaviour   busybox and imklog, which read by syslog(2) and /proc/kmsg, have the tab. toybox and imkmsg, which read /dev/kmsg,
#             have `memory[0x0]\x09[0x...`: the kernel escapes there what is not printable, and they do not undo it. toybox
#             drops the blanks that a message begins with, imkmsg one of them, and the kernel's time; and imkmsg lacks the
#             first message, `Linux version`.
# Who reads the dump has to take `\x09` for the tab, or finds no memory in the best source that a boot log has; and must not
# look for lines by the blanks before them.
#
# Runs on amd64 with apt, dpkg-deb, gzip and Debian 12's sources; takes a minute or two. Exit status: 0 where all is as
# said, 1 where it is not, 2 where the packages cannot be had.
set -euo pipefail
kernel=linux-image-6.12.117+deb12-amd64=6.12.117-1~deb12u1
tools=(qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 busybox-static=1:1.35.0-4+deb12u1+b1 toybox=0.8.9+dfsg-1
  rsyslog=8.2302.0-1+deb12u2)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# With an empty status apt fetches all that a package needs; nothing is installed.
mkdir -p archives/partial root initrd/{bin,dev,lib/rsyslog,proc,tmp}
touch status
apt=(apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root
  -o Debug::NoLocking=true)
{ "${apt[@]}" -y --no-install-recommends --download-only install "${tools[@]}" && "${apt[@]}" download "$kernel"; } \
  >apt.log 2>&1 || { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in archives/*.deb ./*.deb; do dpkg-deb --extract "$deb" root; done
loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)
libraries=$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu

plugins=root/usr/lib/x86_64-linux-gnu/rsyslog
cp root/bin/busybox root/bin/toybox root/usr/sbin/rsyslogd initrd/bin/
cp $plugins/{imklog,imkmsg,lmnet}.so initrd/lib/rsyslog/
cp -L "$loader" initrd/lib/loader
for file in root/bin/toybox root/usr/sbin/rsyslogd $plugins/{imklog,imkmsg,lmnet}.so; do
  "$loader" --library-path "$libraries" --list "$file" | grep -oE '/[^ ]+\.so[^ ]*' | grep -F "$work"
done | sort -u | xargs -I{} cp -L {} initrd/lib/
cat >initrd/init <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /sbin /usr/bin
/bin/busybox --install -s /sbin
PATH=/sbin
mount -t proc none /proc
mount -t devtmpfs none /dev
show() { # NAME: what standard input has of memory
  grep -E 'Linux version|memory\[0x|memory\.cnt|node   0: ' | cut -c1-160 | sed "s/^/$1: /"
}
# Each module of rsyslog in a process of its own, until the last line about memory is in its file.
rsyslog() { # MODULE
  printf 'module(load="%s")\nkern.* /tmp/%s.log\n' $1 $1 >/tmp/$1.conf
  /lib/loader --library-path /lib /bin/rsyslogd -n -f /tmp/$1.conf -i /tmp/$1.pid -M /lib/rsyslog &
  for second in $(seq 60); do
    sleep 1
    grep -q 'Freeing unused kernel image' /tmp/$1.log 2>/dev/null && break
  done
  kill $!
  wait $!
  show $1 </tmp/$1.log
}
busybox dmesg | show busybox
/lib/loader --library-path /lib /bin/toybox dmesg | show toybox
rsyslog imkmsg
rsyslog imklog
poweroff -f
INIT
chmod +x initrd/init
(cd initrd && find . | ../root/bin/busybox cpio -o -H newc 2>/dev/null | gzip -1) >initrd.gz

QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 900 "$loader" --library-path "$libraries" \
  root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -L root/usr/share/seabios -nodefaults -display none \
  -no-reboot -accel tcg -machine pc -m 2G -object memory-backend-ram,id=ram,size=2G,reserve=off \
  -numa node,memdev=ram,cpus=0 -serial stdio -kernel root/boot/vmlinuz-* -initrd initrd.gz \
  -append 'console=ttyS0 quiet panic=-1 no_timer_check log_buf_len=1M memblock=debug' </dev/null | tr -d '\r' >log

status=0
expect() { # NAME REGEX: of the rest of a line
  if ! grep -qP "^$1: $2" log; then
    echo "not as said: $1 has no $2" >&2
    status=1
  fi
}
for name in busybox toybox imkmsg imklog; do
  grep -E "^$name: .*(memory\[0x0\]|node   0)" log | uniq | head -3 || true
done
dump='0x0000000000001000-0x000000000009efff\]'
expect busybox "\[    0\.000000\]  memory\[0x0\]\t\[$dump"
expect toybox "\[    0\.000000\] memory\[0x0\]\\\\x09\[$dump"
expect imkmsg "\S+ \S+ kernel: memory\[0x0\]\\\\x09\[$dump"
expect imklog "\S+ \S+ kernel: \[    0\.000000\]  memory\[0x0\]\t\[$dump"
expect toybox '\[    0\.000000\] node   0: \[mem '
expect imkmsg '\S+ \S+ kernel:  node   0: \[mem '
expect imklog '\S+ \S+ kernel: \[    0\.000000\] Linux version'
if grep -qE '^imkmsg: .*Linux version' log; then
  echo 'not as said: imkmsg has the first message' >&2
  status=1
fi
exit $status
