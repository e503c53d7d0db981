#!/usr/bin/env bash
# The two ways of kexec hand different memory to the second kernel: with -c memory that was hot-plugged is in its e820 table,
# with -s it is not.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), kexec-tools 2.0.25 (Debian 1:2.0.25-3+deb12u3), QEMU 7.2 (Debian
#             1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       a guest of 2 GiB with a DIMM of 1 GiB, which its kernel adds and brings online, starts the same kernel by kexec
#             -s (kexec_file_load) or kexec -c (kexec_load).
# Guess       kexec passes on the firmware's map as the first kernel has it in `BIOS-e820`, both ways; the second kernel
#             adds the DIMM by ACPI again, after early boot.
# Behaviour   so it is with -s. With -c kexec takes its ranges from /sys/firmware/memmap, where Linux notes hot-plugged memory,
#             too: the second kernel prints the DIMM as `BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable` and
#             among the early node ranges, as if it had been there at power-on. /proc/iomem is the same in all of them.
# Who computes the second kernel's memory from the first one's e820 table, or a machine's from a log after kexec, has to know
# which way it was: after -c the log shows what firmware never reported, after -s memory is missing from it that the second
# kernel has all the same.
#
# Runs on amd64 with apt, dpkg-deb, gzip and Debian 12's sources; takes two minutes or so. Exit status: 0 where all is as
# said, 1 where it is not, 2 where the packages cannot be had.
set -euo pipefail
kernel=linux-image-6.12.117+deb12-amd64=6.12.117-1~deb12u1
tools=(qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 busybox-static=1:1.35.0-4+deb12u1+b1 kexec-tools=1:2.0.25-3+deb12u3)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# With an empty status apt fetches all that a package needs; nothing is installed.
mkdir -p archives/partial root first/{bin,dev,lib,proc,sys} second/{bin,proc}
touch status
apt=(apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root
  -o Debug::NoLocking=true)
{ "${apt[@]}" -y --no-install-recommends --download-only install "${tools[@]}" && "${apt[@]}" download "$kernel"; } \
  >apt.log 2>&1 || { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in archives/*.deb ./*.deb; do dpkg-deb --extract "$deb" root; done
loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)
libraries=$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu
pack() { (cd "$1" && find . | "$work/root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1); }

# Both kernels say what memory they have; the first one starts the second.
cat >say <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
PATH=/bin
mount -t proc none /proc
sleep 2
dmesg | grep -oE '(BIOS-e820:|  node   0:) .*'
grep 'System RAM' /proc/iomem
INIT
cp root/bin/busybox second/bin/
{ cat say; echo 'poweroff -f'; } >second/init
chmod +x second/init
cp root/bin/busybox root/sbin/kexec first/bin/
cp -L "$loader" first/lib/loader
"$loader" --library-path "$libraries" --list root/sbin/kexec | grep -oE '/[^ ]+\.so[^ ]*' | grep -F "$work" | xargs -I{} cp -L {} first/lib/
cp root/boot/vmlinuz-* first/vmlinuz
pack second >first/second.gz
{
  cat say
  cat <<'INIT'
mount -t sysfs none /sys
way=$(sed -n 's/.*way=\([cs]\).*/\1/p' /proc/cmdline)
echo "@@@ kexec -$way"
/lib/loader --library-path /lib /bin/kexec -$way -l /vmlinuz --initrd=/second.gz \
  --append='console=ttyS0 quiet panic=-1 no_timer_check'
/lib/loader --library-path /lib /bin/kexec -e
poweroff -f
INIT
} >first/init
chmod +x first/init
pack first >first.gz

boot() { # WAY
  QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 900 "$loader" --library-path "$libraries" \
    root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -L root/usr/share/seabios -nodefaults -display none \
    -no-reboot -accel tcg -machine pc -m 2G,slots=1,maxmem=8G -object memory-backend-ram,id=ram,size=2G,reserve=off \
    -machine memory-backend=ram -object memory-backend-ram,id=more,size=1G,reserve=off -device pc-dimm,memdev=more \
    -serial stdio -kernel root/boot/vmlinuz-* -initrd first.gz \
    -append "console=ttyS0 quiet panic=-1 no_timer_check way=$1" </dev/null | tr -d '\r'
}

status=0
expect() { # COUNT LOG TEXT
  if [ "$(grep -cF "$3" "$2" || true)" -ne "$1" ]; then
    echo "not as said: $2: expected $1 x $3" >&2
    status=1
  fi
}
for way in s c; do
  boot $way >$way.log
  sed '/^@@@ kexec/,$d' $way.log >$way.first
  sed '1,/^@@@ kexec/d' $way.log >$way.second
  echo "the second kernel after kexec -$way:"
  grep -E 'usable|node|RAM' $way.second || true
  # In each kernel the DIMM is memory, and firmware has not told the first one of it.
  for log in $way.first $way.second; do expect 1 $log '100000000-13fffffff : System RAM'; done
  expect 0 $way.first '[mem 0x0000000100000000-'
done
expect 0 s.second '[mem 0x0000000100000000-'
expect 1 c.second 'BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable'
expect 1 c.second '  node   0: [mem 0x0000000100000000-0x000000013fffffff]'
exit $status
