#!/usr/bin/env bash
# numa=fake=8 makes seven nodes of two real ones, and numbers them in turns over the real ones.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), QEMU 7.2 (Debian 1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       a guest with a node of 40 GiB and one of 26 GiB, and numa=fake=8.
# Guess       eight nodes: four of each real one, numbered by address.
# Behaviour   seven: nodes 0, 2, 4 and 6 of the first real node, 1, 3 and 5 of the second.
#             `Faking node` lines come by number, `Early memory node ranges` by address: 0 2 4 6 1 3 5.
# Who reads nodes from a log must neither count on the number in numa=fake= nor on nodes that ascend with addresses.
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
  -no-reboot -accel tcg -machine pc -m 66G -object memory-backend-ram,id=r0,size=40G,reserve=off \
  -numa node,memdev=r0,cpus=0 -object memory-backend-ram,id=r1,size=26G,reserve=off -numa node,memdev=r1 \
  -serial stdio -kernel root/boot/vmlinuz-* -initrd initrd.gz \
  -append "console=ttyS0 quiet panic=-1 no_timer_check log_buf_len=1M numa=fake=8" </dev/null | tr -d '\r' >log

status=0
expect() { # COUNT TEXT, as a regular expression
  local count
  count=$(grep -cE "$2" log || true)
  if [ "$count" -ne "$1" ]; then
    echo "not as said: $count x '$2', expected $1" >&2
    status=1
  fi
}
grep -oE '(Faking node|  node +[0-9]+: ).*' log || true
expect 7 'Faking node [0-9]+ at'
expect 0 'Faking node 7 at'
nodes=$(sed -n '/Early memory node ranges/,$s/.*  node *\([0-9]*\): \[mem.*/\1/p' log | uniq | tr '\n' ' ')
echo "by address: $nodes"
if [ "$nodes" != '0 2 4 6 1 3 5 ' ]; then
  echo 'not as said: expected 0 2 4 6 1 3 5' >&2
  status=1
fi
exit $status
